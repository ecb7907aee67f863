// Electron's `original-fs`: Node's file system without the patch.

import { originalFs } from './asar-fs.ts';

export default originalFs;
