// The list of servers and the network check, from the person's side: nothing is asked while the switch is off, and what
// was found holds only as long as the network and the list.

import { describe, expect, it, vi } from 'vitest';
import { facts, openStage, settings } from '../../../renderer/gallery/fake-ports.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import type { Settings } from '../../../renderer/state/app-state.ts';
import { openApp } from '../../../renderer/state/open-app.ts';
import type { HostPort, Ports } from '../../../renderer/state/ports.ts';
import type { LinkView } from '../../../shared/model/link-view.ts';
import type { NetworkView } from '../../../shared/model/network-view.ts';
import type { RouterView } from '../../../shared/model/router-view.ts';
import { serverListFileMaxBytes, serversMax } from '../../../shared/wire/limits.ts';
import { openBench } from './stage.ts';

const found: NetworkView = {
  at: 'same',
  relays: [],
  publicAddress: '203.0.113.7',
  asked: 2,
  answered: 2,
  networks: 1,
  ipv6: 'none',
  hairpin: 'no',
};

const slow: LinkView = {
  at: 'connecting',
  code: { at: 'making' },
  step: 'reaching',
  hint: 'needs-relay',
};

/** A host that keeps what it is told, and ports that count. */
function open(first: Partial<Settings> = {}) {
  const stage = openStage({ at: 'pairing', code: { at: 'making' } }, [], plan);
  let kept = { ...settings, ...first };
  let networkChanged: (event: { readonly why: 'addresses' | 'woke' }) => void = () => undefined;
  const checkNetwork = vi.fn<Ports['checkNetwork']>(async () => found);
  const testServer = vi.fn<Ports['testServer']>(stage.ports.testServer);
  const linkReport = vi.fn<Ports['link']['report']>(stage.ports.link.report);
  const saved: { name: string; content: Blob }[] = [];
  const asked: string[] = [];
  const host: HostPort = {
    ...stage.ports.host,
    call: async (name, input) => {
      asked.push(name);
      if (name === 'router.check') return { at: 'refused' } as never;
      if (name !== 'settings.write') return stage.ports.host.call(name, input);
      kept = { ...kept, ...(input as Partial<Settings>) };
      return kept as never;
    },
    on: (name, listener) => {
      if (name === 'network-changed') networkChanged = listener as typeof networkChanged;
      return () => undefined;
    },
  };
  const window = { ...stage.ports.window, save: (name: string, content: Blob) => void saved.push({ name, content }) };
  const tincan = openApp(
    { ...stage.ports, link: { ...stage.ports.link, report: linkReport }, host, checkNetwork, testServer, window },
    { ...facts, settings: kept },
  );
  const state = () => tincan.store.getState();
  return {
    ...tincan,
    state,
    show: stage.show,
    checkNetwork,
    testServer,
    linkReport,
    saved,
    routerChecks: () => asked.filter((name) => name === 'router.check').length,
    change: () => networkChanged({ why: 'addresses' }),
  };
}

const fileOf = (servers: readonly unknown[]) => new Blob([JSON.stringify({ iceServers: servers })]);

describe('while “Across the internet” is off', () => {
  it('no server is contacted, whatever is pressed and however long a link takes', async () => {
    const { actions, checkNetwork, routerChecks, show, state, testServer } = open({ internet: false });
    await actions.checkNetwork();
    await actions.testServer({ url: 'stun:stun.example.org:3478' });
    show(slow);
    await actions.addServer({ url: 'stun:other.example.org' });
    await actions.importServers(fileOf([{ urls: 'stun:third.example.org' }]));
    expect(checkNetwork).not.toHaveBeenCalled();
    expect(testServer).not.toHaveBeenCalled();
    expect(routerChecks()).toBe(0);
    expect(state().network).toEqual({ at: 'unchecked' });
  });
});

