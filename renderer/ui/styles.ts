// The order of the style sheets, in one place.

import '@fontsource-variable/inter/wght.css';
import './theme.css';
import './base.css';
import './frame.css';
import './pairing.css';
import './linked.css';
import './panels.css';
