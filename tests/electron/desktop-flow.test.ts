// The stand-in (tests/electron-standin): the built main process and preload, real pages, real bytes over real ports.
// Two people pair by paste and move what their dialogs picked; then the services of a desktop app, one by one.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../host/log-event.ts';
import { stopAll, temporaryFolder } from '../e2e/instance.ts';
import { logOf } from '../e2e/log-lines.ts';
import { codeOf, giveCode, rows, settleDigits, sha256Of, treeOf, waitForState } from '../e2e/pairing.ts';
import { type StandIn, startMain, startStandIn } from '../electron-standin/launch.ts';

const megabyte = 1_048_576;

describe('two desktop apps on the stand-in', () => {
  let anna: StandIn;
  let ben: StandIn;
  let invite: string;
  let reply: string;
  const source = temporaryFolder('source');
  const film = path.join(source, 'Größe – 文件.bin');
  const holiday = path.join(source, 'holiday');

  beforeAll(async () => {
    writeFileSync(film, randomBytes(24 * megabyte), { mode: 0o755 });
    mkdirSync(path.join(holiday, 'day 1'), { recursive: true });
    mkdirSync(path.join(holiday, 'empty'));
    writeFileSync(path.join(holiday, 'day 1', 'sea.txt'), 'waves');
    // Blocks of a direct lane never reach a page, and what is tried here is the way between page and host.
    // The reply is carried by hand, also where it would arrive by itself: it must not be in any log either.
    const settings = { directLane: false, nearReplies: false };
    [anna, ben] = (await Promise.all(['anna', 'ben'].map((name) => startStandIn({ name, settings })))) as [
      StandIn,
      StandIn,
    ];
    invite = await codeOf(anna, 'invite');
    await giveCode(ben, invite);
    reply = await codeOf(ben, 'reply');
    await giveCode(anna, reply);
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    await settleDigits(anna, ben);
  });

  afterAll(async () => {
    await Promise.all([anna.stop(), ben.stop()]);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await Promise.all([anna.screenshot(task.name), ben.screenshot(task.name)]);
  });

  it('move a picked file, identical, with no byte of it in main', async () => {
    await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [film]);
    await anna.at('pick-files').click();
    await ben.at('accept').click();
    await Promise.all([waitForState(anna, 'send', 'done'), waitForState(ben, 'receive', 'done')]);
    const arrived = path.join(ben.downloadDir, path.basename(film));
    expect(await sha256Of(arrived)).toBe(await sha256Of(film));
    const sent = await anna.inMain(({ standIn }) => standIn.counted);
    const received = await ben.inMain(({ standIn }) => standIn.counted);
    for (const { portBytesIn, portBytesOut } of [sent, received]) expect(portBytesIn + portBytesOut).toBe(0);
    // What arrives is never ready to run.
    expect(statSync(arrived).mode & 0o111).toBe(0);
  });

  it('move a picked folder, whole', async () => {
    await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [holiday]);
    await anna.at('pick-folder').click();
    await ben.at('accept').click();
    await rows(ben, 'receive').nth(1).waitFor();
    await expect
      .poll(() => treeOf(path.join(ben.downloadDir, 'holiday')).catch(() => []), { timeout: 20_000 })
      .toEqual(['day 1/', 'day 1/sea.txt', 'empty/']);
  });

  it('move what a second launch named, and come to the front', async () => {
    const note = path.join(source, 'from the second launch.txt');
    writeFileSync(note, 'hello');
    const second = startMain({ name: 'anna', folder: anna.folder, args: [note] });
    expect(await second.exited).toBe(0);
    await ben.at('accept').click();
    const arrived = path.join(ben.downloadDir, path.basename(note));
    await expect.poll(() => statSync(arrived, { throwIfNoEntry: false })?.size, { timeout: 20_000 }).toBe(5);
    expect(await anna.inMain(({ BrowserWindow }) => BrowserWindow.getFocusedWindow()?.isShown)).toBe(true);
  });

  it('stay in the tray when the window is closed in the middle, ask before they quit, and come back', async () => {
    const song = path.join(source, 'song.bin');
    writeFileSync(song, randomBytes(megabyte));
    await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [song]);
    await anna.at('pick-files').click();
    await ben.at('accept').waitFor();
    const closed = await anna.inMain(({ app, BrowserWindow, standIn }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.close();
      app.quit();
      return { isShown: window?.isShown, trays: standIn.trays.length, asked: standIn.asked.at(-1) };
    });
    expect(closed).toEqual({ isShown: false, trays: 1, asked: 'Files are still moving.' });
    await ben.at('accept').click();
    await expect
      .poll(() => statSync(path.join(ben.downloadDir, 'song.bin'), { throwIfNoEntry: false })?.size, {
        timeout: 20_000,
      })
      .toBe(megabyte);
    const back = await anna.inMain(({ BrowserWindow, standIn }) => {
      standIn.trays[0]?.emit('click');
      return [BrowserWindow.getFocusedWindow()?.isShown, standIn.trays[0]?.isDestroyed];
    });
    expect(back).toEqual([true, true]);
  });

  it('send what the menu of the tray asks for', async () => {
    const [clip, list] = ['clip.bin', 'list.txt'].map((name) => path.join(source, name)) as [string, string];
    writeFileSync(clip, randomBytes(megabyte));
    writeFileSync(list, 'tea');
    await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [clip]);
    await anna.at('pick-files').click();
    await ben.at('accept').waitFor();
    const isShown = await anna.inMain(
      ({ BrowserWindow, standIn }, files) => {
        BrowserWindow.getAllWindows()[0]?.close();
        standIn.dialogAnswers.push(files);
        standIn.trays.at(-1)?.menu[1]?.click();
        return BrowserWindow.getFocusedWindow()?.isShown;
      },
      [list],
    );
    expect(isShown).toBe(true);
    for (const [file, size] of [
      [clip, megabyte],
      [list, 'tea'.length],
    ] as const) {
      await ben.at('accept').click();
      const arrived = path.join(ben.downloadDir, path.basename(file));
      await expect.poll(() => statSync(arrived, { throwIfNoEntry: false })?.size, { timeout: 20_000 }).toBe(size);
    }
  });

  it('let the machine sleep once nothing moves, and kept it awake before', async () => {
    await expect.poll(() => anna.inMain(({ standIn }) => standIn.awake.size), { timeout: 10_000 }).toBe(0);
    const progress = await anna.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.progress);
    expect(progress.at(-1)).toBe(-1);
    expect(progress.some((value) => value >= 0)).toBe(true);
  });

  it('show where a file landed by asking the desktop, never by opening it', async () => {
    await rows(ben, 'receive').last().getByRole('button', { name: 'Show in folder' }).click();
    await expect
      .poll(() => ben.inMain(({ standIn }) => standIn.revealed))
      .toEqual([expect.stringContaining(ben.downloadDir)]);
  });

  it('let what arrived be dragged out of its row, by a path that the page never sees', async () => {
    const row = rows(ben, 'receive').filter({ hasText: 'song.bin' });
    expect(await row.getAttribute('draggable')).toBe('true');
    expect(await rows(anna, 'send').first().getAttribute('draggable')).toBe('false');
    const isLeftToTheDesktop = await row.evaluate((element) => {
      const event = new DragEvent('dragstart', { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    });
    expect(isLeftToTheDesktop).toBe(true);
    const dragged = () => ben.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.dragged);
    const song = path.join(ben.downloadDir, 'song.bin');
    await expect.poll(dragged).toEqual([song]);
    // What is not there any more, and what was never received, is not dragged.
    rmSync(song);
    await row.dispatchEvent('dragstart');
    await ben.page.evaluate(() => {
      const { tincan } = window as unknown as { tincan: { dragOut(transfer: unknown): void } };
      for (const made of ['ab'.repeat(16), '/etc/passwd', { file: '/etc/passwd' }]) tincan.dragOut(made);
    });
    const holidayRow = rows(ben, 'receive').filter({ hasText: 'holiday' });
    await holidayRow.dispatchEvent('dragstart');
    await expect.poll(dragged).toEqual([song, path.join(ben.downloadDir, 'holiday')]);
  });

  it('write down what happened, and nothing of what, with whom or where', async () => {
    const names = ['Größe', '文件', 'holiday', 'sea', 'waves', 'second launch', 'song'];
    const codes = [invite, reply].flatMap((code) => code.slice('TINCAN:'.length).match(/.{12}/g)!);
    const words = [...names, ...codes, source, ben.downloadDir];
    const [sent, received] = [anna, ben].map((each) => logOf(each, words));
    const moved = (events: LogEvent[] = []) =>
      events.flatMap((event) => (event.is === 'transfer-ended' ? [{ ...event, transfer: '' }] : []));
    const end = { is: 'transfer-ended', transfer: '', state: 'done', files: 1 };
    const bytes = [24 * megabyte, 'waves'.length, 'hello'.length, megabyte, megabyte, 'tea'.length];
    expect(moved(sent)).toEqual(bytes.map((each) => ({ ...end, direction: 'send', bytes: each })));
    expect(moved(received)).toEqual(bytes.map((each) => ({ ...end, direction: 'receive', bytes: each })));
    expect(sent?.[0]).toMatchObject({ is: 'started', shell: 'electron', platform: process.platform });
    expect(sent).toContainEqual({ is: 'launched-again', paths: 1, links: 0 });
    expect(received?.filter(({ is }) => is === 'transfer-started')).toHaveLength(bytes.length);
  });

  it('end quietly, with nothing complained of', async () => {
    expect([...anna.complaints, ...ben.complaints]).toEqual([]);
  });
});

