import { describe, expect, it, vi } from 'vitest';
import {
  controlBufferHighBytes,
  controlMessageMaxBytes,
  creditMaxBlocks,
  heartbeatEveryMs,
  resumeClaimsMax,
  textMaxBytes,
  transfersMaxLive,
} from '../../../shared/wire/limits.ts';
import { expectArrived, fileOf, linkTwo, MemoryDisk, type Pair, realClock, Side, sendFiles } from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';
import { settle } from './scripted-peer.ts';

it('knows how far away the other side is before anything travels', async () => {
  const { a, b } = linkTwo(1);
  const startedAt = performance.now();
  for (const side of [a, b])
    await side.until(() => side.of('liveness').some(({ roundTripMs }) => roundTripMs !== undefined));
  expect(performance.now() - startedAt).toBeLessThan(heartbeatEveryMs / 2);
});

describe('a transfer', () => {
  it.each([1, 4])('arrives byte for byte over %i lanes, and both sides show one root hash', async (lanes) => {
    const pair = linkTwo(lanes);
    const files = [fileOf('big', 9_500_000), fileOf('none', 0), fileOf('small', 12), fileOf('other', 3_000_001)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expectArrived(pair, files);
    expect(pair.a.view()!.rootHash).toBe(pair.b.view()!.rootHash);
    expect(pair.b.disk.mostInFlight).toBeLessThanOrEqual(creditMaxBlocks);
    await vi.waitFor(() => expect([pair.a.disk.history, pair.b.disk.history]).toEqual([['done'], ['done']]));
  });

  it('names the file that it is at, on both sides', async () => {
    const pair = linkTwo(1);
    // One block after the other: progress is told ten times a second, and each file takes longer than that on any machine.
    let written = Promise.resolve();
    pair.b.disk.beforeWrite = () => {
      written = written.then(() => new Promise((resolve) => setTimeout(resolve, 15)));
      return written;
    };
    const files = [fileOf('big', 60_000_000), fileOf('left out', 3_000_000), fileOf('other', 60_000_000)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    for (const side of [pair.a, pair.b]) {
      const named = side.of('progress').flatMap(({ transfers }) => transfers.map(({ currentPath }) => currentPath));
      expect(named).toContainEqual(['top', 'big']);
      expect(named).toContainEqual(['top', 'other']);
    }
  });

  it('A11 of nothing but an empty file is delivered', async () => {
    const pair = linkTwo(1);
    const files = [fileOf('none', 0)];
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expectArrived(pair, files);
  });

  it('of nothing but an empty file is not called complete before the choice is kept, whatever is pressed meanwhile', async () => {
    const pair = linkTwo(1);
    let keepChoice = () => {};
    pair.a.disk.choosing = new Promise((resolve) => {
      keepChoice = resolve;
    });
    await sendFiles(pair, [fileOf('none', 0)]);
    await pair.a.reached('sending');
    for (const press of ['pause', 'resume'] as const) {
      pair.a.engine.command({ do: press, transfer: pair.a.view()!.id });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(pair.a.view()!.state).toBe('sending');
    keepChoice();
    await pair.a.reached('done');
  });

  it('is declined without a byte', async () => {
    const pair = linkTwo(1);
    pair.b.autoAccept = undefined;
    await sendFiles(pair, [fileOf('x', 10)]);
    await pair.b.until(() => pair.b.of('offer').length > 0);
    pair.b.engine.command({ do: 'decline', transfer: pair.b.of('offer')[0]!.transfer });
    await pair.a.reached('declined');
    expect(pair.b.disk.written).toBe(0);
    expect([pair.a.view()!.fault, pair.b.view()!.fault]).toEqual([undefined, undefined]);
  });

  it('that nobody had answered when the link ended is in no history, one that was accepted is in both', async () => {
    const pair = linkTwo(1);
    pair.b.autoAccept = undefined;
    await sendFiles(pair, [fileOf('x', 10)]);
    await pair.b.until(() => pair.b.of('offer').length > 0);
    const leave = async () => {
      for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'end', say: 'nothing' });
      await Promise.all([pair.a.reached('failed'), pair.b.reached('failed')]);
    };
    await leave();
    pair.b.autoAccept = 'keep-both';
    const again = linkTwo(1, { a: pair.a, b: pair.b });
    await sendFiles(again, [fileOf('small', 10)]);
    await pair.a.reached('done');
    pair.b.disk.roomBlocks = 5;
    await sendFiles(again, [fileOf('big', 30_000_000)]);
    await pair.b.reached('paused');
    await leave();
    const both = ['done', 'failed'];
    await vi.waitFor(() => expect([pair.a.disk.history, pair.b.disk.history]).toEqual([both, both]));
  });

  it('keeps what was sent while the handshake is under way, and offers it then', async () => {
    const pair = linkTwo(1);
    const files = [fileOf('early', 500)];
    pair.a.disk.files = files;
    // Nothing has been awaited since both confirmed, so the other side's hello cannot have come.
    pair.a.engine.command({ do: 'send-items', items: ['early'] });
    pair.a.engine.command({ do: 'send-text', text: 'hello' });
    await pair.a.reached('done');
    expectArrived(pair, files);
    expect(pair.b.of('text')).toMatchObject([{ is: 'text', text: 'hello', fromPeer: true }]);
    expect(pair.a.of('refused')).toEqual([]);
  });

  it('gives back what it does not begin with, and does not call it refused by the other side', async () => {
    const { a, b } = linkTwo(1);
    b.autoAccept = undefined;
    a.disk.files = [fileOf('x', 500)];
    await a.until(() => a.of('peer-name').length > 0);
    const sendAll = (count: number) => {
      for (let nth = 0; nth < count; nth += 1)
        a.engine.command({ do: 'send-items', items: ['x'], transfer: nth.toString(16).padStart(32, '0') });
    };
    sendAll(transfersMaxLive + 1);
    const text = 'x'.repeat(textMaxBytes + 1);
    a.engine.command({ do: 'send-text', text });
    a.engine.command({ do: 'send-text', text: 'half \ud83d' });
    expect(a.of('refused')).toMatchObject([
      { fault: { code: 'bridge-busy' }, transfer: transfersMaxLive.toString(16).padStart(32, '0') },
      { fault: { code: 'note-too-long' }, text },
    ]);
    expect(a.of('text').map((note) => note.text)).toEqual(['half \ufffd']);
    a.engine.command({ do: 'end', say: 'nothing' });
    sendAll(1);
    expect(a.of('refused').at(-1)).toMatchObject({ fault: { code: 'peer-left' }, transfer: '0'.repeat(32) });
  });

  it('gives back notes that waited for room when the link ended, though they were told of as sent', async () => {
    const pair = linkTwo(1);
    await pair.a.until(() => pair.a.of('peer-name').length > 0);
    pair.a.engine.command({ do: 'send-text', text: 'heard' });
    await pair.b.until(() => pair.b.of('text').length > 0);
    await settle();
    pair.controls[0].close();
    await pair.a.until(() => pair.a.of('channel-closed').length > 0);
    for (const text of ['one', 'two']) pair.a.engine.command({ do: 'send-text', text });
    expect(pair.a.of('refused')).toEqual([]);
    pair.a.engine.command({ do: 'end', say: 'nothing' });
    const fault = { code: 'peer-left' };
    expect(pair.a.of('refused')).toMatchObject([
      { fault, text: 'one', wasTold: true },
      { fault, text: 'two', wasTold: true },
    ]);
    expect(pair.b.of('text').map(({ text }) => text)).toEqual(['heard']);
  });

  it('gives back what waited for a handshake that never came to its end', () => {
    const { a } = linkTwo(1);
    a.engine.command({ do: 'send-items', items: ['x'], transfer: '0'.repeat(32) });
    a.engine.command({ do: 'send-text', text: 'hello' });
    expect(a.of('refused')).toEqual([]);
    a.engine.command({ do: 'end', say: 'bye' });
    expect(a.of('refused')).toMatchObject([
      { fault: { code: 'peer-left' }, transfer: '0'.repeat(32) },
      { fault: { code: 'peer-left' }, text: 'hello' },
    ]);
  });

  it('tells over which link it was that somebody offered, wrote and said who they are', async () => {
    const b = new Side();
    b.autoAccept = undefined;
    for (const nth of [1, 2]) {
      const pair = linkTwo(2, { b });
      await sendFiles(pair, [fileOf(`x${nth}`, 10)]);
      pair.a.engine.command({ do: 'send-text', text: `${nth}` });
      await b.until(() => b.of('offer').length === nth && b.of('text').length === nth);
    }
    const [first, second] = b.of('peer-name').map(({ connection }) => connection);
    expect(second).toBe(first! + 2);
    for (const kind of ['offer', 'text'] as const) {
      expect(b.of(kind).map(({ connection }) => connection)).toEqual([first, second]);
    }
  });

  it('A12 lists a hundred thousand files without filling control, and delivers them', async () => {
    const pair = linkTwo(1);
    let most = 0;
    const [control] = pair.controls;
    control.alter = (item) => {
      most = Math.max(most, control.buffered);
      return item;
    };
    const name = 'a folder with a rather long name/'.repeat(4);
    const files: MemoryFile[] = Array.from({ length: 100_000 }, (_, at) => ({
      path: [...name.split('/').slice(0, -1), `${at}.txt`],
      bytes: new Uint8Array(at % 1000 === 0 ? 10 : 0),
    }));
    await sendFiles(pair, files);
    await Promise.all([pair.a.reached('done'), pair.b.reached('done')]);
    expect(pair.b.disk.published.size).toBe(files.length);
    expect(most).toBeLessThan(controlBufferHighBytes + controlMessageMaxBytes);
  }, 30_000);

  it('starts its list again on another link when the first one was cut in the middle of it', async () => {
    const pair = linkTwo(1);
    pair.b.autoAccept = 'keep-both';
    const [control] = pair.controls;
    let parts = 0;
    control.alter = (item) => {
      if (String(item).includes('"manifest"')) parts += 1;
      if (parts === 3) for (const end of pair.controls) end.isCut = true;
      return item;
    };
    const files: MemoryFile[] = Array.from({ length: 20_000 }, (_, at) => ({
      path: ['many', `${at}.txt`],
      bytes: new Uint8Array(1),
    }));
    await sendFiles(pair, files);
    await expect.poll(() => parts).toBe(3);
    const second = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await second.a.reached('done');
    expect(pair.b.disk.published.size).toBe(files.length);
  }, 20_000);

  it('survives the death of a lane in the middle of a block', async () => {
    const pair = linkTwo(3);
    const files = [fileOf('big', 30_000_000)];
    let frames = 0;
    pair.lanes[1]![0].alter = (message) => {
      frames += 1;
      if (frames === 8) pair.lanes[1]![0].close();
      return message;
    };
    await sendFiles(pair, files);
    await pair.a.reached('done');
    expect(frames).toBeGreaterThanOrEqual(8);
    expectArrived(pair, files);
  });

  describe.each(['disk-full', 'disk-quota', 'data-folder-full', 'publish-waiting', 'disk-gone'] as const)(
    'whose publishing meets %s',
    (code) => {
      async function held(): Promise<Pair> {
        const pair = linkTwo(1);
        pair.b.disk.publishFault = code;
        await sendFiles(pair, [fileOf('x', 3_000_000)]);
        await pair.b.reached('paused');
        return pair;
      }

      it('is paused, says why, and goes on with Resume, sending nothing again', async () => {
        const pair = await held();
        expect(pair.b.view()).toMatchObject({ pause: 'disk', fault: { code } });
        expect(pair.b.view()!.fault?.detail).toBeUndefined();
        const told = code === 'publish-waiting' || code === 'disk-gone' ? code : 'disk-full';
        await pair.a.until(() => pair.a.view()?.pause === 'disk');
        expect(pair.a.view()!.fault).toEqual({ code: told });
        const { written } = pair.b.disk;
        pair.b.disk.publishFault = undefined;
        pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
        await Promise.all([pair.a.reached('done'), pair.b.reached('done')]);
        expect([pair.b.disk.written, pair.b.disk.publishings]).toEqual([written, 2]);
        await vi.waitFor(() => expect([pair.a.disk.history, pair.b.disk.history]).toEqual([['done'], ['done']]));
      });

      it('is paused once more where it is refused once more', async () => {
        const pair = await held();
        pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
        await pair.b.until(() => pair.b.disk.publishings === 2);
        await pair.b.reached('paused');
        pair.b.disk.publishFault = undefined;
        pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
        await pair.a.reached('done');
      });

      it('says so again over another control channel, and goes on', async () => {
        const pair = await held();
        for (const end of pair.controls) end.isCut = true;
        const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
        const before = pair.a.of('transfer').length;
        await pair.a.until(() =>
          pair.a
            .of('transfer')
            .slice(before)
            .some(({ view }) => view.pause === 'disk'),
        );
        pair.b.disk.publishFault = undefined;
        pair.b.engine.command({ do: 'resume', transfer: pair.b.view()!.id });
        await again.a.reached('done');
        expect(pair.b.disk.publishings).toBe(2);
      });

      it.each(['a', 'b'] as const)('is gone when a person cancels it on side %s', async (side) => {
        const pair = await held();
        pair[side].engine.command({ do: 'cancel', transfer: pair[side].view()!.id });
        await Promise.all([pair.a.reached('cancelled'), pair.b.reached('cancelled')]);
        await expect.poll(() => [pair.a.disk.sends.size, pair.b.disk.receives.size]).toEqual([0, 0]);
      });

      it('and that is cancelled then says how many files are in place all the same', async () => {
        const pair = linkTwo(1);
        pair.b.disk.publishFault = code;
        pair.b.disk.inPlace = 2;
        await sendFiles(pair, [fileOf('x', 3_000), fileOf('y', 3_000), fileOf('z', 3_000)]);
        await pair.b.reached('paused');
        pair.b.engine.command({ do: 'cancel', transfer: pair.b.view()!.id });
        await pair.b.until(() => pair.b.view()?.inPlaceCount === 2);
        expect(pair.b.view()).toMatchObject({ state: 'cancelled', wantedFiles: 3 });
        await expect.poll(() => pair.b.disk.history).toEqual(['cancelled without 1']);
      });

      it('is kept, with its reason, when the link ends', async () => {
        const pair = await held();
        for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'end', say: 'nothing' });
        await pair.b.reached('failed');
        expect(pair.b.view()).toMatchObject({ resumable: true, fault: { code } });
        pair.b.disk.publishFault = undefined;
        const again = linkTwo(1, { a: new Side(pair.a.disk), b: new Side(pair.b.disk) });
        await again.a.reached('done');
      });
    },
  );

  describe('whose destination goes away while blocks come', () => {
    /** Waits of seconds are short. */
    const hurried = {
      ...realClock,
      after: (ms: number, task: () => void) => realClock.after(ms < 5_000 ? ms : 20, task),
    };

    async function away(clock = realClock): Promise<Pair> {
      const disk = new MemoryDisk();
      const pair = linkTwo(1, { b: new Side(disk, { clock }) });
      let wasAway = false;
      disk.beforeWrite = async () => {
        if (wasAway || disk.written < 3) return;
        wasAway = true;
        disk.isAway = true;
      };
      await sendFiles(pair, [fileOf('big', 12_000_000)]);
      await pair.b.until(() => pair.b.view()?.fault?.code === 'disk-gone');
      return pair;
    }

    it('is paused, and says so on both sides', async () => {
      const pair = await away();
      const paused = { state: 'paused', pause: 'disk', fault: { code: 'disk-gone' } };
      expect(pair.b.view()).toMatchObject(paused);
      await pair.a.until(() => pair.a.view()?.state === 'paused');
      expect(pair.a.view()).toMatchObject(paused);
    });

    it('is paused for the person as well where both hold it, and goes on once neither does', async () => {
      const pair = await away(hurried);
      const { id } = pair.b.view()!;
      pair.b.engine.command({ do: 'pause', transfer: id });
      await pair.a.until(() => pair.a.view()?.pause === 'peer');
      pair.b.disk.isAway = false;
      await pair.b.until(() => pair.b.disk.written > 3 || pair.b.view()?.fault === undefined);
      expect(pair.a.view()).toMatchObject({ state: 'paused', pause: 'peer' });
      pair.b.engine.command({ do: 'resume', transfer: id });
      await Promise.all([pair.a.reached('done'), pair.b.reached('done')]);
    });

    it('goes on by itself once it is back, and sends nothing again that was written', async () => {
      const pair = await away(hurried);
      expect(pair.b.disk.written).toBe(3);
      pair.b.disk.isAway = false;
      await Promise.all([pair.a.reached('done'), pair.b.reached('done')]);
      expect(pair.b.disk.written).toBe(12);
    });

    it('waits once more when a person presses Resume too early', async () => {
      const pair = await away();
      const { id } = pair.b.view()!;
      const before = pair.b.of('transfer').length;
      pair.b.engine.command({ do: 'resume', transfer: id });
      await pair.b.until(() => pair.b.of('transfer').length > before + 1 && pair.b.view()?.state === 'paused');
      pair.b.disk.isAway = false;
      pair.b.engine.command({ do: 'resume', transfer: id });
      await pair.a.reached('done');
    });

    it('says that it is full where it comes back without room', async () => {
      const pair = await away(hurried);
      pair.b.disk.roomBlocks = 0;
      pair.b.disk.isAway = false;
      const full = { code: 'disk-full', detail: { neededBytes: 100, freeBytes: 7 } };
      for (const side of [pair.b, pair.a]) {
        await side.until(() => side.view()?.fault?.code === 'disk-full');
        expect(side.view()!.fault).toEqual(full);
      }
    });

    it('begins anew in another folder when a person chooses one', async () => {
      const pair = await away();
      const { id } = pair.b.view()!;
      // As the host does it: everything is received again.
      pair.b.disk.receives.get(id)!.blocks.clear();
      pair.b.disk.isAway = false;
      pair.b.engine.command({ do: 'retry', transfer: id });
      await Promise.all([pair.a.reached('done'), pair.b.reached('done')]);
      expect(pair.b.disk.written).toBe(3 + 12);
    });

    it('and that is cancelled meanwhile is over', async () => {
      const pair = await away(hurried);
      pair.b.engine.command({ do: 'cancel', transfer: pair.b.view()!.id });
      await Promise.all([pair.a.reached('cancelled'), pair.b.reached('cancelled')]);
    });
  });

  it('that was accepted once never waits for a yes again, whatever happens to the link', async () => {
    const pair = linkTwo(1);
    await sendFiles(pair, [fileOf('big', 30_000_000)]);
    await pair.b.until(() => pair.b.disk.written >= 5);
    const before = pair.a.of('transfer').length;
    for (const end of pair.controls) end.isCut = true;
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.a.reached('done');
    const shown = pair.a.of('transfer').slice(before);
    expect(shown.map(({ view }) => view.state)).toContain('waiting');
    expect(shown.map(({ view }) => view.state)).not.toContain('offered');
  });

  it('that failed here says that it is getting ready while what is held is proven', async () => {
    const pair = linkTwo(1);
    pair.b.disk.roomBlocks = 5;
    await sendFiles(pair, [fileOf('big', 30_000_000)]);
    await pair.b.reached('paused');
    for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'end', say: 'nothing' });
    await pair.b.reached('failed');
    pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
    const before = pair.b.of('transfer').length;
    const again = linkTwo(1, { a: pair.a, b: pair.b });
    await again.a.reached('done');
    const shown = pair.b.of('transfer').slice(before);
    expect(shown.map(({ view }) => view.state)).toEqual(['waiting', 'receiving', 'verifying', 'done']);
  });

  it('is reported as left when another peer is linked, and comes back when the same one is', async () => {
    const pair = linkTwo(1);
    pair.b.disk.roomBlocks = 5;
    await sendFiles(pair, [fileOf('big', 30_000_000)]);
    await pair.b.reached('paused');
    const { id } = pair.a.view()!;
    for (const { engine } of [pair.a, pair.b]) engine.command({ do: 'end', say: 'nothing' });
    await pair.a.reached('failed');
    const other = linkTwo(1, { a: pair.a });
    expect(pair.a.of('transfers-left')).toEqual([{ is: 'transfers-left', transfers: [id] }]);
    expect(pair.a.view()!.state).toBe('failed');
    for (const [lane] of other.lanes) lane.close();
    pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
    linkTwo(1, { a: pair.a, b: pair.b });
    await pair.a.reached('done');
    expect(pair.a.view()!.id).toBe(id);
  });

  it('whose other side lost its host says that the other side left, not that its own host stopped', async () => {
    const pair = linkTwo(1);
    pair.b.disk.isGone = true;
    await sendFiles(pair, [fileOf('big', 3_000_000)]);
    await pair.a.reached('failed');
    expect(pair.b.view()!.fault?.code).toBe('bridge-closed');
    expect(pair.a.view()!.fault?.code).toBe('peer-left');
  });

  it('that was offered into a dead line is offered again when the line is back', async () => {
    const pair = linkTwo(1);
    await pair.a.until(() => pair.a.of('peer-name').length > 0);
    for (const end of pair.controls) end.isCut = true;
    const files = [fileOf('late', 500)];
    await sendFiles(pair, files);
    await pair.a.reached('offered');
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.a.reached('done');
    expectArrived(again, files);
  });

  it('asks once more for hashes whose answer was lost with the link', async () => {
    const pair = linkTwo(1);
    pair.b.autoAccept = 'skip';
    const files = [fileOf('here', 2_000_000), fileOf('new', 1000)];
    pair.b.disk.published.set('top/here', files[0]!.bytes as Uint8Array);
    const [control] = pair.controls;
    control.alter = (item) => {
      if (String(item).includes('"digests"')) for (const end of pair.controls) end.isCut = true;
      return control.isCut ? '{"type":"x-lost"}' : item;
    };
    await sendFiles(pair, files);
    await expect.poll(() => control.isCut).toBe(true);
    const again = linkTwo(1, { a: pair.a, b: pair.b, fresh: false });
    await again.a.reached('done');
    expectArrived(again, files);
    expect(pair.b.disk.written).toBe(1);
  });

  it.each(['is cancelled', 'loses its link'])(
    'that %s waits for no file that is compared with what is there',
    async (how) => {
      const disk = new MemoryDisk();
      let isStarted = false;
      const comparing = Promise.withResolvers<{ same: number[] }>();
      const compare = vi.fn(() => comparing.promise);
      const b = new Side(
        disk,
        {},
        {
          source: (transfer, from) => disk.source(transfer, from),
          sink: (transfer) => {
            const sink = disk.sink(transfer);
            const start: typeof sink.start = (leaveOut) => {
              isStarted = true;
              return sink.start(leaveOut);
            };
            return { ...sink, compare, start };
          },
          claims: disk.claims,
          addHistory: disk.addHistory,
        },
      );
      b.autoAccept = 'skip';
      const pair = linkTwo(1, { b });
      const files = [fileOf('here', 2_000)];
      disk.published.set('top/here', files[0]!.bytes as Uint8Array);
      await sendFiles(pair, files);
      await vi.waitFor(() => expect(compare).toHaveBeenCalledOnce());
      if (how === 'is cancelled') b.engine.command({ do: 'cancel', transfer: b.view()!.id });
      else b.engine.command({ do: 'end', say: 'nothing' });
      await vi.waitFor(() => expect([disk.history.length, disk.receives.size]).toEqual([1, 0]));
      comparing.reject(new Error('nobody waits for it'));
      expect(isStarted).toBe(false);
    },
  );

  it('claims the newest of very many unfinished ones', async () => {
    const kept = Array.from({ length: resumeClaimsMax + 10 }, (_, at) => ({
      id: at.toString(16).padStart(32, '0'),
      secret: at.toString(16).padStart(64, '0'),
      direction: 'receive' as const,
    }));
    const [a, b] = [new Side(), new Side()];
    a.disk.files = [fileOf('new', 100)];
    b.disk.claims = async () => kept;
    a.disk.sends.set(kept[0]!.id, kept[0]!.secret);
    b.disk.receives.set(kept[0]!.id, {
      secret: kept[0]!.secret,
      entries: [{ kind: 'file', path: ['top', 'new'], size: 100, mtimeMs: 0, executable: false }],
      blocks: new Map(),
    });
    const pair = linkTwo(1, { a, b });
    await pair.a.reached('done');
    expect(b.disk.published.size).toBe(1);
  });

  it('is taken up the next day by new engines, when both prove the same secret', async () => {
    const pair = linkTwo(1);
    const files = [fileOf('big', 20_000_000)];
    pair.b.disk.roomBlocks = 6;
    await sendFiles(pair, files);
    await pair.a.until(() => pair.a.view()?.pause === 'disk');
    pair.a.engine.close();
    pair.b.engine.close();
    pair.b.disk.roomBlocks = Number.POSITIVE_INFINITY;
    const next = linkTwo(1, { a: new Side(pair.a.disk), b: new Side(pair.b.disk) });
    await next.a.reached('done');
    expectArrived(next, files);
    expect(next.b.disk.written).toBe(20);
  });
});
