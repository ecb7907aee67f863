// The browser that tests, benches and pictures drive: the one that CHROMIUM names, or the one that the app itself would open.

import { findBrowser } from '../browser/find-browser.ts';

export const chromiumPath = process.env.CHROMIUM ?? findBrowser(process.env, process.platform) ?? 'chromium';
