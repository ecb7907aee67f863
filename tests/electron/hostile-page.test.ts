// The stand-in again, with a page that was taken over: rows P1 to P9 of the bar, through the real preload, over the real
// ports, at the real host. Whatever it says, it reads only what was picked and writes only what was accepted. Row P9, a
// page that lies about who the peer is, cannot be refused by the host and is stated in docs/SECURITY.md instead.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineCalls, uiCalls } from '../../shared/ipc/contract.ts';
import { temporaryFolder } from '../e2e/instance.ts';
import { treeOf } from '../e2e/pairing.ts';
import { type StandIn, startStandIn } from '../electron-standin/launch.ts';

type Role = 'ui' | 'engine';
type Outcome = { readonly output?: unknown; readonly fault?: string };
type PolicyMaker = { readonly trustedTypes: { createPolicy(name: string, rules: object): unknown } };
type Evil = {
  call(role: Role, name: string, input: unknown): Promise<Outcome>;
  raw(role: Role, message: unknown): string;
};

const id = 'ab'.repeat(16);
const secret = 'cd'.repeat(32);

describe('a page that was taken over', () => {
  let app: StandIn;
  const outside = temporaryFolder('outside');

  const call = (role: Role, name: string, input: unknown) =>
    app.page.evaluate(([r, n, i]) => (window as unknown as { evil: Evil }).evil.call(r, n, i), [
      role,
      name,
      input,
    ] as const);

  beforeAll(async () => {
    writeFileSync(path.join(outside, 'secret.txt'), 'secret');
    mkdirSync(path.join(outside, 'folder'));
    symlinkSync(path.join(outside, 'secret.txt'), path.join(outside, 'folder', 'way-in'));
    app = await startStandIn({ name: 'mallory' });
    await app.page.evaluate(takeOver);
  });

  afterAll(async () => {
    expect(await treeOf(app.downloadDir)).toEqual([]);
    await app.stop();
  });

  it('sees three functions of ours, and nothing of Node or of Electron', async () => {
    const seen = await app.page.evaluate(() => ({
      node: ['require', 'process', 'Buffer', 'module', 'electron', 'ipcRenderer'].filter((name) => name in window),
      ours: Object.keys((window as unknown as { tincan: object }).tincan).sort(),
    }));
    expect(seen).toEqual({ node: [], ours: ['connect', 'dragOut', 'stageDropped'] });
  });

  // A call that takes nothing may take a Date for nothing; every other one has to see through all of them.
  const demanding = Object.entries({ ui: uiCalls, engine: engineCalls }).flatMap(([role, calls]) =>
    Object.entries(calls)
      .filter(([, { input }]) => !input.safeParse({}).success)
      .map(([name]) => [role as Role, name] as const),
  );

  it.each(demanding)('gets a refusal for every wild input to %s %s', async (role, name) => {
    const outcomes = await app.page.evaluate(
      async ([r, n]) => {
        const { evil, wild } = window as unknown as { evil: Evil; wild: object };
        const results: [string, Outcome][] = [];
        for (const [kind, value] of Object.entries(wild)) results.push([kind, await evil.call(r, n, value)]);
        return results;
      },
      [role, name] as const,
    );
    for (const [kind, { fault }] of outcomes) expect(`${kind}: ${fault}`).toBe(`${kind}: bridge-invalid`);
  });

  it.each([
    [
      'P1 a path in place of an item',
      'engine',
      'send.open',
      { transfer: id, secret, items: ['/etc/passwd'], peerName: '' },
    ],
    ['P1 a guessed item', 'engine', 'send.open', { transfer: id, secret, items: ['0'.repeat(24)], peerName: '' }],
    ['P1 a path in place of a destination', 'ui', 'offer.replan', { transfer: id, destination: '/etc' }],
    ['P1 the place of a transfer that never was', 'ui', 'transfer.reveal', { transfer: id }],
    ['P2 a block nobody accepted', 'engine', 'receive.write', { transfer: id, block: 0, parts: [], hash: [] }],
    ['P2 a commit of nothing', 'engine', 'receive.commit', { transfer: id, root: secret }],
    [
      'P3 a yes to an offer that was never read',
      'ui',
      'offer.grant',
      { transfer: id, manifestDigest: secret, selection: 'all', destination: 'x', conflict: 'replace' },
    ],
    ['P3 a start without a yes', 'engine', 'receive.start', { transfer: id, leaveOut: [] }],
    ['P4 a block of a file that was not picked', 'engine', 'send.read', { transfer: id, block: 0 }],
    ['P8 a folder by its path', 'ui', 'destination.pick', { path: '/' }],
    ['P8 a download folder by its path', 'ui', 'settings.write', { downloadDir: '/etc' }],
    ['a call of the other role', 'ui', 'send.read', { transfer: id, block: 0 }],
    ['a name from the prototype', 'ui', 'constructor', {}],
    ['a name from the prototype', 'engine', '__proto__', {}],
  ] as const)('is refused: %s', async (_, role, name, input) => {
    expect((await call(role, name, input)).fault).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });

  it('P3, P2: an offer it makes up is planned by the host, and nothing is written before a yes', async () => {
    await call('engine', 'receive.begin', { transfer: id, secret, peerName: 'x', checked: true });
    const entries = [{ kind: 'file', path: ['..', '..', 'evil'], size: 4, mtimeMs: 0 }];
    expect((await call('engine', 'receive.entries', { transfer: id, entries })).fault).toMatch(/-/);
    expect((await call('engine', 'receive.start', { transfer: id, leaveOut: [] })).fault).toMatch(/-/);
  });

  it('P4: what it says was dropped is worth nothing without a real file', async () => {
    const answered = await app.page.evaluate(async () => {
      const { tincan } = window as unknown as { tincan: { stageDropped(files: unknown): Promise<unknown> } };
      return tincan.stageDropped([new File(['x'], 'made-up.txt')]);
    });
    expect(answered).toEqual([]);
  });

  it('P5: a flood is answered with refusals, and a block beyond its bound too', async () => {
    const faults = await app.page.evaluate(async () => {
      const { evil } = window as unknown as { evil: Evil };
      const flood = Array.from({ length: 2_000 }, () => evil.call('ui', 'unfinished.list', {}));
      const large = {
        transfer: 'ab'.repeat(16),
        block: 0,
        parts: [new Uint8Array(3_000_000)],
        hash: new Uint8Array(32),
      };
      const { fault } = await evil.call('engine', 'receive.write', large);
      return { flood: new Set((await Promise.all(flood)).map((each) => each.fault ?? 'answered')).size, large: fault };
    });
    expect(faults.large).toBe('bridge-invalid');
    expect(faults.flood).toBeLessThanOrEqual(2);
    expect((await call('ui', 'app.facts', {})).output).toMatchObject({ shell: 'electron' });
  });

  it('P7: what cannot be cloned never leaves the page, and what is no call ends the port', async () => {
    const thrown = await app.page.evaluate(() => {
      const { evil } = window as unknown as { evil: Evil };
      const getter = Object.defineProperty({}, 'is', {
        enumerable: true,
        get: () => {
          throw new Error('getter');
        },
      });
      return [() => undefined, Symbol('x'), new Proxy({}, {}), getter, new WeakMap()].map((each) =>
        evil.raw('ui', { is: 'call', id: 1, name: each }),
      );
    });
    expect(thrown).toEqual(
      ['DataCloneError', 'DataCloneError', 'DataCloneError', 'getter', 'DataCloneError'].map((name, at) =>
        at === 3 ? expect.stringMatching(/Error/) : name,
      ),
    );
    const after = await app.page.evaluate(() => {
      const { evil } = window as unknown as { evil: Evil };
      evil.raw('ui', 'not a call');
      const answered = evil.call('ui', 'app.facts', {}).then(() => 'answered');
      const silent = (async () => {
        for (let time = 0; time < 5; time += 1) await evil.call('engine', 'unfinished.claims', {});
        return 'silent';
      })();
      return Promise.race([answered, silent]);
    });
    expect(after).toBe('silent');
    await app.page.evaluate(takeOver);
    expect((await call('ui', 'app.facts', {})).output).toMatchObject({ shell: 'electron' });
  });

  it('P6: is not answered from a frame inside it', async () => {
    const has = await app.page.evaluate(() => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      const seen = frame.contentWindow !== null && 'tincan' in frame.contentWindow;
      frame.remove();
      return seen;
    });
    expect(has).toBe(false);
  });

  it('gets no microphone, no camera while the scanner is shut, and only the camera while it is open', async () => {
    const asks = () =>
      app.page.evaluate(async () => {
        const ask = async (constraints: MediaStreamConstraints) => {
          try {
            const stream = await navigator.mediaDevices.getUserMedia(constraints);
            for (const track of stream.getTracks()) track.stop();
            return 'on';
          } catch (error) {
            return (error as Error).name;
          }
        };
        return [await ask({ video: true }), await ask({ audio: true }), await ask({ audio: true, video: true })];
      });
    const refused = 'NotAllowedError';
    expect(await asks()).toEqual([refused, refused, refused]);
    await call('ui', 'shell.scanning', { on: true });
    expect(await asks()).toEqual(['on', refused, refused]);
    await call('ui', 'shell.scanning', { on: false });
    expect(await asks()).toEqual([refused, refused, refused]);
  });

  it('says no more in a notification than its bound allows, and a click on one only brings the window forward', async () => {
    expect((await call('ui', 'shell.notify', { title: 'x'.repeat(121), body: '' })).fault).toBe('bridge-invalid');
    await call('ui', 'shell.notify', { title: 'Tincan', body: 'An offer' });
    const focused = await app.inMain(({ BrowserWindow, standIn }) => {
      BrowserWindow.getAllWindows()[0]?.blur();
      standIn.notices[0]?.emit('click');
      return [standIn.notices.length, BrowserWindow.getFocusedWindow()?.isShown];
    });
    expect(focused).toEqual([1, true]);
  });

  // Each of these is a way from text to code or markup. DevTools lets eval through while its own call runs: a timer is the page.
  it.each([
    ['a script', () => Object.assign(document.createElement('script'), { textContent: 'window.ran = true' })],
    ['a script elsewhere', () => Object.assign(document.createElement('script'), { src: 'https://example.org/x.js' })],
    ['markup', () => Object.assign(document.body, { innerHTML: '<img src=x onerror="window.ran = true">' })],
    ['markup beside', () => document.body.insertAdjacentHTML('beforeend', '<b>x</b>')],
    ['a document', () => document.write('<b>x</b>')],
    ['a frame with a text', () => Object.assign(document.createElement('iframe'), { srcdoc: '<b>x</b>' })],
    ['a handler', () => document.body.setAttribute('onclick', 'window.ran = true')],
    ['a parser', () => new DOMParser().parseFromString('<b>x</b>', 'text/html')],
    ['a Worker of its own text', () => new Worker(URL.createObjectURL(new Blob(['0'])))],
    ['a Worker by name', () => new Worker('/assets/x.js')],
    ['a shared Worker', () => new SharedWorker('/assets/x.js')],
    ['a policy of its own', () => (window as unknown as PolicyMaker).trustedTypes.createPolicy('mine', {})],
    ['the policy of the page again', () => (window as unknown as PolicyMaker).trustedTypes.createPolicy('tincan', {})],
  ])('makes no code and no markup out of text: %s', async (_, run) => {
    const thrown = await app.page.evaluate(`(async () => {
      await new Promise((resolve) => setTimeout(resolve));
      try {
        (${run})();
        return 'done';
      } catch (error) {
        return error.name;
      }
    })()`);
    expect(thrown).toBe('TypeError');
  });

  it('runs no text as code, loads nothing from elsewhere, and goes nowhere', async () => {
    const broken = await app.page.evaluate(async () => {
      // DevTools lets eval through for as long as its own call runs; a timer of the page is the page.
      await new Promise((resolve) => setTimeout(resolve));
      const directives = new Set<string>();
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        directives.add(effectiveDirective),
      );
      const image = new Image();
      image.src = 'https://example.org/x.png';
      const style = document.createElement('style');
      style.textContent = 'body { color: red }';
      document.head.append(style);
      const frame = document.createElement('iframe');
      frame.src = 'https://example.org/';
      document.body.append(frame);
      await fetch('https://example.org').catch(() => undefined);
      try {
        new Function('window.ran = true')();
      } catch {
        directives.add('eval');
      }
      const wanted = ['connect-src', 'eval', 'frame-src', 'img-src', 'style-src-elem'];
      while (!wanted.every((each) => directives.has(each))) await new Promise((resolve) => setTimeout(resolve, 10));
      return 'ran' in window;
    });
    expect(broken).toBe(false);
    await app.page.evaluate(() => location.assign('https://example.org/'));
    expect(await app.inMain(({ standIn }) => standIn.mayNavigate(1, 'https://example.org/'))).toBe(false);
    expect(new URL(app.page.url()).hostname).toBe('bundle.app.localhost');
  });
});

