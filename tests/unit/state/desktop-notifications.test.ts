// What a window shows that nobody looks at, and what is said to those who do not see.

import { describe, expect, it } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import { startDesktopNotifications } from '../../../renderer/state/desktop-notifications.ts';
import { listenForNews, type News } from '../../../renderer/state/news.ts';
import { newsText } from '../../../renderer/ui/news-text.ts';
import { openStrings } from '../../../renderer/ui/strings/strings.ts';
import { words } from '../../../shared/strings/languages.ts';
import { digitsReadMs } from '../../../shared/wire/limits.ts';
import { type Bench, idOf, openBench, progress, transfer } from './stage.ts';

function open(shell: 'browser' | 'electron' = 'electron'): Bench & { close(): void } {
  const bench = openBench(shell);
  const say = (news: News) => newsText(news, 'Ben', openStrings('en', words.en));
  return { ...bench, ...startDesktopNotifications({ ...bench.tincan, ports: bench.ports, say }) };
}

const told = ({ calls }: Bench, name: string) => calls.filter((call) => call.name === name).map(({ input }) => input);

describe('the title and the taskbar', () => {
  it('show the part of the whole queue that is there, rounded down, and nothing when all is done', () => {
    const bench = open();
    bench.emit(transfer(1, {}));
    bench.clock.ms = 1000;
    bench.emit(progress(1, 419));
    expect(bench.titles).toEqual(['Tincan', '0% · Tincan', '41% · Tincan']);
    expect(told(bench, 'shell.progress').at(-1)).toEqual({ fraction: 0.419, busy: true });
    bench.emit(transfer(1, { state: 'done' }));
    expect(bench.titles.at(-1)).toBe('Tincan');
    expect(told(bench, 'shell.progress').at(-1)).toEqual({ fraction: null, busy: false });
  });

  it('are put back by a page that was loaded again while something moved', () => {
    expect(told(open(), 'shell.progress')).toEqual([{ fraction: null, busy: false }]);
  });

  it('name an offer for as long as it waits for an answer', async () => {
    const bench = open();
    bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan });
    expect(bench.titles.at(-1)).toBe('● Ben offers Holiday in Lisbon');
    bench.emit({ is: 'offer-gone', transfer: idOf(9) });
    expect(bench.titles.at(-1)).toBe('Tincan');
  });

  it('keep the computer awake for what begins while an offer waits', () => {
    const bench = open();
    bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan });
    bench.clock.ms = 5_000;
    bench.emit(transfer(1, {}));
    bench.clock.ms = 10_000;
    bench.emit(progress(1, 419));
    expect(bench.titles.at(-1)).toBe('● Ben offers Holiday in Lisbon');
    expect(told(bench, 'shell.progress').at(-1)).toEqual({ fraction: 0.419, busy: true });
  });

  it('let the computer sleep after what ends while an offer waits', () => {
    const bench = open();
    bench.emit(transfer(1, {}));
    bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan });
    bench.clock.ms = 10_000;
    bench.emit(progress(1, 419));
    bench.emit(transfer(1, { state: 'done' }));
    expect(told(bench, 'shell.progress').at(-1)).toEqual({ fraction: null, busy: false });
  });

  it('change at most once a second while bytes flow', () => {
    const bench = open();
    bench.emit(transfer(1, {}));
    for (let at = 1; at <= 30; at += 1) {
      bench.clock.ms += 100;
      bench.emit(progress(1, at * 30));
    }
    expect(bench.titles.length).toBeLessThanOrEqual(5);
  });

  it('never go back when one of several is done', () => {
    const bench = open();
    bench.emit(transfer(1, {}));
    bench.emit(transfer(2, {}));
    for (const [at, done] of [
      [1, 500],
      [1, 1000],
      [2, 400],
    ] as const) {
      bench.clock.ms += 1000;
      bench.emit(progress(at, done));
      if (done === 1000) bench.emit(transfer(at, { state: 'done' }));
    }
    const shown = bench.titles.map((title) => Number.parseInt(title, 10)).filter((value) => !Number.isNaN(value));
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(shown.at(-1)).toBe(70);
  });
});

