// A camera that cannot be used, in a real Chromium: it refuses by itself, or its device fails as one that another program holds. What to
// do instead is in view.

import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeFakeCamera } from '../pictures/fake-camera.ts';
import { type Instance, startInstance, stopAll, temporaryFolder } from './instance.ts';

const sizes = [
  { width: 1080, height: 640 },
  { width: 380, height: 640 },
  // Twice the zoom.
  { width: 540, height: 320 },
];

let anna: Instance;

afterEach(async (context) => {
  expect(await stopAll([anna], context)).toEqual([]);
});

async function expectRefused(code: string): Promise<void> {
  for (const size of sizes) {
    await anna.page.setViewportSize(size);
    await anna.at('scan-camera').click();
    const fault = anna.page.getByTestId('scan-fault');
    await fault.waitFor();
    expect(await fault.getAttribute('data-code')).toBe(code);
    for (const handle of ['scan-fault', 'scan-camera', 'code-input', 'code-submit'] as const) {
      const box = await anna.at(handle).evaluate((element) => {
        const { bottom, top } = element.getBoundingClientRect();
        return { bottom, top };
      });
      expect(box.top, `${handle} at ${size.width}`).toBeGreaterThanOrEqual(0);
      expect(box.bottom, `${handle} at ${size.width}`).toBeLessThanOrEqual(size.height);
    }
    await anna.at('scan-camera').click();
    await anna.page.getByTestId('scan').waitFor({ state: 'detached' });
  }
}

describe('a camera', () => {
  it('that Chromium does not allow leaves the place to paste in view', async () => {
    anna = await startInstance({
      name: 'anna',
      browserFlags: ['--deny-permission-prompts', '--use-fake-device-for-media-stream'],
    });
    await expectRefused('camera-denied');
  });

  it('that gives no picture leaves the place to paste in view', async () => {
    const film = path.join(temporaryFolder('camera'), 'camera.y4m');
    writeFakeCamera(film, 'nothing of ours');
    anna = await startInstance({
      name: 'anna',
      browserFlags: [
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ],
      // As Chromium answers for a device that another program holds.
      preparePage: (page) =>
        page.addInitScript(() => {
          navigator.mediaDevices.getUserMedia = () =>
            Promise.reject(new DOMException('Could not start video source', 'NotReadableError'));
        }),
    });
    await expectRefused('camera-busy');
  });
});
