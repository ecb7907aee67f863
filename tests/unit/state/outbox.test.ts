// What was put down before a link goes to nobody until the person says so.

import { describe, expect, it, vi } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { unconfirmed } from '../../../renderer/state/app-state.ts';
import type { Ports } from '../../../renderer/state/ports.ts';
import type { HostItem } from '../../../shared/ipc/views.ts';
import { Fault } from '../../../shared/model/fault.ts';
import type { LinkView, PeerView, TrustView } from '../../../shared/model/link-view.ts';
import { digitsReadMs } from '../../../shared/wire/limits.ts';
import { type Bench, openBench } from './stage.ts';

const item = (id: string) => ({ id, name: id, kind: 'file' as const });
const linked = (trust: TrustView, more: Partial<PeerView> = {}): LinkView => ({
  at: 'linked',
  peer: { name: 'Ben', trust, ...more },
});
const settled = (checked: 'matched' | 'camera' | 'known') => ({ at: 'settled', digits: '402917', checked }) as const;
const asking = { at: 'asking', digits: '402917' } as const;
const pairing: LinkView = { at: 'pairing', code: { at: 'making' } };

function open() {
  const bench = openBench();
  bench.show(pairing);
  const sent = () => bench.commands.flatMap((command) => ('items' in command ? [command.items] : []));
  return { ...bench, sent, ...bench.tincan };
}

