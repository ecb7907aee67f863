// The exchange that delivers a reply, over pipes that hold, cut and alter bytes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BytePipe, receiveReply, sendReply } from '../../../shared/lan/delivery.ts';
import { inviteSecret } from '../../../shared/lan/sealed.ts';
import { replyMaxBytes } from '../../../shared/wire/limits.ts';

const reply = Uint8Array.from({ length: 101 }, (_, at) => at);
const invite = new TextEncoder().encode('an invite');
const secret = await inviteSecret('abcdefghijklmnopqrst/+09', invite);

/** Two ends; `alter` sees every write on its way. */
function pipes(alter: (from: 'a' | 'b', bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes) {
  const ends = { a: openEnd(), b: openEnd() };
  // Two sides that both wait would wait for ever; a socket's deadline ends that, here it is ended at once.
  const endIfStuck = () => {
    if (ends.a.isWaiting() && ends.b.isWaiting()) for (const one of [ends.a, ends.b]) one.end();
  };
  const end = (mine: 'a' | 'b', theirs: 'a' | 'b'): BytePipe => ({
    read: (count) => {
      const bytes = ends[mine].read(count);
      endIfStuck();
      return bytes;
    },
    write: (bytes) => ends[theirs].push(alter(mine, bytes)),
  });
  return { a: end('a', 'b'), b: end('b', 'a'), end: () => [ends.a, ends.b].map((one) => one.end()) };
}

function openEnd() {
  let held = new Uint8Array();
  let ended = false;
  let waiting: (() => void) | undefined;
  const wake = () => {
    waiting?.();
    waiting = undefined;
  };
  return {
    isWaiting: () => waiting !== undefined,
    push(bytes: Uint8Array) {
      held = Uint8Array.from([...held, ...bytes]);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async read(count: number) {
      while (held.length < count && !ended) await new Promise<void>((resolve) => (waiting = resolve));
      if (held.length < count) return undefined;
      const part = held.slice(0, count);
      held = held.slice(count);
      return part;
    },
  };
}

async function exchange(
  options: {
    readonly alter?: Parameters<typeof pipes>[0];
    readonly knows?: Uint8Array;
    readonly verdict?: boolean;
  } = {},
) {
  const line = pipes(options.alter);
  const taken: Uint8Array[] = [];
  const listening = receiveReply(line.b, secret, {
    isNew: () => true,
    take: (bytes) => {
      taken.push(bytes);
      return options.verdict ?? true;
    },
  }).then(line.end);
  const delivered = await sendReply(line.a, options.knows ?? secret, reply);
  line.end();
  await listening;
  return { delivered, taken };
}

describe('a delivery', () => {
  it('brings the reply and a receipt', async () => {
    expect(await exchange()).toEqual({ delivered: true, taken: [reply] });
  });

  it('is not believed when the other side refuses', async () => {
    expect(await exchange({ verdict: false })).toEqual({ delivered: false, taken: [reply] });
  });

  it('needs the very invite: another password or one changed byte opens nothing', async () => {
    for (const knows of [
      await inviteSecret('abcdefghijklmnopqrst/+08', invite),
      await inviteSecret('abcdefghijklmnopqrst/+09', new TextEncoder().encode('an invitf')),
    ]) {
      expect(await exchange({ knows })).toEqual({ delivered: false, taken: [] });
    }
  });

  it('has a secret that another implementation finds too', () => {
    expect(Buffer.from(secret).toString('hex')).toBe(
      '1393bc76fd78a494a9522d108fcedcc5fe6c1f99af5202117768d20bbf695b07',
    );
  });

  it('survives no changed byte, in either direction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a', 'b'),
        fc.nat(2),
        fc.nat(600),
        fc.integer({ min: 1, max: 255 }),
        async (side, nth, at, flip) => {
          let seen = -1;
          let isAltered = false;
          const { delivered, taken } = await exchange({
            alter(from, bytes) {
              if (from !== side) return bytes;
              seen += 1;
              if (seen !== nth) return bytes;
              const copy = Uint8Array.from(bytes);
              copy[at % copy.length]! ^= flip;
              isAltered = true;
              return copy;
            },
          });
          expect(delivered).toBe(!isAltered);
          for (const bytes of taken) expect(bytes).toEqual(reply);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('gives a stranger nothing and takes nothing, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 700 }), async (bytes) => {
        const line = pipes();
        const written: Uint8Array[] = [];
        line.a.write(bytes);
        line.end();
        await receiveReply({ read: line.b.read, write: (one) => written.push(one) }, secret, {
          isNew: () => true,
          take: () => {
            throw new Error('taken');
          },
        });
        expect(written).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('cannot be replayed: what one side once said is answered with another number', async () => {
    const said: Uint8Array[] = [];
    await exchange({
      alter(from, bytes) {
        if (from === 'a') said.push(bytes);
        return bytes;
      },
    });
    const line = pipes();
    const taken: Uint8Array[] = [];
    for (const bytes of said) line.a.write(bytes);
    line.end();
    await receiveReply(line.b, secret, { isNew: () => true, take: (bytes) => taken.push(bytes) > 0 });
    expect(said.length).toBe(2);
    expect(taken).toEqual([]);
  });

  it('refuses an announced length beyond any code before it reads on', async () => {
    const asked: number[] = [];
    const line = pipes((from, bytes) => (from === 'a' && bytes.length > 40 ? Uint8Array.of(0xff, 0xff) : bytes));
    const listening = receiveReply(
      {
        write: line.b.write,
        read: (count) => {
          asked.push(count);
          return line.b.read(count);
        },
      },
      secret,
      { isNew: () => true, take: () => true },
    ).then(line.end);
    expect(await sendReply(line.a, secret, reply)).toBe(false);
    await listening;
    expect(Math.max(...asked)).toBeLessThanOrEqual(replyMaxBytes);
    expect(asked).toEqual([32, 2]);
  });
});
