// What people do with an open link: folders, choices, pausing, both ways at once, words. Two hosts, two Chromiums.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest';
import { type Instance, startInstance, temporaryFolder } from './instance.ts';
import { link, rows, sha256Of, treeOf, waitForState } from './pairing.ts';

let anna: Instance;
let ben: Instance;

beforeAll(async () => {
  [anna, ben] = await Promise.all([startInstance({ name: 'anna' }), startInstance({ name: 'ben' })]);
  await link(anna, ben);
});

/** What a failed test left would be taken for the offer of the next one. */
afterEach(async () => {
  for (const side of [anna, ben]) {
    while (await side.at('decline').isVisible()) await side.at('decline').click();
  }
});

afterAll(async () => {
  const complaints = [...anna.complaints, ...ben.complaints];
  await Promise.all([anna.stop(), ben.stop()]);
  expect(complaints).toEqual([]);
});

function pictures(title: string): void {
  onTestFailed(async () => {
    await Promise.all([anna.screenshot(title), ben.screenshot(title)]);
  });
}

/** Sends, and answers with the id that both rows carry, once the other side shows the offer. */
async function offered(paths: string | string[], from = anna, to = ben): Promise<string> {
  const idsOf = () => rows(from, 'send').evaluateAll((all) => all.map(({ dataset }) => [dataset.id, dataset.state]));
  const before = new Set((await idsOf()).map(([id]) => id));
  await from.at('file-input').setInputFiles(paths);
  let added: (string | undefined)[] | undefined;
  await expect
    .poll(async () => {
      added = (await idsOf()).find(([id]) => !before.has(id));
      return added?.[1];
    })
    .toBe('offered');
  await to.at('offer').waitFor();
  return added?.[0] ?? '';
}

function row(instance: Instance, id: string) {
  return instance.page.locator(`[data-testid="transfer"][data-id="${id}"]`);
}

async function inState(instance: Instance, id: string, state: string, timeout = 30_000): Promise<void> {
  await instance.page.locator(`[data-testid="transfer"][data-id="${id}"][data-state="${state}"]`).waitFor({ timeout });
}

function file(name: string, bytes: Uint8Array | string): string {
  const full = path.join(temporaryFolder('source'), name);
  writeFileSync(full, bytes);
  return full;
}

describe('a folder', () => {
  it('arrives with its structure, empty files and times', async () => {
    pictures('folder');
    const folder = path.join(temporaryFolder('source'), 'album');
    mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(path.join(folder, 'a', 'b', 'deep.txt'), 'deep');
    writeFileSync(path.join(folder, 'a', 'zero'), '');
    for (let at = 0; at < 300; at += 1) writeFileSync(path.join(folder, `${at}.dat`), randomBytes(1000 + at));
    const then = new Date('2020-02-03T04:05:06Z');
    utimesSync(path.join(folder, 'a', 'b', 'deep.txt'), then, then);

    await anna.at('folder-input').setInputFiles(folder);
    await ben.at('accept').click();
    await waitForState(ben, 'receive', 'done');
    await waitForState(anna, 'send', 'done');

    const got = path.join(ben.downloadDir, 'album');
    expect((await treeOf(got)).length).toBe(304);
    expect(await sha256Of(path.join(got, '299.dat'))).toBe(await sha256Of(path.join(folder, '299.dat')));
    expect(statSync(path.join(got, 'a', 'zero')).size).toBe(0);
    expect(statSync(path.join(got, 'a', 'b', 'deep.txt')).mtimeMs).toBe(then.getTime());
  });

  it('brings only the files that were ticked', async () => {
    pictures('ticked');
    const folder = temporaryFolder('source');
    for (const name of ['keep.txt', 'leave.txt']) writeFileSync(path.join(folder, name), name);
    const id = await offered([path.join(folder, 'keep.txt'), path.join(folder, 'leave.txt')]);
    await ben.at('offer-file').filter({ hasText: 'leave.txt' }).getByRole('checkbox').click();
    await ben.at('accept').click();
    await Promise.all([inState(ben, id, 'done'), inState(anna, id, 'done')]);
    expect(existsSync(path.join(ben.downloadDir, 'keep.txt'))).toBe(true);
    expect(existsSync(path.join(ben.downloadDir, 'leave.txt'))).toBe(false);
    expect(await row(anna, id).getAttribute('data-bytes-total')).toBe('8');
  });
});