describe('the network check', () => {
  it('is made when somebody asks for it, of the servers in the list, and told', async () => {
    const { actions, checkNetwork, state } = open({ internet: true });
    const running = actions.checkNetwork();
    expect(state().network).toEqual({ at: 'checking' });
    await running;
    expect(checkNetwork.mock.calls.map(([servers]) => servers)).toEqual([settings.servers]);
    expect(state().network).toEqual({ at: 'told', view: found });
  });

  it.each([
    ['the router and no server', { askRouter: true, askStun: false }, 1, 0],
    ['servers and not the router', { askRouter: false, askStun: true }, 0, 1],
    ['neither', { askRouter: false, askStun: false }, 0, 0],
  ] as const)('asks what the person chose: %s', async (_, chosen, checks, servers) => {
    const { actions, checkNetwork, routerChecks, state } = open({ internet: true, ...chosen });
    await actions.checkNetwork();
    expect(routerChecks()).toBe(checks);
    expect(checkNetwork.mock.calls[0]![0].length).toBe(servers);
    expect(state().router.at).toBe(checks === 1 ? 'refused' : 'off');
  });

  it('of the router is told as soon as it is answered, and what the router does after that is told too', async () => {
    const checking = Promise.withResolvers<NetworkView>();
    const { tincan, answers, tell } = openBench('electron', { checkNetwork: () => checking.promise });
    tincan.store.setState({ settings: { ...settings, internet: true, askRouter: true } });
    answers.set('router.check', { at: 'none' });
    const done = tincan.actions.checkNetwork();
    await vi.waitFor(() => expect(tincan.store.getState().router.at).toBe('none'));
    tell('router-changed', { at: 'opens', by: 'pcp', publicAddress: '203.0.113.7' });
    checking.resolve(found);
    await done;
    expect(tincan.store.getState().router.at).toBe('opens');
  });

  it('that was given up says nothing of the router of another network', async () => {
    const router = Promise.withResolvers<RouterView>();
    const { tincan, answers, tell } = openBench('electron', { checkNetwork: async () => found });
    tincan.store.setState({ settings: { ...settings, internet: true, askRouter: true } });
    answers.set('router.check', router.promise);
    const done = tincan.actions.checkNetwork();
    tell('network-changed', { why: 'addresses' });
    tell('router-changed', { at: 'asking' });
    router.resolve({ at: 'none' });
    await done;
    expect(tincan.store.getState().router.at).toBe('asking');
  });

  it('is made by itself once when a link does not come up, and not before', async () => {
    const { checkNetwork, show, state } = open({ internet: true });
    const { hint: _, ...early } = slow;
    show(early);
    expect(checkNetwork).not.toHaveBeenCalled();
    show(slow);
    await vi.waitFor(() => expect(state().network.at).toBe('told'));
    show({ ...slow, step: 'securing' });
    expect(checkNetwork).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['the network changes', async ({ change }: ReturnType<typeof open>) => change()],
    ['a server is added', ({ actions }) => actions.addServer({ url: 'stun:b' })],
    ['the switch is turned off', ({ actions }) => actions.saveSettings({ internet: false })],
  ] as const satisfies readonly (readonly [string, (app: ReturnType<typeof open>) => Promise<unknown>])[])(
    'is forgotten when %s, and one under way is given up',
    async (_, act) => {
      const app = open({ internet: true });
      await app.actions.checkNetwork();
      await act(app);
      expect(app.state().network).toEqual({ at: 'unchecked' });

      await app.actions.saveSettings({ internet: true });
      let answer: (view: NetworkView) => void = () => undefined;
      app.checkNetwork.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
      const running = app.actions.checkNetwork();
      await app.actions.saveSettings({ internet: false });
      expect(app.checkNetwork.mock.lastCall?.[1].aborted).toBe(true);
      answer(found);
      await running;
      expect(app.state().network).toEqual({ at: 'unchecked' });
    },
  );

  it('stays when something else in the settings changes', async () => {
    const { actions, state } = open({ internet: true });
    await actions.checkNetwork();
    await actions.saveSettings({ theme: 'dark' });
    expect(state().network.at).toBe('told');
  });

  it('that cannot be made says so, and can be tried again', async () => {
    const { actions, checkNetwork, state } = open({ internet: true });
    checkNetwork.mockRejectedValueOnce(new Error('no WebRTC'));
    await actions.checkNetwork();
    expect(state().network).toEqual({ at: 'unchecked' });
    expect(state().toasts.map(({ say }) => say.is)).toEqual(['fault']);
    await actions.checkNetwork();
    expect(state().network.at).toBe('told');
  });

  it('is in the report, the public address only when it was ticked', async () => {
    vi.stubGlobal('navigator', { userAgent: 'test' });
    const { actions, state } = open({ internet: true });
    await actions.checkNetwork();
    await actions.loadDiagnostics(false);
    const values = () => state().diagnostics.map(({ value }) => value);
    expect(state().diagnostics).toContainEqual({ name: 'network', value: 'same' });
    expect(values()).not.toContain('203.0.113.7');
    await actions.loadDiagnostics(true);
    expect(values()).toContain('203.0.113.7');
    vi.unstubAllGlobals();
  });
});

describe('the list of servers', () => {
  it('keeps every change, however close one comes to the next', async () => {
    const servers = ['stun:a', 'stun:b', 'stun:c'].map((url) => ({ url }));
    const { actions, state } = open({ servers });
    await Promise.all([
      actions.removeServer(servers[0]!),
      actions.removeServer(servers[1]!),
      actions.addServer({ url: 'stun:d' }),
      actions.importServers(fileOf([{ urls: 'stun:e' }])),
    ]);
    expect(state().settings.servers.map(({ url }) => url)).toEqual(['stun:c', 'stun:d', 'stun:e']);
  });
});

