// A disk for tests: another one that writes down every call in its order, and fails those that a rule names. Work for
// threads runs in place, so that its calls stand in the same list.

import { constants } from 'node:os';
import type { Disk, DiskFile, DiskThreads, ThreadFs } from './disk.ts';

export type DiskCall = {
  /** As the port calls it; calls of threads by Node's name. */
  readonly name: string;
  /** Of a file that is open, the path it was opened by. */
  readonly path: string;
  /** The second path of a rename or link. */
  readonly to?: string;
};

export type Rule = {
  /** Counts only the calls that it accepts. All of them where it is left out. */
  readonly when?: (call: DiskCall) => boolean;
  /** From this one on, beginning with 1. */
  readonly from?: number;
  /** So many of them. */
  readonly times?: number;
  readonly errno: string;
  /** The call is done all the same, and then fails. */
  readonly after?: boolean;
};

export interface FailingDisk extends Disk {
  readonly calls: readonly DiskCall[];
  /** Answers how to take the rule back. */
  fail(rule: Rule): () => void;
}

type Counted = Rule & { seen: number };

/** Its threads use the `fs` that is given. */
export function openFailingDisk(disk: Disk, fs: ThreadFs): FailingDisk {
  const calls: DiskCall[] = [];
  const rules = new Set<Counted>();

  function ruleFor(call: DiskCall): Rule | undefined {
    calls.push(call);
    let found: Rule | undefined;
    for (const rule of rules) {
      if (rule.when?.(call) === false) continue;
      rule.seen += 1;
      const { from = 1, times = Number.POSITIVE_INFINITY } = rule;
      if (rule.seen >= from && rule.seen < from + times) found ??= rule;
    }
    return found;
  }

  function doNow<T>(call: DiskCall, work: () => T): T {
    const rule = ruleFor(call);
    if (rule === undefined) return work();
    if (isDoneFirst(call, rule)) work();
    throw errorOf(rule.errno);
  }

  async function doLater<T>(call: DiskCall, work: () => Promise<T>): Promise<T> {
    const rule = ruleFor(call);
    if (rule === undefined) return work();
    if (isDoneFirst(call, rule)) await work();
    throw errorOf(rule.errno);
  }

  /** The same object, every call through the rules. `path` stands for calls that name none. */
  function watched<T extends object>(target: T, path?: string): T {
    const methods = Object.entries(target).map(([name, method]) => {
      if (typeof method !== 'function') return [name, method];
      const through = (...args: unknown[]) =>
        doLater(
          callOf(name, path === undefined ? args : [path]),
          async () => (await method.apply(target, args)) as unknown,
        );
      return [name, through];
    });
    return Object.fromEntries(methods) as T;
  }

  const threadFs = (): ThreadFs => {
    const names = new Map<number, string>();
    return new Proxy(fs, {
      get(from, name, receiver) {
        const method = Reflect.get(from, name, receiver) as unknown;
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          const [first, second] = args;
          const path = typeof first === 'number' ? (names.get(first) ?? '') : String(first);
          const answer = doNow(callOf(String(name), [path, second]), () => method.apply(from, args) as unknown);
          if (name === 'openSync') names.set(answer as number, path);
          return answer;
        };
      },
    });
  };

  return {
    ...watched(disk),
    calls,
    fail(rule) {
      const counted = { ...rule, seen: 0 };
      rules.add(counted);
      return () => rules.delete(counted);
    },
    open: (file, as, mode) =>
      doLater({ name: 'open', path: String(file), to: as }, async () =>
        watched<DiskFile>(await disk.open(file, as, mode), String(file)),
      ),
    lock: (file) => disk.lock(file),
    blocking: disk.blocking,
    threads<Batch, Answer>(work: (fs: ThreadFs, batch: Batch) => Answer): DiskThreads<Batch, Answer> {
      const own = threadFs();
      let isClosed = false;
      return {
        start: () => undefined,
        async do(batch) {
          if (isClosed) throw new Error('the threads for the disk have ended');
          return work(own, batch);
        },
        async close() {
          isClosed = true;
        },
      };
    },
  };
}

/** Systems let go of a file whatever they answer to its closing. */
function isDoneFirst({ name }: DiskCall, { after }: Rule): boolean {
  return after === true || name === 'close' || name === 'closeSync';
}

function callOf(name: string, [path, to]: readonly unknown[]): DiskCall {
  return typeof to === 'string' ? { name, path: String(path), to } : { name, path: String(path) };
}

/** As Node makes it: what libuv has no name for is called by its number. */
function errorOf(errno: string): Error {
  const number = (constants.errno as Readonly<Record<string, number | undefined>>)[errno] ?? 0;
  const code = unnamed.has(errno) ? `Unknown system error -${number}` : errno;
  return Object.assign(new Error(`${code}: on purpose`), { code, errno: -number });
}

const unnamed: ReadonlySet<string> = new Set(['EDQUOT', 'ESTALE']);