describe('what waits to be sent', () => {
  it.each(['camera', 'known'] as const)('is not offered by itself on a link by %s', (checked) => {
    const { actions, sent, show } = open();
    actions.addEarlier([item('a')]);
    show(linked(settled(checked)));
    expect(sent()).toEqual([]);
    actions.sendOutbox();
    expect(sent()).toEqual([['a']]);
  });

  it('goes with the answer to the digits, which says how much waits', () => {
    const { actions, sent, show, runTimers } = open();
    actions.addEarlier([item('a')]);
    show(linked(asking));
    runTimers(digitsReadMs);
    actions.settleDigits('match');
    show(linked(settled('matched')));
    expect(sent()).toEqual([['a']]);
  });

  it('goes to the remembered computer that was clicked, and to no other that comes first', () => {
    const { actions, sent, show, store } = open();
    actions.addEarlier([item('a')]);
    void actions.callRemembered('0a');
    show(linked(settled('known')));
    expect(sent()).toEqual([]);
    show(pairing);
    void actions.callRemembered('0b');
    show(linked(settled('known'), { knownId: '0a' }));
    expect(sent()).toEqual([]);
    show(pairing);
    store.setState({ calling: { at: 'idle' } });
    void actions.callRemembered('0a');
    show(linked(settled('known'), { knownId: '0a' }));
    expect(sent()).toEqual([['a']]);
  });

  it('is not taken from one who is called by word of another, who was called before', async () => {
    const found = new Map<string, (isFound: boolean) => void>();
    const link = {
      ...openBench().ports.link,
      callRemembered: (id: string) => new Promise<boolean>((resolve) => found.set(id, resolve)),
    };
    const bench = openBench('browser', { link });
    const { actions, store } = bench.tincan;
    store.setState({ session: pairing });
    const first = actions.callRemembered('0a');
    // Somebody else linked meanwhile, and left.
    store.setState({ calling: { at: 'idle' } });
    void actions.callRemembered('0b');
    found.get('0a')!(false);
    await first;
    expect(store.getState()).toMatchObject({ calling: { at: 'calling', id: '0b' }, chosen: { known: '0b' } });
  });

  describe('for a remembered computer that was clicked', () => {
    const connecting: LinkView = { at: 'connecting', code: { at: 'making' }, step: 'reaching' };
    const known = (knownId: string) => linked(settled('known'), { knownId });
    /** The click, while one file waits, and what comes of looking for it. */
    function call(id: string) {
      let answer: (isFound: boolean) => void = () => undefined;
      const bench = open();
      vi.spyOn(bench.ports.link, 'callRemembered').mockReturnValue(new Promise((resolve) => (answer = resolve)));
      bench.actions.addEarlier([item('a')]);
      const done = bench.actions.callRemembered(id);
      const isFound = async (found: boolean) => {
        answer(found);
        await done;
      };
      return { ...bench, isFound };
    }

    it('goes there once it is linked', async () => {
      const { isFound, sent, show } = call('0a');
      show(connecting);
      await isFound(true);
      show(known('0a'));
      expect(sent()).toEqual([['a']]);
    });

    it('goes there where both called each other, and its own call came first', async () => {
      const { isFound, sent, show } = call('0a');
      show(connecting);
      await isFound(false);
      show(known('0a'));
      expect(sent()).toEqual([['a']]);
    });

    it.each([
      ['was found, and given up by the person', ['connecting', 'found', 'pairing']],
      ['was found, and given up before its answer was told', ['connecting', 'pairing', 'found']],
      ['was found, and no link began to come up', ['found']],
      ['was not found', ['not found']],
      ['was not found while another one linked, and that came to nothing', ['connecting', 'not found', 'pairing']],
      ['was not found after another one linked, and that came to nothing', ['connecting', 'pairing', 'not found']],
    ] as const)('does not go there by itself long after it %s', async (_, steps) => {
      const { isFound, runTimers, sent, show } = call('0a');
      for (const step of steps) {
        if (step === 'connecting') show(connecting);
        else if (step === 'pairing') show(pairing);
        else await isFound(step === 'found');
      }
      runTimers(24 * 60 * 60 * 1000);
      show(connecting);
      show(known('0a'));
      expect(sent()).toEqual([]);
    });
  });

  it('is there again where the engine did not begin with it, and asks once more', async () => {
    const { actions, commands, emit, pick, sent, show, store } = open();
    show(linked(settled('known')));
    await pick([item('a')]);
    actions.pickedFiles([Object.assign(new File(['b'], 'b'), { webkitRelativePath: '' })]);
    const transfers = commands.flatMap((command) => ('transfer' in command ? [String(command.transfer)] : []));
    expect([transfers.length, store.getState().staged]).toEqual([2, []]);
    for (const transfer of transfers)
      emit({ is: 'refused', fault: { code: 'bridge-busy', message: 'too many transfers at once' }, transfer });
    expect(store.getState().staged.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(sent()).toEqual([['a']]);
    actions.sendOutbox();
    expect([sent(), store.getState().staged]).toEqual([[['a'], ['a']], []]);
  });

  it('is written again where it is a note that was not sent, and nothing was written since', () => {
    const { actions, emit, show, store } = open();
    show(linked(settled('known')));
    const refused = { is: 'refused', fault: { code: 'note-too-long', message: '' }, text: 'long' } as const;
    actions.draftText('long');
    actions.sendText();
    expect(store.getState().draft).toBe('');
    emit(refused);
    expect(store.getState().draft).toBe('long');
  });

  it('stays in the list where it is a note that was not sent and something was written since, and can be sent again', () => {
    const { actions, commands, emit, show, store } = open();
    show(linked(settled('known')));
    actions.draftText('newer');
    emit({ is: 'refused', fault: { code: 'bridge-busy', message: '' }, text: 'older' });
    const { draft, texts } = store.getState();
    expect(draft).toBe('newer');
    expect(texts).toMatchObject([{ text: 'older', fromPeer: false, isUnsent: true }]);
    actions.sendTextAgain(texts[0]!);
    expect(store.getState().texts).toEqual([]);
    expect(commands.at(-1)).toEqual({ do: 'send-text', text: 'older' });
  });

  it('is marked in the list where it is a note that was told of as sent, and was not', () => {
    const { emit, show, store } = open();
    show(linked(settled('known')));
    const told = { is: 'text', connection: stageConnection, fromPeer: false } as const;
    // Both within the pause in which notes are gathered.
    emit({ ...told, text: 'same', note: 'a' });
    emit({ ...told, text: 'same', note: 'b' });
    emit({ ...told, text: 'came', note: 'c' });
    const fault = { code: 'peer-left', message: '' } as const;
    for (const note of ['b', 'a']) emit({ is: 'refused', fault, text: 'same', note, wasTold: true });
    expect(store.getState().texts).toMatchObject([
      { text: 'same', note: 'a', isUnsent: true },
      { text: 'same', note: 'b', isUnsent: true },
      { text: 'came', note: 'c' },
    ]);
    expect(store.getState().texts[2]).not.toHaveProperty('isUnsent');
    expect(store.getState().draft).toBe('');
  });

  it('keeps its name when it is sent again, and when that comes to nothing too', () => {
    const { actions, commands, emit, show, store } = open();
    show(linked(settled('known')));
    const fault = { code: 'peer-left', message: '' } as const;
    emit({ is: 'text', connection: stageConnection, fromPeer: false, text: 'hello', note: 'a' });
    emit({ is: 'refused', fault, text: 'hello', note: 'a', wasTold: true });
    actions.sendTextAgain(store.getState().texts[0]!);
    expect(commands.at(-1)).toEqual({ do: 'send-text', text: 'hello', note: 'a' });
    emit({ is: 'refused', fault, text: 'hello', note: 'a' });
    expect(store.getState().texts).toMatchObject([{ text: 'hello', note: 'a', isUnsent: true }]);
    expect(store.getState().draft).toBe('');
  });

  it('is offered at once when it is picked on the open link', async () => {
    const { pick, sent, show } = open();
    show(linked(settled('known')));
    await pick([item('a')]);
    expect(sent()).toEqual([['a']]);
  });
});

describe('what cannot be put down', () => {
  it.each([
    [new Fault('bridge-closed', 'the host is gone'), 'bridge-closed'],
    [new Error('nothing could be read'), 'source-unreadable'],
  ] as const)('is told of with its cause: %s', async (error, code) => {
    const { tincan } = openBench('electron', { stageDropped: () => Promise.reject(error) });
    tincan.actions.dropped({ items: [], files: [] } as unknown as DataTransfer);
    await vi.waitFor(() =>
      expect(tincan.store.getState().toasts.map(({ say }) => say)).toMatchObject([{ is: 'fault', fault: { code } }]),
    );
  });
});

describe('what was opened with Tincan and is more than may be sent', () => {
  it('is told of', () => {
    const { tell, tincan } = openBench('electron');
    tell('staged', { batch: 1, told: 1, items: [], fault: { code: 'manifest-too-large', message: '' } });
    const { staged, toasts } = tincan.store.getState();
    expect(staged).toEqual([]);
    expect(toasts.map(({ say }) => say)).toMatchObject([{ is: 'fault', fault: { code: 'manifest-too-large' } }]);
  });
});

describe('what the host cannot look at', () => {
  const dropOf = (names: readonly string[]) =>
    ({ items: [], files: names.map((name) => new File([], name)) }) as unknown as DataTransfer;
  const said = ({ tincan }: Bench) => tincan.store.getState().toasts.map(({ say }) => say);

  it.each([
    { dropped: ['a', 'b', 'c'], found: ['a', 'c'], names: ['b'] },
    { dropped: ['a', 'a'], found: ['a'], names: ['a'] },
    { dropped: ['a'], found: [], names: ['a'] },
    { dropped: ['a', 'b'], found: ['a', 'b'], names: [] },
    // The host calls a drive by its whole path.
    { dropped: ['\\'], found: ['D:\\'], names: [] },
    { dropped: ['\\', 'gone', 'b'], found: ['D:\\', 'b'], names: ['gone'] },
    { dropped: ['\\', '\\'], found: ['D:\\'], names: ['\\'] },
  ])('is named where it is dropped: $names', async ({ dropped, found, names }) => {
    const items = found.map((name, at) => ({ ...item(name), id: `${at}` }));
    const bench = openBench('electron', { stageDropped: async () => items });
    bench.show(pairing);
    bench.tincan.actions.dropped(dropOf(dropped));
    await vi.waitFor(() => expect(bench.tincan.store.getState().reading).toEqual([]));
    expect(bench.tincan.store.getState().staged.map(({ name }) => name)).toEqual(found);
    expect(said(bench)).toEqual(names.length === 0 ? [] : [{ is: 'left-out', names }]);
  });
});

describe('what was put down before there was a page', () => {
  it('waits to be asked about, whoever is linked by then', () => {
    // The bench opens its page on an open link.
    const { commands, tincan } = openBench('electron', {}, { staged: [item('a')] });
    expect(commands.filter(({ do: what }) => what === 'send-items')).toEqual([]);
    expect(unconfirmed(tincan.store.getState()).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('what the shell was asked to send before there was a page', () => {
  it('is picked as soon as there is one, and once, however often it is told', () => {
    const { calls, tell } = openBench('electron', {}, { pick: { kind: 'folder', nth: 2 } });
    const picked = () => calls.filter(({ name }) => name === 'stage.pick').map(({ input }) => input);
    for (const nth of [1, 2]) tell('pick', { kind: 'folder', nth });
    expect(picked()).toEqual([{ kind: 'folder' }]);
    tell('pick', { kind: 'files', nth: 3 });
    expect(picked()).toEqual([{ kind: 'folder' }, { kind: 'files' }]);
  });
});

describe('what takes a while to be read', () => {
  const other = (checked: 'camera' | 'known'): TrustView => ({ at: 'settled', digits: '118230', checked });
  /** Of a drop, a picker and the clipboard alike: what the host answers once it has looked. */
  function openSlow() {
    let answer: (items: readonly HostItem[]) => void = () => undefined;
    const stageDropped = () => new Promise<readonly HostItem[]>((resolve) => (answer = resolve));
    const bench = openBench('electron', { stageDropped });
    bench.show(pairing);
    const sent = () => bench.commands.flatMap((command) => ('items' in command ? [command.items] : []));
    const drop = () => bench.tincan.actions.dropped({ items: [], files: [] } as unknown as DataTransfer);
    const isAnswered = async (items: readonly HostItem[]) => {
      answer(items);
      await vi.waitFor(() => expect(bench.tincan.store.getState().reading).toEqual([]));
    };
    const isRead = (id: string) => isAnswered([item(id)]);
    return { ...bench, ...bench.tincan, sent, drop, isAnswered, isRead };
  }

  it('goes to whoever was there when it was opened with Tincan, and to nobody who came meanwhile', async () => {
    const { sent, show, store, tell } = openSlow();
    await Promise.resolve();
    show(linked(settled('known')));
    tell('opening', { batch: 1 });
    tell('opening', { batch: 2 });
    tell('staged', { batch: 1, told: 1, items: [item('a')] });
    expect(sent()).toEqual([['a']]);
    show(linked(other('known')));
    tell('staged', { batch: 2, told: 1, items: [item('b')] });
    tell('staged', { batch: 3, told: 1, items: [item('c')] });
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[['a']], ['b', 'c']]);
  });

  it('goes to nobody where it was opened while two people were there, one after the other', async () => {
    const { sent, show, store, tell } = openSlow();
    await Promise.resolve();
    for (const trust of [settled('known'), other('known'), settled('known')]) {
      show(linked(trust));
      tell('opening', { batch: 1 });
    }
    tell('staged', { batch: 1, told: 3, items: [item('a'), item('b')] });
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[], ['a', 'b']]);
  });

  it('goes to nobody where a part of it was opened before there was a page', async () => {
    const { sent, show, store, tell } = openSlow();
    tell('opening', { batch: 1 });
    await Promise.resolve();
    show(linked(settled('known')));
    tell('opening', { batch: 1 });
    tell('staged', { batch: 1, told: 2, items: [item('a'), item('b')] });
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[], ['a', 'b']]);
  });

  it('goes to nobody where it was opened before there was a page to see anybody on', () => {
    const { sent, show, store, tell } = openSlow();
    show(linked(settled('known')));
    tell('opening', { batch: 1 });
    tell('staged', { batch: 1, told: 1, items: [item('a')] });
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[], ['a']]);
  });

  it('goes to nobody who links meanwhile, and waits to be asked about', async () => {
    const { drop, isRead, sent, show, store } = openSlow();
    drop();
    show(linked(settled('known')));
    await isRead('a');
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[], ['a']]);
  });

  it('goes to whoever was there, and to nobody who took their place meanwhile', async () => {
    const { drop, isRead, sent, show, store } = openSlow();
    show(linked(settled('known')));
    drop();
    await isRead('a');
    expect(sent()).toEqual([['a']]);
    drop();
    show(linked(other('known')));
    await isRead('b');
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[['a']], ['b']]);
  });

  it('goes to nobody who took the place of whoever was there when the shell asked for it', async () => {
    const { answers, calls, sent, show, store, tell } = openSlow();
    const picked = Promise.withResolvers<readonly HostItem[]>();
    answers.set('stage.pick', picked.promise);
    show(linked(settled('known')));
    tell('pick', { kind: 'folder', nth: 1 });
    expect(calls).toContainEqual({ name: 'stage.pick', input: { kind: 'folder' } });
    show(linked(other('known')));
    picked.resolve([item('a')]);
    await vi.waitFor(() => expect(store.getState().staged).toHaveLength(1));
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[], ['a']]);
  });

  describe('and was dropped on a remembered computer', () => {
    const known = linked(settled('known'), { knownId: '0a' });
    function dropOn(id: string) {
      const bench = openSlow();
      const called = vi.spyOn(bench.ports.link, 'callRemembered');
      const { callRemembered, dropped } = bench.actions;
      bench.actions.addEarlier([item('earlier')]);
      dropped({ items: [], files: [] } as unknown as DataTransfer, (items) => void callRemembered(id, items));
      return { ...bench, called };
    }

    it('goes there alone: what waits for others, before or since, waits on', async () => {
      const { actions, called, isRead, sent, show, store } = dropOn('0a');
      actions.addEarlier([item('salary')]);
      await isRead('a');
      await vi.waitFor(() => expect(called.mock.calls).toEqual([['0a']]));
      show({ at: 'connecting', code: { at: 'making' }, step: 'reaching' });
      show(known);
      expect(sent()).toEqual([['a']]);
      expect(unconfirmed(store.getState()).map(({ name }) => name)).toEqual(['earlier', 'salary']);
    });

    it.each<[string, LinkView]>([
      ['somebody else links', { at: 'connecting', code: { at: 'making' }, step: 'reaching' }],
      [
        'the code of somebody else is taken',
        { at: 'pairing', code: { at: 'ready', kind: 'reply', text: 'TINCAN:A', local: true } },
      ],
    ])('calls nobody where %s meanwhile', async (_, view) => {
      const { called, isRead, sent, show, store } = dropOn('0a');
      show(view);
      await isRead('a');
      await Promise.resolve();
      expect(called).not.toHaveBeenCalled();
      show(known);
      expect(sent()).toEqual([]);
      expect(unconfirmed(store.getState()).map(({ name }) => name)).toEqual(['earlier', 'a']);
    });

    it('calls nobody where nothing of it can be read', async () => {
      const { called, isAnswered } = dropOn('0a');
      await isAnswered([]);
      await Promise.resolve();
      expect(called).not.toHaveBeenCalled();
    });
  });

  it('goes to a remembered computer that came back meanwhile', async () => {
    const { drop, isRead, sent, show } = openSlow();
    show(linked(settled('known'), { knownId: '0a' }));
    drop();
    show(linked(other('known'), { knownId: '0a' }));
    await isRead('a');
    expect(sent()).toEqual([['a']]);
  });
});

