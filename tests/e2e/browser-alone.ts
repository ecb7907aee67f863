// What Chromium itself takes for a folder of many files, so that a test or a bench can tell its time from ours.

import type { Instance } from './instance.ts';

/**
 * What the browser alone takes here and now, in one page that does nothing else: Chromium asks the disk for the size of each
 * picked file while the page waits, and hands all of them to a Worker in one call. A busy machine is slow at both, as at the rest.
 */
export async function browserAlone(
  { page }: Instance,
  folder: string,
): Promise<{ sizesMs: number; handingMs: number }> {
  const input = await page.evaluateHandle(() => {
    const element = document.createElement('input');
    Object.assign(element, { type: 'file', webkitdirectory: true });
    document.body.append(element);
    return element;
  });
  await input.setInputFiles(folder);
  return input.evaluate(({ files }) => {
    const from = performance.now();
    let bytes = 0;
    for (const file of files!) bytes += file.size;
    const askedMs = performance.now();
    structuredClone([...files!].map((file) => ({ path: file.webkitRelativePath.split('/'), file })));
    const handedMs = performance.now();
    return { sizesMs: bytes > 0 ? Math.round(askedMs - from) : 0, handingMs: Math.round(handedMs - askedMs) };
  });
}