describe('nine files of which one has a name that cannot be sent', () => {
  it('go without that one, which both screens tell of and the sender’s names', async () => {
    pictures('left-out');
    const names = ['a:b?c.txt', ...Array.from({ length: 8 }, (_, at) => `nine ${at}.txt`)];
    const folder = temporaryFolder('source');
    for (const name of names) writeFileSync(path.join(folder, name), name);
    const id = await offered(names.map((name) => path.join(folder, name)));
    expect(await row(anna, id).getByTestId('file-fault').allInnerTexts()).toEqual([
      'a:b?c.txt – has a name that cannot be sent',
    ]);
    await ben.at('accept').click();
    await Promise.all([inState(ben, id, 'done'), inState(anna, id, 'done')]);
    expect(await row(ben, id).innerText()).toContain('1 entry was not sent; their screen names it.');
    for (const name of names.slice(1)) expect(readFileSync(path.join(ben.downloadDir, name), 'utf8')).toBe(name);
    expect((await treeOf(ben.downloadDir)).filter((name) => /b.c/.test(name))).toEqual([]);
  });
});

describe('pictures', () => {
  it('are seen small before they are accepted, drawn from nothing but their pixels', async () => {
    pictures('thumbnails');
    const place = 'taken at 48.85,2.35';
    const red = await anna.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(600, 400);
      const brush = canvas.getContext('2d')!;
      brush.fillStyle = 'rgb(200, 30, 40)';
      brush.fillRect(0, 0, 600, 400);
      const drawn = await canvas.convertToBlob({ type: 'image/png' });
      return [...new Uint8Array(await drawn.arrayBuffer())];
    });
    const photo = file('photo.png', Buffer.concat([Buffer.from(red), Buffer.from(place)]));
    const folder = path.dirname(photo);
    writeFileSync(path.join(folder, 'broken.png'), 'no picture');
    const id = await offered([photo, path.join(folder, 'broken.png')]);
    const small = ben.at('offer').getByTestId('thumbnail').first();
    await small.waitFor();
    await expect
      .poll(() =>
        small.evaluate((canvas: HTMLCanvasElement) => [
          ...canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data,
        ]),
      )
      .toEqual([expect.closeTo(200, -1.4), expect.closeTo(30, -1.4), expect.closeTo(40, -1.4), 255]);
    // Once at the head of the offer, once in its list; the broken one has a sign like any file.
    expect(await ben.at('offer').getByTestId('thumbnail').count()).toBe(2);
    expect(await row(anna, id).getByTestId('thumbnail').count()).toBe(1);
    await ben.at('accept').click();
    await Promise.all([inState(ben, id, 'done'), inState(anna, id, 'done')]);
    expect(await row(ben, id).getByTestId('thumbnail').count()).toBe(1);
    expect(await sha256Of(path.join(ben.downloadDir, 'photo.png'))).toBe(await sha256Of(photo));
  });
});

describe('a video', () => {
  it('is seen small before it is accepted, as one of its pictures', async () => {
    pictures('video');
    const recorded = await anna.page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 200 });
      const brush = canvas.getContext('2d')!;
      const stream = canvas.captureStream();
      const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8' });
      const pieces: Blob[] = [];
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      const isOver = new Promise((resolve) => {
        recorder.onstop = resolve;
      });
      recorder.start();
      for (let frame = 0; frame < 20; frame += 1) {
        // A picture that does not change is not recorded.
        brush.fillStyle = `rgb(20, ${150 + (frame % 2)}, 60)`;
        brush.fillRect(0, 0, 320, 200);
        await new Promise(requestAnimationFrame);
      }
      recorder.stop();
      await isOver;
      return [...new Uint8Array(await new Blob(pieces).arrayBuffer())];
    });
    const clip = file('clip.webm', Buffer.from(recorded));
    const broken = path.join(path.dirname(clip), 'broken.mp4');
    writeFileSync(broken, '\0\0\0\x20ftypisom and no film');
    const small = ben.at('offer').getByTestId('thumbnail').first();
    // A picture that takes a busy machine too long is left out of an offer: the next offer has it.
    let id = '';
    await vi.waitFor(
      async () => {
        if (id !== '') await ben.at('decline').click();
        id = await offered([clip, broken]);
        await small.waitFor({ timeout: 10_000 });
      },
      { timeout: 60_000 },
    );
    const middle = () =>
      small.evaluate((canvas: HTMLCanvasElement) => [
        ...canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data,
      ]);
    await expect
      .poll(middle)
      .toEqual([expect.closeTo(20, -1.6), expect.closeTo(150, -1.6), expect.closeTo(60, -1.6), 255]);
    expect(await ben.at('offer').getByTestId('thumbnail').count()).toBe(2);
    await ben.at('decline').click();
    await inState(anna, id, 'declined');
  });
});