describe('one desktop app on the stand-in', () => {
  let app: StandIn | undefined;

  afterEach(async (context) => {
    await stopAll(app === undefined ? [] : [app], context);
    app = undefined;
  });

  it('asks for its locks before anything else, and shows real addresses in codes', async () => {
    app = await startStandIn({ name: 'cleo' });
    expect(await app.inMain(({ standIn }) => standIn.asked)).toEqual(['sandbox', 'schemes']);
    expect(await app.inMain(({ standIn }) => standIn.switches)).toEqual([
      '--disable-features=WebRtcHideLocalIpsWithMdns,BackgroundResourceFetch',
      '--enable-features=PartitionAllocLargeEmptySlotSpanRing,PartitionAllocAdjustSizeWhenInForeground',
    ]);
  });

  it('only fills the field from a link, also from the one it was started with', async () => {
    app = await startStandIn({ name: 'cleo', args: ['tincan:first'] });
    const field = app.at('code-input');
    await expect.poll(() => field.inputValue()).toBe('TINCAN:first');
    await app.inMain(({ app: electronApp }) => {
      electronApp.emit('open-url', { preventDefault: () => undefined }, 'tincan:abc-def');
      electronApp.emit('open-url', { preventDefault: () => undefined }, 'tincan:x" --no-sandbox');
    });
    await expect.poll(() => field.inputValue()).toBe('TINCAN:abc-def');
    expect(await app.page.getByTestId('session').getAttribute('data-state')).not.toBe('connecting');
  });

  it('takes a code from the clipboard on a click, and hands the page nothing else that was copied', async () => {
    app = await startStandIn({ name: 'dora' });
    const read = app.page.evaluate(() =>
      navigator.clipboard.readText().then(
        () => 'read',
        () => 'refused',
      ),
    );
    expect(await read).toBe('refused');
    const field = app.at('code-input');
    await app.inMain(({ standIn }) => void standIn.copied.push('the password of something else'));
    await app.at('code-submit').click();
    await app.at('code-hint').waitFor();
    expect(await field.inputValue()).toBe('');
    await app.inMain(({ standIn }) => void standIn.copied.push('Open Tincan and paste this: TINCAN:31J-068'));
    await app.at('code-submit').click();
    await expect.poll(() => field.inputValue()).toMatch(/^TINCAN:31J068/);
  });

  it('puts down what was dropped on the window and on the icon, by paths that the page never sees', async () => {
    app = await startStandIn({ name: 'cleo' });
    const folder = temporaryFolder('dropped');
    const [one, two] = [path.join(folder, 'one.txt'), path.join(folder, 'two.txt')];
    for (const file of [one, two]) writeFileSync(file, 'x');
    await app.page.evaluate(
      ([name, file]) => {
        const { standInPaths } = window as unknown as { standInPaths: Map<string, string> };
        standInPaths.set(name!, file!);
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], name!));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      },
      ['one.txt', one],
    );
    await app.inMain(({ app: electronApp }, file) => {
      electronApp.emit('open-file', { preventDefault: () => undefined }, file);
    }, two);
    await expect.poll(() => app!.at('staged-file').allInnerTexts()).toHaveLength(2);
    expect(await app.page.content()).not.toContain(folder);
  });

  it('comes back where it was', async () => {
    app = await startStandIn({ name: 'cleo' });
    const bounds = { x: 40, y: 50, width: 900, height: 700 };
    await app.inMain(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]!.setBounds(wanted), bounds);
    await app.stop();
    expect(JSON.parse(readFileSync(path.join(app.dataDir, 'window.json'), 'utf8'))).toEqual(bounds);
    app = await startStandIn({ name: 'cleo', folder: app.folder });
    expect(await app.inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getNormalBounds())).toEqual(
      bounds,
    );
  });

  it('lets go of the camera when the screen is locked', async () => {
    app = await startStandIn({ name: 'cleo' });
    await app.at('scan-camera').click();
    await app.page.locator('[data-testid="scan"][data-state="looking"]').waitFor();
    const track = await app.page.evaluateHandle(
      () => (document.querySelector('video')!.srcObject as MediaStream).getVideoTracks()[0]!,
    );
    expect(await track.evaluate(({ readyState }) => readyState)).toBe('live');
    await app.inMain(({ powerMonitor }) => void powerMonitor.emit('lock-screen'));
    await expect.poll(() => track.evaluate(({ readyState }) => readyState)).toBe('ended');
    expect(await app.at('scan').count()).toBe(0);
  });

  it('brings a crashed page back, with a new code', async () => {
    app = await startStandIn({ name: 'cleo' });
    await codeOf(app, 'invite');
    await app.crashPage();
    await codeOf(app, 'invite');
  });
});

describe('a packaged app on the stand-in', () => {
  it.each(['--no-sandbox', '--remote-debugging-port=9222', '--js-flags=--expose-gc', '--user-data-dir=/x'])(
    'does not start with %s',
    async (argument) => {
      const main = startMain({ name: 'dora', args: [argument] }, { STANDIN_PACKAGED: '1' });
      expect(await main.exited).toBe(2);
      expect(main.stderr.join('')).toContain(argument.split('=')[0]);
    },
  );
});