describe('what was put down for somebody whose link is cut', () => {
  it('goes to them once they are back, and to nobody who comes instead', async () => {
    const { pick, sent, show, store } = open();
    const cut = (peer: Partial<PeerView> = {}): LinkView => ({
      at: 'reconnecting',
      peer: { name: 'Ben', trust: settled('camera'), ...peer },
      sinceMs: 0,
    });
    show(linked(settled('camera')));
    show(cut());
    await pick([item('a')]);
    show(linked(settled('camera')));
    expect(sent()).toEqual([['a']]);
    show(cut());
    await pick([item('b')]);
    show({ at: 'linked', peer: { name: 'Carl', trust: { at: 'settled', digits: '118230', checked: 'camera' } } });
    expect([sent(), unconfirmed(store.getState()).map(({ name }) => name)]).toEqual([[['a']], ['b']]);
  });

  it('goes to a remembered computer that is back by a new link', async () => {
    const { pick, sent, show } = open();
    const known = { knownId: '0a' };
    show(linked(settled('known'), known));
    show({ at: 'reconnecting', peer: { name: 'Ben', trust: settled('known'), ...known }, sinceMs: 0, callsBack: true });
    await pick([item('a')]);
    show({ at: 'connecting', code: { at: 'making' }, step: 'verifying' });
    show(linked({ at: 'settled', digits: '118230', checked: 'known' }, known));
    expect(sent()).toEqual([['a']]);
  });
});

