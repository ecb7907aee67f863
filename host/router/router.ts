// The person's own router, in one family of addresses: opens ports of this computer while somebody needs them, and closes them.
// Promises: off means that not a packet goes to it; every port is closed once nobody needs it, and by its lease where this
// process ends without a word; whoever asks for a port hears soon, and of what comes later by `onMoved`.

import { worthOf } from '../../shared/lan/lan-address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import type { RouterNo, RouterView } from '../../shared/model/router-view.ts';
import {
  portMin,
  replyPortMin,
  routerAgainMs,
  routerForgetMs,
  routerGraceMs,
  routerLeaseSeconds,
  routerMappingsMax,
  routerRenewPauseMs,
  routerUnmapMs,
} from '../../shared/wire/limits.ts';
import { type FoundRouter, findRouter, type RouterRefusal } from './find-router.ts';
import {
  type FindProtocol,
  type GatewayPlace,
  type MapAnswer,
  type PortId,
  portKey,
  type RouterProtocol,
  withinTime,
} from './gateway-place.ts';

export type PortOfOurs = {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  /** IPv6: of this computer's addresses the one that others are let in to. */
  readonly address?: string;
  /** Outside; the same number where nothing is said. */
  readonly wantedPort?: number;
  /** Of use only under the wanted number: a router that gives another one is told to close it. No code has it in it. */
  readonly isExact?: true;
};

export type PortOutside = { readonly address: string; readonly port: number };

export type RouterOptions = {
  readonly clock: Clock;
  readonly isOn: () => boolean;
  readonly findGateway: () => Promise<GatewayPlace | undefined>;
  readonly onView: (view: RouterView) => void;
  /** A port is open later than its asker waited, or is not the one outside any more. */
  readonly onMoved: () => void;
  readonly protocols: readonly FindProtocol[];
  /** Tests only. */
  readonly leaseSeconds?: number;
};

export interface Router {
  view(): RouterView;
  /** This computer's addresses on the network of the router. Sends nothing. */
  ownAddresses(): Promise<readonly string[]>;
  /** Opens a port and keeps it open until it is closed. Nothing where that does not work, or not soon. */
  open(wanted: PortOfOurs): Promise<PortOutside | undefined>;
  /** Resolves once the router has heard of it, or had its time. */
  shut(port: PortId): Promise<void>;
  /** What is outside for a port that is open. */
  outsideOf(port: PortId): PortOutside | undefined;
  /** IPv6: those of this computer's addresses of which a port is wanted open. */
  wantedAddresses(): readonly string[];
  /** The link is down: the router may have forgotten what it knew. */
  renew(): void;
  /** The network is another one: what is open is opened anew. */
  networkChanged(): void;
  /** Turned off, everything is closed. */
  settingChanged(): Promise<void>;
  /** Asks now, and answers with what there is to say. */
  check(probe: PortProbe): Promise<RouterView>;
  close(): Promise<void>;
}

/** A port of ours on which nobody listens: of IPv6 at this address. */
export type PortProbe = (address?: string) => Promise<PortOfOurs & { release(): void }>;

type Mapping = {
  readonly wanted: PortOfOurs;
  readonly life: AbortController;
  /** While it is open. The lease ends then, unless it is renewed. */
  mapped?: { readonly by: RouterProtocol; readonly outside: PortOutside; readonly leaseEndsAtMs: number };
  /** On this network: it is asked for until it is open again. */
  wasOpen: boolean;
  cancelRenewal?: () => void;
  /** Whoever asked for it went on without it. */
  isLate: boolean;
  /** Who was asked for it and not told to close it since: whatever they answered, or did not, they may have opened it. */
  readonly asked: Set<RouterProtocol>;
  /** What is asked of the router for it, one after the other. */
  attempt?: Promise<void>;
};

type Search = {
  readonly life: AbortController;
  readonly found: Promise<FoundRouter | RouterRefusal | undefined>;
  cancelForget?: () => void;
};

