// The life of open ports, over a protocol that does what a test wants: how long they are open, when they are renewed, and
// what is said of the router.

import { describe, expect, it } from 'vitest';
import type { FindProtocol, GatewayPlace, MapAnswer, PortRequest } from '../../../host/router/gateway-place.ts';
import { openRouter } from '../../../host/router/router.ts';
import type { RouterView } from '../../../shared/model/router-view.ts';
import {
  routerAgainMs,
  routerForgetMs,
  routerGraceMs,
  routerLeaseSeconds,
  routerMappingsMax,
  routerPreferMs,
} from '../../../shared/wire/limits.ts';
import { settled, VirtualClock } from '../link/virtual-clock.ts';

const place: GatewayPlace = { address: '192.168.1.1', ownAddress: '192.168.1.9', mappingPort: 5351, searchPort: 1900 };
const udp = { protocol: 'udp', port: 50_000 } as const;
const mapped = (more: Partial<Extract<MapAnswer, { at: 'mapped' }>> = {}): MapAnswer => ({
  at: 'mapped',
  address: '11.22.33.1',
  port: 50_000,
  leaseSeconds: routerLeaseSeconds,
  ...more,
});

function bench(first: MapAnswer = mapped()) {
  const clock = new VirtualClock();
  const state = {
    isOn: true,
    answer: first,
    findAfterMs: 0,
    mapAfterMs: 0,
    unmapAfterMs: 0,
    gateway: place as GatewayPlace | undefined,
    /** It opens what it is asked for, whatever it answers. */
    opensAnyway: false,
    /** A way to ask that was found before its last restart leads nowhere, and is answered so. */
    restarts: 0,
    afterRestart: undefined as MapAnswer | undefined,
  };
  const calls: { readonly what: 'find' | 'map' | 'unmap'; readonly request?: PortRequest }[] = [];
  const views: RouterView[] = [];
  /** What the router has open, by the number inside. As by UPnP, a port is closed by what was asked for it before. */
  const opened = new Set<number>();
  const asking = { now: 0, most: 0 };
  let moved = 0;
  const pause = (ms: number) => new Promise<void>((resolve) => (ms === 0 ? resolve() : void clock.after(ms, resolve)));
  const find: FindProtocol = async () => {
    calls.push({ what: 'find' });
    await pause(state.findAfterMs);
    const askedFor = new Set<number>();
    const { restarts } = state;
    return {
      by: 'pcp',
      async map(request, signal) {
        calls.push({ what: 'map', request });
        const { answer: now, afterRestart = now } = state;
        const answer = restarts === state.restarts ? now : afterRestart;
        askedFor.add(request.port);
        asking.now += 1;
        asking.most = Math.max(asking.most, asking.now);
        await Promise.race([pause(state.mapAfterMs), aborted(signal)]);
        asking.now -= 1;
        // What is under way when it is given up gets there all the same.
        if (answer.at === 'mapped' || state.opensAnyway) opened.add(request.port);
        return signal.aborted ? { at: 'silent' } : answer;
      },
      async unmap(request) {
        calls.push({ what: 'unmap', request });
        const isKnown = askedFor.delete(request.port);
        await pause(state.unmapAfterMs);
        if (isKnown) opened.delete(request.port);
      },
    };
  };
  const router = openRouter({
    clock,
    isOn: () => state.isOn,
    findGateway: async () => state.gateway,
    onView: (view) => views.push(view),
    onMoved: () => (moved += 1),
    protocols: [find],
  });
  const count = (what: string) => calls.filter((each) => each.what === what).length;
  return { clock, state, calls, views, router, count, opened, asking, moved: () => moved };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** Runs what waits for the clock beside the work. */
async function within<T>(clock: VirtualClock, work: Promise<T>, ms = 10_000): Promise<T> {
  let isDone = false;
  void work.finally(() => (isDone = true));
  for (let passed = 0; passed < ms && !isDone; passed += 50) {
    await settled();
    if (!isDone) clock.advance(50);
  }
  return work;
}

describe('the router', () => {
  it('is asked for nothing while it is off', async () => {
    const { calls, router, state } = bench();
    state.isOn = false;
    expect(await router.open(udp)).toBeUndefined();
    expect(await router.ownAddresses()).toEqual([]);
    router.renew();
    router.networkChanged();
    await router.shut(udp);
    expect(await router.check(() => Promise.reject(new Error('not wanted')))).toEqual({ at: 'off' });
    expect(calls).toEqual([]);
  });

  it.each(['closed', 'turned off'])('has closed the port of a check that is under way before it is %s', async (how) => {
    const { clock, calls, router, state } = bench();
    state.mapAfterMs = 2_000;
    state.unmapAfterMs = 100;
    const checking = router.check(async () => ({ ...udp, release: () => undefined }));
    await clock.pass(1_000);
    expect(calls.at(-1)?.what).toBe('map');
    state.isOn = how === 'closed';
    let isClosed = false;
    const closing = (how === 'closed' ? router.close() : router.settingChanged()).then(() => {
      isClosed = true;
    });
    await settled();
    expect([calls.at(-1)?.what, isClosed]).toEqual(['unmap', false]);
    await within(clock, closing);
    await checking;
  });

  it('is not asked by a check whose port is there only once it is off', async () => {
    const { clock, calls, router, state } = bench();
    const port = Promise.withResolvers<typeof udp & { release(): void }>();
    let released = 0;
    const checking = router.check(() => port.promise);
    state.isOn = false;
    const off = router.settingChanged();
    port.resolve({ ...udp, release: () => (released += 1) });
    expect(await within(clock, checking)).toEqual({ at: 'off' });
    await off;
    expect([calls, released]).toEqual([[], 1]);
  });

  it('opens a port, renews it at half of its lease, and closes it', async () => {
    const { clock, count, router, views } = bench();
    expect(await within(clock, router.open(udp))).toEqual({ address: '11.22.33.1', port: 50_000 });
    expect(views).toEqual([{ at: 'asking' }, { at: 'opens', by: 'pcp', publicAddress: '11.22.33.1' }]);
    expect(count('map')).toBe(1);
    await clock.pass((routerLeaseSeconds / 2) * 1_000 - 1_000);
    expect(count('map')).toBe(1);
    await clock.pass(2_000);
    expect(count('map')).toBe(2);
    await router.shut(udp);
    expect(count('unmap')).toBe(1);
    await clock.pass(routerLeaseSeconds * 2_000);
    expect(count('map')).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('looks for the router once for many ports, and opens no more than the bound', async () => {
    const { clock, count, router } = bench();
    const ports = Array.from({ length: routerMappingsMax + 5 }, (_, at) =>
      router.open({ protocol: 'udp', port: 50_000 + at }),
    );
    const opened = await within(clock, Promise.all(ports));
    expect(opened.filter((port) => port !== undefined).length).toBe(routerMappingsMax);
    expect([count('find'), count('map')]).toEqual([1, routerMappingsMax]);
    await router.close();
    expect(count('unmap')).toBe(routerMappingsMax);
  });

  it('opens no port on which services are', async () => {
    const { clock, calls, router } = bench();
    expect(await within(clock, router.open({ protocol: 'udp', port: 5_353 }))).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it('that is slow keeps nobody waiting, and says so when the port is open', async () => {
    const { clock, moved, router, state } = bench();
    state.findAfterMs = routerGraceMs + 500;
    const before = clock.now();
    expect(await within(clock, router.open(udp))).toBeUndefined();
    expect(clock.now() - before).toBe(routerGraceMs);
    expect(moved()).toBe(0);
    await clock.pass(1_000 + routerPreferMs);
    expect(moved()).toBe(1);
    expect(router.outsideOf(udp)).toEqual({ address: '11.22.33.1', port: 50_000 });
  });

  it('closes what was shut while it was still being opened', async () => {
    const { clock, calls, router, state } = bench();
    state.mapAfterMs = 400;
    const opening = router.open(udp);
    await settled();
    clock.advance(routerPreferMs);
    await settled();
    const shutting = router.shut(udp);
    await within(clock, Promise.all([opening, shutting]));
    expect(calls.at(-1)).toMatchObject({ what: 'unmap', request: { port: 50_000 } });
    expect(router.outsideOf(udp)).toBeUndefined();
    await clock.pass(routerLeaseSeconds * 1_000);
    expect(calls.at(-1)?.what).toBe('unmap');
  });

  it('closes what it opens under another number than the one that is of use', async () => {
    const { clock, calls, opened, router } = bench(mapped({ port: 50_001 }));
    expect(await within(clock, router.open({ protocol: 'tcp', port: 50_000, isExact: true }))).toBeUndefined();
    expect([...opened]).toEqual([]);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap']);
    // It answered: nobody asks it any more.
    expect(router.view()).toEqual({ at: 'opens', by: 'pcp', publicAddress: '11.22.33.1' });
    await clock.pass(routerLeaseSeconds * 1_000);
    expect(calls.at(-1)?.what).toBe('unmap');
  });

  it.each(['shut', 'quit'])('has nothing open after a %s in the middle of a renewal', async (how) => {
    const { clock, count, opened, router, state } = bench();
    await within(clock, router.open(udp));
    state.mapAfterMs = 400;
    await clock.pass((routerLeaseSeconds / 2) * 1_000);
    expect([count('map'), [...opened]]).toEqual([2, [udp.port]]);
    await within(clock, how === 'quit' ? router.close() : router.shut(udp));
    expect([...opened]).toEqual([]);
    await clock.pass(routerLeaseSeconds * 1_000);
    expect([count('map'), [...opened]]).toEqual([2, []]);
  });

  it('is asked for one port one thing at a time, also where the link is down in the middle of a renewal', async () => {
    const { asking, clock, count, opened, router, state } = bench();
    await within(clock, router.open(udp));
    state.mapAfterMs = 400;
    await clock.pass((routerLeaseSeconds / 2) * 1_000);
    router.renew();
    await clock.pass(1_000);
    expect([count('map'), asking.most]).toEqual([3, 1]);
    await clock.pass((routerLeaseSeconds / 2) * 1_000 - 600);
    router.renew();
    await within(clock, router.close());
    expect([...opened]).toEqual([]);
    await clock.pass(routerLeaseSeconds * 1_000);
    expect([asking.most, [...opened]]).toEqual([1, []]);
  });

  it.each([
    [{ at: 'refused' }, 'refused'],
    [{ at: 'refused', because: 'shared' }, 'shared'],
    [{ at: 'refused', because: 'no-address' }, 'no-address'],
    [{ at: 'silent' }, 'none'],
    [mapped({ address: '100.64.0.2' }), 'shared'],
    [mapped({ address: '192.168.0.7' }), 'behind'],
    [mapped({ address: '127.0.0.1' }), 'refused'],
    [mapped({ address: '0.0.0.0' }), 'refused'],
    [mapped({ port: 22 }), 'refused'],
    [mapped({ address: 'fd00::9' }), 'refused'],
    [mapped({ address: '2002:c0a8:101::9' }), 'refused'],
  ] as const)('that answers %o opens nothing and is said to be: %s', async (answer, at) => {
    const { clock, count, router } = bench(answer);
    expect(await within(clock, router.open(udp))).toBeUndefined();
    expect(router.view()).toEqual({ at });
    expect(count('unmap')).toBe(answer.at === 'mapped' ? 1 : 0);
  });

  it.each([
    ['shut', { at: 'silent' }],
    ['shut', { at: 'refused' }],
    ['quit', { at: 'silent' }],
    ['turned off', { at: 'silent' }],
  ] as const)('closes a port that it opened without saying so: %s, after %o', async (how, answer) => {
    const { clock, opened, router, state } = bench(answer);
    state.opensAnyway = true;
    expect(await within(clock, router.open(udp))).toBeUndefined();
    expect([...opened]).toEqual([udp.port]);
    state.isOn = how !== 'turned off';
    const ended = how === 'shut' ? router.shut(udp) : how === 'quit' ? router.close() : router.settingChanged();
    await within(clock, ended);
    expect([...opened]).toEqual([]);
  });

  it.each([{ at: 'silent' }, mapped()] as const)(
    'closes a port that it opened without saying so before it was looked for again, and then answered %o',
    async (answer) => {
      const { clock, count, opened, router, state } = bench({ at: 'silent' });
      state.opensAnyway = true;
      await within(clock, router.open(udp));
      Object.assign(state, { answer, opensAnyway: false });
      await clock.pass(routerAgainMs[0]! + 1_000);
      expect([count('find'), count('map'), count('unmap'), [...opened]]).toEqual([2, 2, 0, [udp.port]]);
      await within(clock, router.shut(udp));
      expect([count('unmap'), [...opened]]).toEqual([2, []]);
    },
  );

  it('closes a port that it opened without saying so before it is opened on another network', async () => {
    const { clock, calls, router, state } = bench({ at: 'silent' });
    await within(clock, router.open(udp));
    state.answer = mapped();
    router.networkChanged();
    await clock.pass(1_000);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap', 'find', 'map']);
  });

  it('closes a port of the network check that it opened without saying so, and then lets go of it', async () => {
    const { clock, opened, router, state } = bench({ at: 'silent' });
    Object.assign(state, { opensAnyway: true, unmapAfterMs: 100 });
    let openAtRelease: readonly number[] | undefined;
    const release = () => {
      openAtRelease = [...opened];
    };
    expect(
      await within(
        clock,
        router.check(async () => ({ ...udp, release })),
      ),
    ).toEqual({ at: 'none' });
    expect(openAtRelease).toEqual([]);
  });

  it('has heard that a port of no use is closed before it is closed itself', async () => {
    const { clock, opened, router, state } = bench(mapped({ address: '100.64.0.2' }));
    state.unmapAfterMs = 500;
    void router.open(udp);
    await clock.pass(routerPreferMs);
    expect([...opened]).toEqual([udp.port]);
    await within(clock, router.close());
    expect([...opened]).toEqual([]);
  });

  it('keeps a port open that is wanted again while it is being closed: it is closed first, and then opened', async () => {
    const { clock, state, calls, router } = bench();
    for (const isOpen of [true, false]) {
      state.mapAfterMs = isOpen ? 0 : 200;
      const opening = router.open(udp);
      if (isOpen) await within(clock, opening);
      else await settled();
      calls.length = 0;
      state.unmapAfterMs = 100;
      const closing = router.shut(udp);
      state.mapAfterMs = 0;
      const again = router.open(udp);
      await settled();
      expect(calls.map(({ what }) => what)).toEqual(['unmap']);
      expect(await within(clock, again)).toEqual({ address: '11.22.33.1', port: 50_000 });
      await within(clock, Promise.all([closing, opening]));
      expect(calls.map(({ what }) => what)).toEqual(['unmap', 'map']);
      await within(clock, router.shut(udp));
    }
  });

  it('that said no is asked again later, and not at once', async () => {
    const { clock, count, router, state } = bench({ at: 'refused' });
    await within(clock, router.open(udp));
    await within(clock, router.open({ ...udp, port: 50_001 }));
    expect(count('find')).toBe(1);
    state.answer = mapped();
    await clock.pass(routerForgetMs + 1_000);
    expect(await within(clock, router.open({ ...udp, port: 50_002 }))).toBeDefined();
    expect(count('find')).toBe(2);
  });

  it.each(['does not answer', 'is not there yet'])(
    'that %s is asked again soon for the ports that are wanted, and whoever went on without them hears of it',
    async (what) => {
      const { clock, moved, router, state, views } = bench(what === 'does not answer' ? { at: 'silent' } : mapped());
      if (what === 'is not there yet') state.gateway = undefined;
      expect(await within(clock, router.open(udp))).toBeUndefined();
      expect([router.view(), moved()]).toEqual([{ at: 'none' }, 0]);
      Object.assign(state, { answer: mapped(), gateway: place });
      await clock.pass(routerAgainMs[0]! + 1_000);
      expect(router.outsideOf(udp)).toEqual({ address: '11.22.33.1', port: 50_000 });
      expect(moved()).toBe(1);
      // Nobody was told that it is looked for: it was not there a moment ago, and most are not.
      expect(views.map(({ at }) => at)).toEqual(['asking', 'none', 'opens']);
      await router.close();
      clock.advance(routerPreferMs);
      expect(clock.pending).toBe(0);
    },
  );

  it('that never answers is asked again a few times, and then not before something changes', async () => {
    const { clock, count, router } = bench({ at: 'silent' });
    await within(clock, router.open(udp));
    await clock.pass(routerAgainMs.reduce((sum, ms) => sum + ms + 1_000));
    const asked = count('find');
    expect(asked).toBe(1 + routerAgainMs.length);
    await clock.pass(10 * routerForgetMs);
    expect(count('find')).toBe(asked);
    router.networkChanged();
    await clock.pass(routerAgainMs[0]! + 1_000);
    expect(count('find')).toBe(asked + 2);
    await router.shut(udp);
    await clock.pass(10 * routerForgetMs);
    expect(count('find')).toBe(asked + 2);
  });

  it.each([{ at: 'silent' }, { at: 'refused' }, mapped({ address: '192.168.0.7' })] as const)(
    'is not said to be of no use for one port, to which it answers %o, while it has another one open',
    async (answer) => {
      const { clock, router, state, views } = bench();
      await within(clock, router.open(udp));
      state.answer = answer;
      await within(clock, router.open({ ...udp, port: 50_001 }));
      state.answer = mapped();
      await clock.pass(routerForgetMs + routerLeaseSeconds * 1_000);
      expect(router.outsideOf(udp)).toBeDefined();
      expect(views.map(({ at }) => at)).toEqual(['asking', 'opens']);
    },
  );

  it.each([{ at: 'silent' }, { at: 'refused' }] as const)(
    'that answers %o until the lease of a port ended is not said to have it open, and makes the code anew once it opens it again',
    async (answer) => {
      const { clock, moved, router, state } = bench();
      const probe = async () => ({ ...udp, port: 50_001, release: () => undefined });
      const no = { at: answer.at === 'silent' ? 'none' : 'refused' };
      await within(clock, router.open(udp));
      state.answer = answer;
      await clock.pass(routerLeaseSeconds * 1_000 - 1_000);
      expect([router.outsideOf(udp)?.port, router.view().at]).toEqual([50_000, 'opens']);
      await clock.pass(routerLeaseSeconds * 125 + 1_000);
      expect([router.outsideOf(udp), router.view()]).toEqual([undefined, no]);
      expect(await within(clock, router.check(probe))).toEqual(no);
      state.answer = mapped();
      await clock.pass(routerLeaseSeconds * 125);
      expect([router.outsideOf(udp)?.port, router.view().at, moved()]).toEqual([50_000, 'opens', 1]);
    },
  );

  it.each([{ at: 'silent' }, { at: 'refused' }] as const)(
    'that was restarted, and answers %o to what was found before, is looked for anew once the lease of the port ended',
    async (afterRestart) => {
      const { clock, moved, router, state } = bench();
      await within(clock, router.open(udp));
      Object.assign(state, { restarts: 1, afterRestart });
      await clock.pass(routerLeaseSeconds * 1_250 + routerForgetMs);
      expect([router.view().at, router.outsideOf(udp)?.port, moved()]).toEqual(['opens', 50_000, 1]);
    },
  );

  it('that is away for longer than it is looked for opens its port again once it is back, and nobody is told of the search', async () => {
    const { clock, moved, router, state, views } = bench();
    await within(clock, router.open(udp));
    Object.assign(state, { answer: { at: 'silent' }, gateway: undefined });
    await clock.pass(routerLeaseSeconds * 3_000);
    expect(router.outsideOf(udp)).toBeUndefined();
    Object.assign(state, { answer: mapped(), gateway: place });
    await clock.pass(routerForgetMs + routerLeaseSeconds * 125);
    expect([router.outsideOf(udp)?.port, moved()]).toEqual([50_000, 1]);
    expect(views.map(({ at }) => at)).toEqual(['asking', 'opens', 'none', 'opens']);
  });

  it('that is found no more has a port open until its lease ends, and no longer', async () => {
    const { clock, router, state } = bench();
    await within(clock, router.open(udp));
    state.answer = { at: 'refused' };
    await within(clock, router.open({ ...udp, port: 50_001 }));
    // It is looked for anew for the renewal.
    await clock.pass(routerForgetMs);
    state.gateway = undefined;
    await clock.pass(routerLeaseSeconds * 1_125 - routerForgetMs);
    expect([router.outsideOf(udp), router.view()]).toEqual([undefined, { at: 'none' }]);
  });

  it('that says no for hours to a port it had open is told once that the port is closed', async () => {
    const { clock, count, router, state } = bench();
    await within(clock, router.open(udp));
    state.answer = { at: 'refused' };
    await clock.pass(routerLeaseSeconds * 20_000);
    const before = count('unmap');
    await within(clock, router.shut(udp));
    expect(count('unmap') - before).toBeLessThanOrEqual(1);
  });

  it('that is not there is none', async () => {
    const { clock, count, router, state } = bench();
    state.gateway = undefined;
    expect(await within(clock, router.open(udp))).toBeUndefined();
    expect(router.view()).toEqual({ at: 'none' });
    expect(count('find')).toBe(0);
  });

  it('that was restarted gets all ports again as soon as it shows, and when the link is down', async () => {
    const { clock, count, router, state } = bench(mapped({ upSeconds: 5_000 }));
    await within(clock, router.open(udp));
    await within(clock, router.open({ ...udp, port: 50_001 }));
    expect(count('map')).toBe(2);
    await clock.pass(20_000);
    state.answer = mapped({ upSeconds: 3 });
    await within(clock, router.open({ ...udp, port: 50_002 }));
    expect(count('map')).toBe(5);
    router.renew();
    await settled();
    expect(count('map')).toBe(5);
    await clock.pass(6_000);
    router.renew();
    await settled();
    expect(count('map')).toBe(8);
  });

  it('that gives another port or address says that codes are old', async () => {
    const { clock, moved, router, state } = bench();
    await within(clock, router.open(udp));
    state.answer = mapped({ address: '11.22.33.9' });
    await clock.pass(routerLeaseSeconds * 500);
    expect(moved()).toBe(1);
    expect(router.outsideOf(udp)).toEqual({ address: '11.22.33.9', port: 50_000 });
  });

  it.each(['192.168.100.11', '100.64.1.2', '0.0.0.0'])(
    'that is without its provider for a moment and then has %s outside opens the port again after that',
    async (meanwhile) => {
      const { clock, moved, opened, router, state } = bench();
      await within(clock, router.open(udp));
      state.answer = mapped({ address: meanwhile });
      await clock.pass(routerLeaseSeconds * 500);
      expect([router.outsideOf(udp), [...opened]]).toEqual([undefined, []]);
      expect(await router.open(udp)).toBeUndefined();
      state.answer = { at: 'refused' };
      await clock.pass(routerLeaseSeconds * 125);
      state.answer = mapped();
      await clock.pass(routerLeaseSeconds * 125);
      expect([router.outsideOf(udp), [...opened]]).toEqual([{ address: '11.22.33.1', port: 50_000 }, [udp.port]]);
      expect([router.view().at, moved()]).toEqual(['opens', 1]);
      await clock.pass(routerLeaseSeconds * 2_000);
      expect([...opened]).toEqual([udp.port]);
      await router.shut(udp);
      clock.advance(routerForgetMs);
      expect(clock.pending).toBe(0);
    },
  );

  it('that opens a pinhole, also late, makes no code old: the address outside is the one inside', async () => {
    const { clock, calls, moved, router, state } = bench(mapped({ address: '2a00::9' }));
    state.findAfterMs = routerGraceMs + 500;
    const pinhole = { ...udp, address: '2a00::9' };
    expect(await within(clock, router.open(pinhole))).toBeUndefined();
    await clock.pass(1_000 + routerPreferMs);
    expect(router.outsideOf(pinhole)).toEqual({ address: '2a00::9', port: 50_000 });
    expect(router.outsideOf(udp)).toBeUndefined();
    expect(router.wantedAddresses()).toEqual(['2a00::9']);
    expect(moved()).toBe(0);
    expect(calls.at(-1)?.request).toMatchObject(pinhole);
    await router.shut(pinhole);
    expect(calls.at(-1)).toMatchObject({ what: 'unmap', request: pinhole });
  });

  it('on another network is looked for anew, with every port that is still needed', async () => {
    const { clock, calls, count, moved, router } = bench();
    await within(clock, router.open(udp));
    router.networkChanged();
    await clock.pass(1_000);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap', 'find', 'map']);
    expect(moved()).toBe(1);
    expect(count('unmap')).toBe(1);
  });

  it('closes what the network check opened where the network changed meanwhile', async () => {
    const { clock, calls, router, state } = bench();
    state.mapAfterMs = 400;
    const checking = router.check(async () => ({ ...udp, release: () => undefined }));
    await settled();
    clock.advance(routerPreferMs);
    await settled();
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map']);
    router.networkChanged();
    await within(clock, checking);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap']);
  });

  it('closes what was being opened when the network changed, once, before it opens it anew', async () => {
    const { clock, calls, router, state } = bench();
    state.mapAfterMs = 400;
    void router.open(udp);
    await settled();
    clock.advance(routerPreferMs);
    await settled();
    router.networkChanged();
    router.networkChanged();
    await clock.pass(2_000);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap', 'find', 'map']);
    expect(router.outsideOf(udp)).toEqual({ address: '11.22.33.1', port: 50_000 });
  });

  it('is not waited for where a search that was given up is silent', async () => {
    const { clock, calls, router, state } = bench();
    state.mapAfterMs = 60_000;
    void router.open(udp);
    await settled();
    clock.advance(routerPreferMs);
    await settled();
    state.mapAfterMs = 0;
    router.networkChanged();
    await clock.pass(1_000);
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap', 'find', 'map']);
    expect(router.outsideOf(udp)).toBeDefined();
  });

  it('has heard of everything that is closed once it is closed itself', async () => {
    const { clock, count, router, state } = bench();
    await within(clock, router.open(udp));
    state.unmapAfterMs = 500;
    void router.shut(udp);
    let isClosed = false;
    void router.close().then(() => (isClosed = true));
    await settled();
    expect([count('unmap'), isClosed]).toEqual([1, false]);
    await clock.pass(500);
    expect(isClosed).toBe(true);
  });

  it('that is turned off has nothing open any more', async () => {
    const { clock, count, router, state } = bench();
    await within(clock, router.open(udp));
    state.isOn = false;
    await router.settingChanged();
    expect(count('unmap')).toBe(1);
    expect(router.view()).toEqual({ at: 'off' });
    await clock.pass(routerLeaseSeconds * 1_000);
    expect(count('map')).toBe(1);
  });

  it('is tried by the network check with a port that is closed at once', async () => {
    const { clock, calls, router } = bench();
    let released = 0;
    const probe = async () => ({ ...udp, release: () => (released += 1) });
    const view = await within(clock, router.check(probe));
    expect(view).toEqual({ at: 'opens', by: 'pcp', publicAddress: '11.22.33.1' });
    expect(calls.map(({ what }) => what)).toEqual(['find', 'map', 'unmap']);
    expect(released).toBe(1);
    clock.advance(routerPreferMs);
    expect(clock.pending).toBe(0);
  });

  it('opens nothing once it is closed', async () => {
    const { clock, count, router } = bench();
    await within(clock, router.open(udp));
    await router.close();
    expect(count('unmap')).toBe(1);
    expect(await router.open({ ...udp, port: 50_001 })).toBeUndefined();
    clock.advance(routerPreferMs);
    expect(clock.pending).toBe(0);
  });
});