describe('a name that exists', () => {
  async function again(content: string, conflict: string): Promise<void> {
    const id = await offered(file('note.txt', content));
    const choice = ben.at('offer-conflict');
    if ((await choice.evaluate((element) => element.tagName)) === 'SELECT') await choice.selectOption(conflict);
    else await choice.locator(`[value="${conflict}"]`).click();
    await ben.at('accept').click();
    await Promise.all([inState(ben, id, 'done'), inState(anna, id, 'done')]);
  }
  const read = (name: string) => readFileSync(path.join(ben.downloadDir, name), 'utf8');

  it('keeps both, skips, or replaces, as chosen', async () => {
    pictures('conflict');
    writeFileSync(path.join(ben.downloadDir, 'note.txt'), 'first');
    await again('second', 'keep-both');
    expect([read('note.txt'), read('note (2).txt')]).toEqual(['first', 'second']);
    await again('first', 'skip');
    expect(existsSync(path.join(ben.downloadDir, 'note (3).txt'))).toBe(false);
    await again('third', 'skip');
    expect([read('note.txt'), read('note (3).txt')]).toEqual(['first', 'third']);
    await again('fourth', 'replace');
    expect(read('note.txt')).toBe('fourth');
  });
});

describe('while bytes move', () => {
  it('pauses and resumes from either side, and both screens say so', async () => {
    pictures('pause');
    const source = file('pausing.bin', randomBytes(120_000_000));
    const id = await offered(source);
    await ben.at('accept').click();
    await inState(ben, id, 'receiving');
    await row(anna, id).getByTestId('pause').click();
    await Promise.all([inState(anna, id, 'paused'), inState(ben, id, 'paused')]);
    await row(anna, id).getByTestId('resume').click();
    await inState(ben, id, 'receiving');
    await row(ben, id).getByTestId('pause').click();
    await Promise.all([inState(anna, id, 'paused'), inState(ben, id, 'paused')]);
    await row(ben, id).getByTestId('resume').click();
    await Promise.all([inState(anna, id, 'done', 60_000), inState(ben, id, 'done', 60_000)]);
    expect(await sha256Of(path.join(ben.downloadDir, 'pausing.bin'))).toBe(await sha256Of(source));
  });

  it('cancels from the receiver and leaves nothing behind', async () => {
    pictures('cancel');
    const id = await offered(file('cancelled.bin', randomBytes(150_000_000)));
    await ben.at('accept').click();
    await inState(ben, id, 'receiving');
    await row(ben, id).getByTestId('cancel').click();
    await Promise.all([inState(anna, id, 'cancelled'), inState(ben, id, 'cancelled')]);
    await expect
      .poll(async () => (await treeOf(ben.downloadDir)).filter((name) => /cancelled|\.tincan/.test(name)))
      .toEqual([]);
  });

  it('sends both ways at once', async () => {
    pictures('both-ways');
    const one = file('east.bin', randomBytes(30_000_000));
    const two = file('west.bin', randomBytes(30_000_000));
    const east = await offered(one);
    await ben.at('accept').click();
    const west = await offered(two, ben, anna);
    await anna.at('accept').click();
    await Promise.all([
      inState(anna, east, 'done'),
      inState(ben, east, 'done'),
      inState(anna, west, 'done'),
      inState(ben, west, 'done'),
    ]);
    expect(await sha256Of(path.join(ben.downloadDir, 'east.bin'))).toBe(await sha256Of(one));
    expect(await sha256Of(path.join(anna.downloadDir, 'west.bin'))).toBe(await sha256Of(two));
  });
});

describe('words', () => {
  it('arrive as they were written, as text and nothing else', async () => {
    pictures('words');
    const words = '<b>half</b> past 八点 👋\nsecond line';
    await anna.at('text-input').fill(words);
    await anna.at('send-text').click();
    await ben.at('text-received').filter({ hasText: 'past' }).waitFor();
    expect(await ben.at('text-received').last().locator('b').count()).toBe(0);
    expect(await ben.at('text-received').last().innerText()).toContain('<b>half</b> past 八点 👋');
  });
});

describe('an offer that nobody answered before the link ended', () => {
  it('waits to be sent, is no failed transfer, and is offered once the person confirms the next link', async () => {
    pictures('unanswered');
    const note = file('unanswered.txt', 'still here');
    const id = await offered(note);
    await ben.at('disconnect').click();
    await Promise.all([anna.session('pairing'), ben.session('pairing')]);
    await anna.at('staged-file').filter({ hasText: 'unanswered.txt' }).waitFor();
    for (const one of [anna, ben]) expect(await row(one, id).count()).toBe(0);
    await link(anna, ben);
    await ben.at('accept').click();
    await expect.poll(() => existsSync(path.join(ben.downloadDir, 'unanswered.txt'))).toBe(true);
    expect(readFileSync(path.join(ben.downloadDir, 'unanswered.txt'), 'utf8')).toBe('still here');
  });
});