describe('a notification', () => {
  const happen = ({ emit }: Bench) => {
    emit({ is: 'offer', connection: stageConnection, transfer: idOf(9), plan });
    emit({ is: 'text', connection: stageConnection, text: 'hello', fromPeer: true });
    emit(transfer(1, {}));
    emit(transfer(1, { state: 'done' }));
  };

  it('tells a hidden window’s person of offers, notes and endings, and not of every step', () => {
    const bench = open();
    bench.window.hidden = true;
    happen(bench);
    expect(told(bench, 'shell.notify')).toEqual([
      { title: 'Tincan', body: 'Ben offers Holiday in Lisbon' },
      { title: 'Tincan', body: 'A note from Ben' },
      { title: 'Tincan', body: 'file 1: Delivered' },
    ]);
  });

  it.each([
    ['send', 'file 1: Delivered, without 2 files', 'file 2: No file was delivered'],
    ['receive', 'file 1: Received, without 2 files', 'file 2: No file arrived'],
  ] as const)('claims no more than what came of it (%s)', (direction, some, none) => {
    const bench = open();
    bench.window.hidden = true;
    bench.emit(transfer(1, { direction, state: 'done', wantedFiles: 9, fileFaultCount: 2 }));
    bench.emit(transfer(2, { direction, state: 'done', wantedFiles: 1, fileFaultCount: 1 }));
    expect(told(bench, 'shell.notify')).toEqual([some, none].map((body) => ({ title: 'Tincan', body })));
  });

  it('is the browser’s own where there is no desktop app, and only there', () => {
    const bench = open('browser');
    bench.window.hidden = true;
    happen(bench);
    expect(told(bench, 'shell.notify')).toEqual([]);
    expect(bench.notices.map(({ body }) => body)).toEqual([
      'Ben offers Holiday in Lisbon',
      'A note from Ben',
      'file 1: Delivered',
    ]);
    const desktop = open('electron');
    desktop.window.hidden = true;
    happen(desktop);
    expect(desktop.notices).toEqual([]);
  });

  it.each([
    ['browser', true, 1],
    ['browser', false, 0],
    ['electron', true, 0],
  ] as const)('is asked for with the choice about the digits (%s, wanted: %s)', (shell, notifications, times) => {
    const bench = openBench(shell);
    bench.tincan.actions.applySettings({ ...bench.tincan.store.getState().settings, notifications });
    expect(bench.asked.toNotify).toBe(0);
    bench.show({ at: 'linked', peer: { name: 'Ben', trust: { at: 'asking', digits: '402917' } } });
    bench.runTimers(digitsReadMs);
    bench.tincan.actions.settleDigits('skip');
    expect(bench.asked.toNotify).toBe(times);
  });

  it('leaves people alone who look at the window, or asked to be', () => {
    const looking = open();
    happen(looking);
    expect(told(looking, 'shell.notify')).toEqual([]);
    const asked = open();
    asked.window.hidden = true;
    asked.tincan.actions.applySettings({ ...asked.tincan.store.getState().settings, notifications: false });
    happen(asked);
    expect(told(asked, 'shell.notify')).toEqual([]);
  });
});

describe('a note of the other side', () => {
  const notesTold = () => {
    const bench = openBench();
    const told: string[] = [];
    listenForNews(bench.tincan.store, bench.tincan.progress, ({ is }) => told.push(is));
    const note = (change: object) =>
      bench.emit({ is: 'text', connection: stageConnection, text: 'hi', ...change } as never);
    return { ...bench, note, told };
  };

  it('is told once, also when one of ours after it is removed or marked as not sent', () => {
    const { emit, note, runTimers, tincan, told } = notesTold();
    const texts = () => tincan.store.getState().texts;
    note({ fromPeer: true });
    runTimers(1_000);
    note({ fromPeer: false, note: 'a' });
    runTimers(1_000);
    expect(told).toEqual(['text']);
    tincan.actions.sendTextAgain(texts().at(-1)!);
    expect([texts().length, told]).toEqual([1, ['text']]);
    emit({ is: 'refused', text: 'hi', note: 'b', fault: { code: 'text-too-long' } } as never);
    expect(told).toEqual(['text']);
  });

  it('is told where one of ours came with it', () => {
    const { note, runTimers, told } = notesTold();
    note({ fromPeer: false });
    note({ fromPeer: true });
    note({ fromPeer: false });
    runTimers(1_000);
    expect(told).toEqual(['text']);
  });
});

describe('the sound', () => {
  const offer = (bench: Bench, at: number) =>
    bench.emit({ is: 'offer', connection: stageConnection, transfer: idOf(at), plan });
  const note = (bench: Bench) => {
    bench.emit({ is: 'text', connection: stageConnection, text: 'hello', fromPeer: true });
    bench.runTimers(1_000);
  };

  it('comes with an offer, and with a note only while nobody looks', () => {
    const bench = open();
    note(bench);
    expect(bench.sounds.count).toBe(0);
    offer(bench, 9);
    expect(bench.sounds.count).toBe(1);
    bench.runTimers(10_000);
    bench.window.hidden = true;
    note(bench);
    expect(bench.sounds.count).toBe(2);
  });

  it('comes seldom, however much comes', () => {
    const bench = open();
    for (let at = 10; at < 20; at += 1) {
      bench.clock.ms += 100;
      offer(bench, at);
    }
    expect(bench.sounds.count).toBe(1);
  });

  it('can be turned off', () => {
    const bench = open();
    bench.tincan.actions.applySettings({ ...bench.tincan.store.getState().settings, sound: false });
    offer(bench, 9);
    expect(bench.sounds.count).toBe(0);
  });
});

describe('what is spoken', () => {
  it('is quarters of progress, once each, and changes of state', () => {
    const bench = openBench();
    const spoken: string[] = [];
    listenForNews(bench.tincan.store, bench.tincan.progress, (news) => {
      spoken.push(newsText(news, 'Ben', openStrings('en', words.en)));
    });
    bench.emit(transfer(1, {}));
    for (let at = 0; at <= 1000; at += 5) {
      bench.clock.ms += 100;
      bench.emit(progress(1, at));
    }
    bench.emit(transfer(1, { state: 'done' }));
    expect(spoken).toEqual(['file 1: Sending', 'file 1: 25%', 'file 1: 50%', 'file 1: 75%', 'file 1: Delivered']);
  });

  it('says what a pause waits for, and what did not come through, in either language', () => {
    const bench = openBench();
    const spoken: string[] = [];
    listenForNews(bench.tincan.store, bench.tincan.progress, (news) => {
      for (const language of ['en', 'zh-CN'] as const)
        spoken.push(newsText(news, 'Ben', openStrings(language, words[language])));
    });
    bench.emit(transfer(1, { state: 'paused', pause: 'disk' }));
    bench.emit(transfer(1, { state: 'done', wantedFiles: 9, fileFaultCount: 1 }));
    expect(spoken).toEqual([
      'file 1: Paused: their disk is full',
      'file 1：已暂停：对方的磁盘已满',
      'file 1: Delivered, without 1 file',
      'file 1：已送达，缺 1 个文件',
    ]);
  });
});