/** Runs in the page: takes both ports for itself, as a script that got in would. */
async function takeOver(): Promise<void> {
  const ports = new Map<Role, MessagePort>();
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let last = 0;
  const { tincan } = window as unknown as { tincan: { connect(): void } };
  const [ui, engine] = await new Promise<readonly MessagePort[]>((resolve) => {
    addEventListener('message', function take({ data, ports: given }: MessageEvent) {
      if (data?.tincanPorts !== true) return;
      removeEventListener('message', take);
      resolve(given);
    });
    tincan.connect();
  });
  for (const [role, port] of [
    ['ui', ui!],
    ['engine', engine!],
  ] as const) {
    port.onmessage = ({ data }) => {
      waiting.get(data.id)?.({ output: data.output, ...(data.is === 'fault' ? { fault: data.fault.code } : {}) });
      waiting.delete(data.id);
    };
    ports.set(role, port);
  }
  const evil: Evil = {
    call: (role, name, input) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve);
        ports.get(role)!.postMessage({ is: 'call', id: last, name, input });
      }),
    raw(role, message) {
      try {
        ports.get(role)!.postMessage(message);
        return 'sent';
      } catch (error) {
        return (error as Error).name;
      }
    },
  };
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  let deep: object = {};
  for (let depth = 0; depth < 500; depth += 1) deep = { deep };
  Object.assign(window, {
    evil,
    wild: {
      nothing: undefined,
      null: null,
      number: 1e308,
      nan: Number.NaN,
      big: 10n,
      text: 'x'.repeat(70_000),
      list: [1, [2]],
      date: new Date(0),
      set: new Set([1]),
      buffer: new ArrayBuffer(8),
      view: new Uint8Array(new ArrayBuffer(64), 8, 4),
      words: new Uint16Array(4),
      polluted: JSON.parse('{"__proto__": {"kind": "files"}, "constructor": 1}'),
      cycle,
      deep,
    },
  });
}
