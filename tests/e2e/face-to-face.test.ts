// Two laptops held face to face: each camera sees the other screen, whole, as it changes. Nobody clicks once the cameras
// are on, and nobody compares digits.

import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openNetwork, whyNoNamespaces } from '../net/namespaces.ts';
import { type LiveCamera, openLiveCamera } from '../pictures/fake-camera.ts';
import { type Instance, startInstance, temporaryFolder } from './instance.ts';
import { codeOf } from './pairing.ts';

type Laptop = { readonly instance: Instance; readonly camera: LiveCamera };

/** How often a camera looks anew at the other screen. */
const lookEveryMs = 150;

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: face to face on one network (${reason})`);

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openLaptop(name: string, namespace: string | undefined): Promise<Laptop> {
  const folder = temporaryFolder(name);
  const film = path.join(folder, 'camera.y4m');
  const camera = openLiveCamera(film);
  closing.push(() => camera.close());
  const instance = await startInstance({
    name,
    folder,
    ...(namespace === undefined ? {} : { namespace }),
    browserFlags: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  });
  closing.push(async () => {
    await instance.stop();
    expect(instance.complaints).toEqual([]);
  });
  return { instance, camera };
}

/** Until the returned function is called, `camera` sees the screen of `other` as it is. */
function holdBefore(camera: LiveCamera, other: Instance): () => Promise<void> {
  let isHeld = true;
  const holding = (async () => {
    while (isHeld) {
      camera.look(await other.page.screenshot());
      await pause(lookEveryMs);
    }
  })();
  return async () => {
    isHeld = false;
    await holding;
  };
}

async function faceToFace(namespaces: readonly string[] = []): Promise<readonly [Instance, Instance]> {
  const [anna, ben] = await Promise.all([openLaptop('anna', namespaces[0]), openLaptop('ben', namespaces[1])]);
  await Promise.all([anna, ben].map(({ instance }) => codeOf(instance, 'invite')));
  await Promise.all([anna, ben].map(({ instance }) => instance.at('scan-camera').click()));
  const startedMs = performance.now();
  const releases = [holdBefore(anna.camera, ben.instance), holdBefore(ben.camera, anna.instance)];
  await Promise.all([anna, ben].map(({ instance }) => instance.session('linked', 60_000)));
  console.log(`face to face: linked after ${Math.round(performance.now() - startedMs)} ms`);
  await Promise.all(releases.map((release) => release()));
  return [anna.instance, ben.instance];
}

async function expectTrustedByCamera(instance: Instance): Promise<void> {
  await instance.page.locator('[data-testid="trust"][data-checked="camera"]').waitFor();
  expect(await instance.at('verify-match').count()).toBe(0);
  expect(await instance.at('scan').count()).toBe(0);
}

describe('two cameras face to face', () => {
  it('link with no click, ask for no digits, and the files that waited are offered', async () => {
    const [anna, ben] = await faceToFace();
    await Promise.all([anna, ben].map(expectTrustedByCamera));
    await anna
      .at('file-input')
      .setInputFiles([{ name: 'hello.txt', mimeType: 'text/plain', buffer: Buffer.from('hi') }]);
    await ben.at('offer').waitFor();
  });

  it.skipIf(reason !== undefined)(
    'do so too where replies travel over the network: a camera that looks is given the time to see',
    async () => {
      const network = openNetwork({ firewalls: false });
      closing.push(() => network.close());
      const [anna, ben] = await faceToFace([network.name('a'), network.name('b')]);
      await Promise.all([anna, ben].map(expectTrustedByCamera));
    },
  );
});
