// A man in the middle swaps both codes for his own and so has a perfectly good link to each side. The digits must tell,
// and nothing may pass while nobody has said that they match.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeCode, encodeCode } from '../../shared/code/code-text.ts';
import { type LinkBrowser, openBrowser, type TestLink } from './link-browser.ts';

let browser: LinkBrowser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() =>
  browser.page.evaluate(() => {
    for (const name of [...window.links.all.keys()]) window.links.close(name);
  }),
);

type Attack = { readonly anna: TestLink; readonly ben: TestLink; readonly toAnna: TestLink; readonly toBen: TestLink };

async function openAttack(): Promise<Attack> {
  const [anna, toAnna, toBen, ben] = await Promise.all(
    ['anna', 'middle-to-anna', 'middle-to-ben', 'ben'].map((name) => browser.open(name)),
  );
  return { anna: anna!, toAnna: toAnna!, toBen: toBen!, ben: ben! };
}

/** Anna's invite never reaches Ben, and Ben's reply never reaches Anna: each holds a code of the middle. */
async function swapCodes({ anna, toAnna, toBen, ben }: Attack): Promise<void> {
  await toAnna.take(await anna.code('invite'));
  await ben.take(await toBen.code('invite'));
  await toBen.take(await ben.code('reply'));
  await anna.take(await toAnna.code('reply'));
}

describe('a man in the middle', () => {
  it('makes the digits differ on every one of 20 runs, and authorizes nobody by claiming to be satisfied', async () => {
    let same = 0;
    for (let round = 0; round < 20; round += 1) {
      const attack = await openAttack();
      await swapCodes(attack);
      const { anna, ben, toAnna, toBen } = attack;
      const [left, right] = await Promise.all([anna.digits(), ben.digits()]);
      if (left === right) same += 1;
      await Promise.all([toAnna.digits(), toBen.digits()]);
      await Promise.all([toAnna.confirm('match'), toBen.confirm('match')]);
      await Promise.all([toAnna.note(1), toBen.note(2)]);
      await Promise.all([anna.untilFact('leaked', 1), ben.untilFact('leaked', 1)]);
      for (const side of [anna, ben]) {
        expect(await side.facts()).toMatchObject({ authorized: null, notes: [] });
        expect(await side.view()).toMatchObject({ peer: { trust: { at: 'asking' } } });
      }
      await browser.page.evaluate(() => {
        for (const name of [...window.links.all.keys()]) window.links.close(name);
      });
    }
    expect(same).toBe(0);
  });

  it('is found out at once when it passes the verification on unchanged', async () => {
    const attack = await openAttack();
    await browser.page.evaluate(() => {
      const [left, right] = ['middle-to-anna', 'middle-to-ben'].map((name) => window.links.all.get(name)!.engine);
      for (const [from, to] of [
        [left!, right!],
        [right!, left!],
      ] as const) {
        from.swallowOut = () => true;
        from.swallowIn = (body) => {
          to.forge(body);
          return true;
        };
      }
    });
    await swapCodes(attack);
    await attack.ben.page.waitForFunction(() => {
      const view = window.links.all.get('ben')!.link.view();
      return view.at === 'pairing' && typeof view.ended === 'object' && view.ended.code === 'link-tampered';
    });
    expect((await attack.ben.facts()).authorized).toBeNull();
    expect((await attack.anna.facts()).authorized).toBeNull();
  });

  it('cannot make the digits agree by replacing only the reply: the other side never links', async () => {
    const { anna, toAnna, ben } = await openAttack();
    const invite = await anna.code('invite');
    await Promise.all([toAnna.take(invite), ben.take(invite)]);
    await ben.code('reply');
    await anna.take(await toAnna.code('reply'));
    await anna.until('linked');
    expect((await ben.view()).at).toBe('pairing');
    expect(await anna.view()).toMatchObject({ peer: { trust: { at: 'asking' } } });
  });

  it('is refused by both sides when it changes nothing but the fingerprint in the reply', async () => {
    const [anna, ben] = [await browser.open('anna'), await browser.open('ben')];
    await ben.take(await anna.code('invite'));
    const reply = decodeCode(await ben.code('reply'));
    if (!reply.ok) throw new Error(reply.fault.code);
    const fingerprint = Uint8Array.from(reply.code.fingerprint);
    fingerprint[0]! ^= 1;
    await anna.take(encodeCode({ ...reply.code, fingerprint }));
    for (const side of [anna, ben]) {
      await expect
        .poll(() => side.view(), { timeout: 3_000 })
        .toMatchObject({
          at: 'pairing',
          ended: { code: 'link-tampered' },
        });
    }
  });

  const outOfTurn: readonly [string, object][] = [
    ['C13 a second commitment', { say: 'commit', commitment: '00'.repeat(32) }],
    ['a nonce after the digits', { say: 'nonce', nonce: '00'.repeat(32), camera: false }],
    ['C13 a nonce of 31 bytes', { say: 'nonce', nonce: '00'.repeat(31), camera: false }],
    ['a reveal that opens nothing', { say: 'reveal', nonce: '00'.repeat(32), camera: false }],
    ['spares before the confirmation', { say: 'spares', spares: [] }],
    ['a signal that is none', { verified: true }],
  ];
  it.each(outOfTurn)('is disconnected for %s, and the codes cannot be used again', async (_, body) => {
    const [anna, ben] = [await browser.open('anna'), await browser.open('ben')];
    const invite = await anna.code('invite');
    await ben.take(invite);
    const reply = await ben.code('reply');
    await anna.take(reply);
    await Promise.all([anna.until('linked'), ben.until('linked')]);
    await browser.page.evaluate((forged) => {
      window.links.all.get('ben')!.engine.forge(forged as Readonly<Record<string, unknown>>);
    }, body);
    await anna.until('pairing');
    expect(await anna.view()).toMatchObject({ ended: { code: 'link-tampered' } });
    expect(await anna.code('invite')).not.toBe(invite);
    expect(await anna.take(reply)).toBe('code-used');
  });
});