describe('the test of a server', () => {
  it.each([
    ['the switch is turned off', ({ actions }) => actions.saveSettings({ internet: false })],
    ['it is removed', ({ actions }) => actions.removeServer({ url: 'stun:a' })],
    ['the network changes', async ({ change }) => change()],
  ] as const satisfies readonly (readonly [string, (app: ReturnType<typeof open>) => Promise<unknown>])[])(
    'is given up when %s',
    async (_, act) => {
      const app = open({ internet: true, askStun: false, servers: [{ url: 'stun:a' }] });
      const answered = Promise.withResolvers<Awaited<ReturnType<Ports['testServer']>>>();
      app.testServer.mockReturnValueOnce(answered.promise);
      const running = app.actions.testServer({ url: 'stun:a' });
      await act(app);
      expect(app.testServer.mock.lastCall?.[1].aborted).toBe(true);
      answered.resolve({ at: 'silent', relay: false, tookMs: 0 });
      await running;
      expect(app.state().serverTests.size).toBe(0);
    },
  );
});

describe('the report', () => {
  it('has the addresses only while they are ticked, whatever answers late', async () => {
    vi.stubGlobal('navigator', { userAgent: 'test' });
    const { actions, linkReport, state } = open();
    const late = Promise.withResolvers<readonly { name: string; value: string }[]>();
    linkReport.mockReturnValueOnce(late.promise).mockResolvedValueOnce([{ name: 'candidates', value: 'host 1' }]);
    const ticked = actions.loadDiagnostics(true);
    await vi.waitFor(() => expect(linkReport).toHaveBeenCalledTimes(1));
    await actions.loadDiagnostics(false);
    late.resolve([{ name: 'candidates', value: '203.0.113.7' }]);
    await ticked;
    expect(state().diagnostics.map(({ value }) => value)).not.toContain('203.0.113.7');
    linkReport.mockResolvedValueOnce([{ name: 'candidates', value: '203.0.113.7' }]);
    await actions.loadDiagnostics(true);
    expect(state().diagnostics.map(({ value }) => value)).toContain('203.0.113.7');
    const again = actions.loadDiagnostics(false);
    expect(state().diagnostics).toEqual([]);
    await again;
    vi.unstubAllGlobals();
  });
});

describe('a link that takes long', () => {
  it.each([
    ['needs-relay', 1],
    ['needs-stun', 1],
    ['other-network', 1],
    ['their-switch', 1],
    ['firewall', 0],
    ['isolated', 0],
    ['both-strict', 0],
  ] as const)('asks servers only where the networks between may be why: %s', (hint, times) => {
    const { checkNetwork, show } = open({ internet: true });
    show({ ...slow, hint });
    expect(checkNetwork).toHaveBeenCalledTimes(times);
  });
});

describe('the list of servers', () => {
  it('takes what is right and says what is wrong, once it is', async () => {
    const { actions, state } = open();
    expect(await actions.addServer({ url: 'stun:STUN.example.org' })).toBe(false);
    expect(state().serverNews).toEqual({ at: 'refused', problem: 'duplicate' });
    await actions.saveSettings({ askStun: false });
    expect(await actions.addServer({ url: 'stun:b' })).toBe(true);
    expect(state().settings.askStun, 'whoever adds one wants it asked').toBe(true);
    expect(state().serverNews).toEqual({ at: 'quiet' });
    await actions.removeServer({ url: 'stun:B:3478' });
    expect(state().settings.servers).toEqual(settings.servers);
  });

  it('grows by what a file has more, and says how much', async () => {
    const { actions, state } = open();
    await actions.importServers(fileOf([{ urls: 'stun:stun.example.org' }, { urls: ['stun:b', 'stun:c'] }]));
    expect(state().serverNews).toEqual({ at: 'imported', added: 2, held: 1 });
    expect(state().settings.servers.map(({ url }) => url)).toEqual(['stun:stun.example.org:3478', 'stun:b', 'stun:c']);
  });

  it.each([
    ['one entry is wrong', fileOf([{ urls: 'stun:b' }, { urls: 'stun:' }]), 'refused-file'],
    ['the file is too large', new Blob([' '.repeat(serverListFileMaxBytes + 1)]), 'refused-file'],
    ['there is no room', fileOf(Array.from({ length: serversMax }, (_, at) => ({ urls: `stun:s${at}` }))), 'refused'],
  ] as const)('takes nothing of a file when %s', async (_, file, at) => {
    const { actions, state } = open();
    await actions.importServers(file);
    expect(state().serverNews.at).toBe(at);
    expect(state().settings.servers).toEqual(settings.servers);
  });

  it('is exported as a file that another Tincan imports', async () => {
    const servers = [{ url: 'stun:b' }, { url: 'turns:c', username: 'anna', credential: 'a good secret' }];
    const { actions, saved } = open({ servers });
    actions.exportServers();
    expect(saved.map(({ name }) => name)).toEqual(['tincan-servers.json']);
    const other = open({ servers: [] });
    await other.actions.importServers(saved[0]!.content);
    expect(other.state().settings.servers).toEqual(servers);
  });
});