export function openRouter(options: RouterOptions): Router {
  const { clock, isOn, findGateway, onMoved, protocols, leaseSeconds = routerLeaseSeconds } = options;
  const mappings = new Map<string, Mapping>();
  /** Being told to the router: what is closed, and what is only tried. */
  const closing = new Set<Promise<void>>();
  /** The same of ports, by their keys: one that is wanted again is opened after that, or it would be closed with the one before. */
  const closingPorts = new Map<string, Promise<void>>();
  let search: Search | undefined;
  let shown: RouterView = { at: 'off' };
  let isClosed = false;
  /** Counts its changes. */
  let network = 0;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  /** How often it was looked for again, and how that is called off. */
  let tries = 0;
  let cancelAgain: (() => void) | undefined;
  /** Its age, and when it told it. */
  let clockOfRouter: { readonly upSeconds: number; readonly atMs: number } | undefined;

  function show(view: RouterView): void {
    if (JSON.stringify(view) === JSON.stringify(shown)) return;
    shown = view;
    options.onView(view);
  }

  /** While a port is open, nothing less is said: the next question, or another port, may get another answer. */
  function showUnlessOpen(view: RouterView): void {
    if ([...mappings.values()].every(({ mapped }) => mapped === undefined)) show(view);
  }

  function find(isQuiet = false): Search {
    if (search !== undefined) return search;
    const life = new AbortController();
    const own: Search = { life, found: look(life.signal) };
    search = own;
    if (!isQuiet) showUnlessOpen({ at: 'asking' });
    void own.found.then((found) => {
      if (search !== own || typeof found === 'object') return;
      isOfNoUse(found ?? 'none', own);
    });
    return own;
  }

  async function look(signal: AbortSignal): Promise<FoundRouter | RouterRefusal | undefined> {
    const place = await findGateway();
    return place === undefined || signal.aborted ? undefined : findRouter(place, protocols, clock, signal);
  }

  /** People turn things on in their routers: a no is asked about again, however many ports it was said of meanwhile. */
  function forgetLater(own: Search): void {
    if (search !== own || own.cancelForget !== undefined) return;
    own.cancelForget = clock.after(routerForgetMs, () => {
      if (search === own) search = undefined;
    });
  }

  /** Without a word on the screen: most routers that do not answer open no ports. */
  function askAgainLater(): void {
    const ms = routerAgainMs[tries];
    if (ms === undefined || cancelAgain !== undefined || isClosed || !isOn()) return;
    cancelAgain = clock.after(ms, () => {
      cancelAgain = undefined;
      tries += 1;
      const unopened = [...mappings.values()].filter(({ mapped }) => mapped === undefined);
      if (unopened.length === 0) return;
      // What is under way by it goes on: a port that is open must not be closed for this.
      search?.cancelForget?.();
      search = undefined;
      find(true);
      for (const mapping of unopened) void map(mapping);
    });
  }

  function dropSearch(): void {
    cancelAgain?.();
    cancelAgain = undefined;
    tries = 0;
    search?.life.abort();
    search?.cancelForget?.();
    search = undefined;
    clockOfRouter = undefined;
  }

  /** After what is under way for it: whoever closes the port waits for the newest only. */
  function map(mapping: Mapping): Promise<void> {
    const { attempt: before } = mapping;
    const ofNetwork = network;
    mapping.attempt =
      before === undefined
        ? attempt(mapping)
        : before
            .catch(() => undefined)
            .then(() => (mapping.life.signal.aborted || ofNetwork !== network ? undefined : attempt(mapping)));
    return mapping.attempt;
  }

  /** Makes the mapping, or renews it. Given up meanwhile, it is closed again. */
  async function attempt(mapping: Mapping): Promise<void> {
    const { wanted, life, asked } = mapping;
    const own = find(mapping.wasOpen);
    const givenUp = AbortSignal.any([life.signal, own.life.signal]);
    await closingPorts.get(portKey(wanted))?.catch(() => undefined);
    const found = await Promise.race([own.found, whenAborted(givenUp)]);
    if (givenUp.aborted) return;
    if (typeof found !== 'object') {
      await isNotMapped(mapping, found ?? 'none', own);
      return;
    }
    const request = requestOf(mapping);
    let by = mapping.mapped?.by ?? found.first;
    asked.add(by);
    let answer = await by.map(request, givenUp);
    if (answer.at !== 'mapped' && mapping.mapped === undefined) {
      for (const other of await found.others) {
        if (answer.at === 'mapped' || givenUp.aborted) break;
        asked.add(other);
        const tried = await other.map(request, givenUp);
        if (tried.at === 'silent') continue;
        answer = tried;
        by = other;
      }
    }
    if (answer.at === 'refused' && answer.because === undefined && (await found.refusal) === 'no-address') {
      answer = { at: 'refused', because: 'no-address' };
    }
    // The port, or the search for the router, was given up. The router may have heard what we do not know the answer to, and nobody
    // would renew it.
    if (givenUp.aborted) await unmap(mapping);
    else await judge(mapping, by, answer, own);
  }

  async function judge(mapping: Mapping, by: RouterProtocol, answer: MapAnswer, own: Search): Promise<void> {
    if (answer.at !== 'mapped') {
      await isNotMapped(mapping, answer.at === 'silent' ? 'none' : (answer.because ?? 'refused'), own);
      return;
    }
    const { isExact, port, wantedPort = port } = mapping.wanted;
    const worth = worthOf(answer.address);
    if (worth !== 'public' || answer.port < portMin) {
      // A router says so too while its provider is gone for a moment.
      isNotOpen(mapping);
      isOfNoUse(worth === 'shared' || worth === 'behind' ? worth : 'refused', own);
      await unmap(mapping);
    } else if (isExact === true && answer.port !== wantedPort) {
      void shut(mapping.wanted);
      // It does open ports.
      show({ at: 'opens', by: by.by, publicAddress: answer.address });
    } else isOpen(mapping, by, answer);
  }

  /** One that is open stays so until its lease ends; the next attempt may be heard. */
  async function isNotMapped(mapping: Mapping, no: 'none' | 'refused' | RouterNo, own: Search): Promise<void> {
    if (mapping.mapped !== undefined && clock.now() < mapping.mapped.leaseEndsAtMs) {
      schedule(mapping, leaseSeconds / 8);
      return;
    }
    isNotOpen(mapping);
    isOfNoUse(no, own);
    // Otherwise those who were asked, and are to be told to close it, would become more and more.
    if (mapping.wasOpen) await unmap(mapping);
  }

  /** One that was open is asked for again, of whoever is found then. */
  function isNotOpen(mapping: Mapping): void {
    delete mapping.mapped;
    if (!mapping.wasOpen) return;
    mapping.isLate = true;
    schedule(mapping, leaseSeconds / 8);
  }

  function isOfNoUse(at: 'none' | 'refused' | RouterNo, own: Search): void {
    showUnlessOpen({ at });
    forgetLater(own);
    if (at === 'none') askAgainLater();
  }

  function isOpen(mapping: Mapping, by: RouterProtocol, answer: Extract<MapAnswer, { at: 'mapped' }>): void {
    const { address, port, upSeconds } = answer;
    const { isLate, mapped } = mapping;
    const before = mapped?.outside;
    const seconds = Math.min(leaseSeconds, Math.max(answer.leaseSeconds, 2));
    mapping.mapped = { by, outside: { address, port }, leaseEndsAtMs: clock.now() + seconds * 1_000 };
    mapping.wasOpen = true;
    mapping.isLate = false;
    show({ at: 'opens', by: by.by, publicAddress: address });
    schedule(mapping, seconds / 2);
    const isMoved = before === undefined ? isLate : before.address !== address || before.port !== port;
    // A pinhole makes nothing of what stands in the code untrue.
    const isInside = mapping.wanted.address === address && mapping.wanted.port === port;
    if (isMoved && !isInside && mapping.wanted.isExact !== true) onMoved();
    if (upSeconds !== undefined) noteAge(upSeconds, mapping);
  }

  /** A router that was restarted has forgotten all of them. */
  function noteAge(upSeconds: number, heardFor: Mapping): void {
    const before = clockOfRouter;
    clockOfRouter = { upSeconds, atMs: clock.now() };
    if (before === undefined) return;
    const expected = before.upSeconds + ((clock.now() - before.atMs) * 7) / 8_000;
    if (upSeconds < expected - 2) renewAll(heardFor);
  }

  function schedule(mapping: Mapping, seconds: number): void {
    mapping.cancelRenewal?.();
    mapping.cancelRenewal = clock.after(seconds * 1_000, () => void map(mapping));
  }

  function renewAll(except?: Mapping): void {
    if (clock.now() - renewedAtMs < routerRenewPauseMs) return;
    renewedAtMs = clock.now();
    for (const mapping of mappings.values()) {
      if (mapping.mapped !== undefined && mapping !== except) void map(mapping);
    }
  }

  function requestOf({ wanted, mapped }: Pick<Mapping, 'wanted' | 'mapped'>) {
    const { protocol, port, address, wantedPort = port } = wanted;
    const request = { protocol, port, wantedPort: mapped?.outside.port ?? wantedPort, leaseSeconds };
    return address === undefined ? request : { ...request, address };
  }

  async function unmap({ asked, wanted }: Mapping): Promise<void> {
    const all = [...asked];
    asked.clear();
    const tell = (by: RouterProtocol) =>
      withinTime({ clock, ms: routerUnmapMs }, (stop) => by.unmap(requestOf({ wanted }), stop));
    await Promise.all(all.map(tell));
  }

  async function shut(port: PortId): Promise<void> {
    const key = portKey(port);
    const mapping = mappings.get(key);
    if (mapping === undefined) return;
    mappings.delete(key);
    mapping.life.abort();
    mapping.cancelRenewal?.();
    const closed = unmapLast(mapping).finally(() => {
      closing.delete(closed);
      if (closingPorts.get(key) === closed) closingPorts.delete(key);
    });
    closing.add(closed);
    closingPorts.set(key, closed);
    await closed;
  }

  /** A renewal that is under way would open the port again, were the router told to close it before. */
  async function unmapLast(mapping: Mapping): Promise<void> {
    await mapping.attempt;
    await unmap(mapping);
  }

  /** The router that knew it may be gone, and another one in its place. */
  async function reopen(mapping: Mapping): Promise<void> {
    const ofNetwork = network;
    const { attempt: before } = mapping;
    mapping.cancelRenewal?.();
    delete mapping.mapped;
    mapping.wasOpen = false;
    mapping.isLate = true;
    // What is under way ends at once, and closes what it opened: it must not close what is opened next.
    await before;
    await unmap(mapping);
    if (!mapping.life.signal.aborted && ofNetwork === network) await attempt(mapping);
  }

  /** Resolves once what was being closed is closed too. */
  async function shutAll(): Promise<void> {
    for (const { wanted } of [...mappings.values()]) void shut(wanted);
    await Promise.all(closing);
  }

  /** Opens a port that nobody needs, and closes it. */
  async function tryPort(probe: PortProbe): Promise<void> {
    const port = await probe();
    try {
      if (isClosed || !isOn()) return;
      const mapping = newMapping(port);
      await map(mapping);
      mapping.cancelRenewal?.();
      mapping.life.abort();
      await unmap(mapping);
    } finally {
      port.release();
    }
  }

  async function open(wanted: PortOfOurs): Promise<PortOutside | undefined> {
    const key = portKey(wanted);
    if (isClosed || !isOn() || wanted.port < replyPortMin) return undefined;
    if (mappings.has(key)) return mappings.get(key)!.mapped?.outside;
    if (mappings.size >= routerMappingsMax) return undefined;
    const mapping = newMapping(wanted);
    mappings.set(key, mapping);
    const grace = new Promise<void>((resolve) => {
      const cancel = clock.after(routerGraceMs, resolve);
      mapping.life.signal.addEventListener('abort', () => [cancel(), resolve()], { once: true });
    });
    await Promise.race([map(mapping), grace]);
    mapping.isLate = mapping.mapped === undefined;
    return mapping.mapped?.outside;
  }

  return {
    view: () => shown,
    async ownAddresses() {
      const place = isClosed || !isOn() ? undefined : await findGateway();
      return place === undefined ? [] : [place.ownAddress, ...(place.otherAddresses ?? [])];
    },
    open,
    shut,
    outsideOf: (port) => mappings.get(portKey(port))?.mapped?.outside,
    wantedAddresses: () => [
      ...new Set([...mappings.values()].flatMap(({ wanted: { address } }) => (address === undefined ? [] : [address]))),
    ],
    renew: () => renewAll(),
    networkChanged() {
      if (isClosed || !isOn()) return;
      network += 1;
      dropSearch();
      for (const mapping of mappings.values()) mapping.attempt = reopen(mapping);
    },
    async settingChanged() {
      if (isClosed || isOn()) return;
      const open = shutAll();
      dropSearch();
      show({ at: 'off' });
      await open;
    },
    async check(probe) {
      if (isClosed || !isOn()) return { at: 'off' };
      if (shown.at === 'opens') return shown;
      if (shown.at !== 'asking') dropSearch();
      const tried = tryPort(probe);
      const over = tried.catch(() => undefined).finally(() => closing.delete(over));
      closing.add(over);
      await tried;
      return shown;
    },
    async close() {
      isClosed = true;
      const open = shutAll();
      dropSearch();
      await open;
    },
  };
}

function newMapping(wanted: PortOfOurs): Mapping {
  return { wanted, life: new AbortController(), wasOpen: false, isLate: false, asked: new Set() };
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