describe('a peer that brings more than was agreed', () => {
  type Caught = { connections: RTCPeerConnection[] };

  it.each([
    ['C10 one more channel', (pc: RTCPeerConnection) => void pc.createDataChannel('more')],
    ['C10 a channel with an endless label', (pc: RTCPeerConnection) => void pc.createDataChannel('x'.repeat(60_000))],
    [
      'C10 a thousand channels',
      (pc: RTCPeerConnection) => {
        for (let nth = 0; nth < 1000; nth += 1) pc.createDataChannel(String(nth));
      },
    ],
    ['C12 a picture track, or what else needs new terms', (pc: RTCPeerConnection) => void pc.addTransceiver('video')],
  ])('ends the link: %s', async (_what, bring) => {
    await browser.page.evaluate(() => {
      const caught = window as unknown as Caught;
      if (caught.connections !== undefined) return;
      caught.connections = [];
      const Real = RTCPeerConnection;
      window.RTCPeerConnection = class extends Real {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          caught.connections.push(this);
        }
      };
    });
    const [anna, ben] = [await browser.open('anna'), await browser.open('ben')];
    await ben.take(await anna.code('invite'));
    await anna.take(await ben.code('reply'));
    await Promise.all([anna.until('linked'), ben.until('linked')]);
    await browser.page.evaluate((does) => {
      const { connections } = window as unknown as Caught;
      const up = connections.find(({ connectionState }) => connectionState === 'connected')!;
      (new Function(`return ${does}`)() as (pc: RTCPeerConnection) => void)(up);
    }, bring.toString());
    await expect
      .poll(async () => JSON.stringify(await Promise.all([anna.view(), ben.view()])))
      .toContain('"code":"peer-violation"');
    await browser.page.evaluate(() => {
      (window as unknown as Caught).connections.length = 0;
    });
  });
});