describe('the digits', () => {
  it.each(['match', 'skip'] as const)('are answered (%s) only once they can have been read', (answer) => {
    const { actions, show, settles, store, runTimers } = open();
    actions.addEarlier([item('a')]);
    show(linked(asking));
    actions.settleDigits(answer);
    expect([settles, store.getState().confirmed.size]).toEqual([[], 0]);
    runTimers(digitsReadMs);
    expect(store.getState().digitsReadable).toBe(true);
    actions.settleDigits(answer);
    expect([settles, store.getState().confirmed.size]).toEqual([[answer], 1]);
    show(pairing);
    show(linked(asking));
    expect(store.getState().digitsReadable).toBe(false);
  });

  it('cannot be confirmed at once where others take their place', () => {
    const { actions, show, settles, runTimers } = open();
    show(linked(asking));
    runTimers(digitsReadMs);
    show({ at: 'reconnecting', peer: { name: 'Ben', trust: asking }, sinceMs: 0 });
    show({ at: 'linked', peer: { name: 'Carl', trust: { at: 'asking', digits: '118230' } } });
    actions.settleDigits('match');
    expect(settles).toEqual([]);
    runTimers(digitsReadMs);
    actions.settleDigits('match');
    expect(settles).toEqual(['match']);
  });
});

describe('what was copied', () => {
  const picture = () => Object.assign(new File(['x'], 'image.png'), { webkitRelativePath: '' });
  const sentFiles = ({ commands }: Bench) =>
    commands.flatMap((command) =>
      'files' in command ? (command.files as { file: File }[]).map(({ file }) => file.name) : [],
    );

  it('is staged by the page where it is a picture and no file on the disk', async () => {
    const asked: number[] = [];
    const bench = openBench('electron', {
      stageDropped: async (files) => {
        asked.push(files.length);
        return [];
      },
    });
    bench.tincan.actions.pastedFiles([picture()]);
    await vi.waitFor(() => expect(sentFiles(bench)).toEqual(['image.png']));
    expect(asked).toEqual([1]);
  });

  it('goes by a click: a text as a note, a picture as a file, and nothing with a word', async () => {
    const copied = { text: '', files: [] as File[] };
    const window = { readAll: async () => copied } as unknown as Ports['window'];
    const bench = openBench('browser', { window });
    copied.text = 'the address';
    await bench.tincan.actions.sendClipboard();
    expect(bench.commands.at(-1)).toEqual({ do: 'send-text', text: 'the address' });
    copied.files = [picture()];
    await bench.tincan.actions.sendClipboard();
    expect(sentFiles(bench)).toEqual(['image.png']);
    Object.assign(copied, { text: ' ', files: [] });
    await bench.tincan.actions.sendClipboard();
    expect(bench.tincan.store.getState().toasts.map(({ say }) => say.is)).toEqual(['nothing-copied']);
  });

  it('goes to nobody who links while the browser asks whether it may be read', async () => {
    const copied = { text: 'the address', files: [] as File[] };
    let allow: () => void = () => undefined;
    const window = {
      readAll: () => new Promise((resolve) => (allow = () => resolve({ ...copied }))),
    } as unknown as Ports['window'];
    const bench = openBench('browser', { window });
    const { actions, store } = bench.tincan;
    const carl: TrustView = { at: 'settled', digits: '118230', checked: 'known' };
    for (const files of [[], [picture()]]) {
      bench.show(linked(settled('matched')));
      copied.files = files;
      const done = actions.sendClipboard();
      bench.show({ at: 'linked', peer: { name: 'Carl', trust: carl } });
      allow();
      await done;
    }
    expect(bench.commands).toEqual([]);
    expect(store.getState().draft).toBe('the address');
    expect(unconfirmed(store.getState()).map(({ name }) => name)).toEqual(['image.png']);
  });

  it('says so where the browser may not read it', async () => {
    const window = { readAll: () => Promise.reject(new Error('denied')) } as unknown as Ports['window'];
    const bench = openBench('browser', { window });
    await bench.tincan.actions.sendClipboard();
    expect(bench.tincan.store.getState().toasts.map(({ say }) => say.is)).toEqual(['nothing-copied']);
  });
});
