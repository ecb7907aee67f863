// Prints the browser that the app itself would open, for build/ready.mjs, which any Node must be able to read.

import { findBrowser } from '../browser/find-browser.ts';

process.stdout.write(findBrowser(process.env, process.platform) ?? '');
