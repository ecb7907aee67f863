// Where the rooms that the page shares take their schemas from. zod compiles checks with `new Function` where it can; the
// page's policy lets no text become code and would report each try, so there the checks are walked instead.

import { z } from 'zod';

z.config({ jitless: 'trustedTypes' in globalThis });

export { z };
