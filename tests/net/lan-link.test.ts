// What a link does with remembered computers, in one real Chromium: remembering, being called, calling.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LinkBrowser, linkByPaste, openBrowser, pairByPaste, type TestLink } from './link-browser.ts';

let browser: LinkBrowser;
let anna: TestLink;
let ben: TestLink;
let round = 0;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() =>
  browser.page.evaluate(() => {
    for (const name of [...window.links.all.keys()]) window.links.close(name);
  }),
);

async function two(): Promise<void> {
  round += 1;
  anna = await browser.open(`anna-${round}`);
  ben = await browser.open(`ben-${round}`);
  await Promise.all([anna.code('invite'), ben.code('invite')]);
}

/** Begins the call and does not wait for its end. */
function call(from: TestLink, to: TestLink): Promise<void> {
  return browser.page.evaluate(([caller, called]) => void window.links.all.get(caller)!.link.callRemembered(called), [
    from.name,
    to.name,
  ] as const);
}

function choose(link: TestLink, choice: 'yes' | 'no'): Promise<void> {
  return browser.page.evaluate(([name, how]) => window.links.all.get(name)!.link.remember(how), [
    link.name,
    choice,
  ] as const);
}

async function untilRemember(link: TestLink, at: string | undefined): Promise<void> {
  await browser.page.waitForFunction(
    ([name, wanted]) => {
      const view = window.links.all.get(name!)!.link.view();
      return view.at === 'linked' && view.peer.remember === wanted;
    },
    [link.name, at],
    { polling: 20, timeout: 10_000 },
  );
}

const keptBy = (link: TestLink) => browser.page.evaluate((name) => window.links.lan.kept.get(name), link.name);

describe('remembering', () => {
  it('gives both the same secret once both people said yes, and the code to find the other by', async () => {
    await two();
    await linkByPaste(anna, ben);
    await choose(anna, 'yes');
    await untilRemember(ben, 'asked');
    expect(await keptBy(anna)).toBeUndefined();
    await choose(ben, 'yes');
    await Promise.all([untilRemember(anna, 'agreed'), untilRemember(ben, 'agreed')]);
    await expect.poll(async () => [await keptBy(anna), await keptBy(ben)].includes(undefined)).toBe(false);
    const [annas, bens] = [(await keptBy(anna))!, (await keptBy(ben))!];
    expect(annas.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(bens.secret).toBe(annas.secret);
    expect([annas.side, bens.side]).toEqual(['inviter', 'replier']);
    expect(annas).toMatchObject({ name: ben.name, code: expect.stringMatching(/^TINCAN:/) });
    expect(bens.name).toBe(anna.name);
  });

  it('keeps nothing when one of them would rather not', async () => {
    await two();
    await linkByPaste(anna, ben);
    await choose(anna, 'yes');
    await untilRemember(ben, 'asked');
    await choose(ben, 'no');
    await untilRemember(anna, 'declined');
    expect([await keptBy(anna), await keptBy(ben)]).toEqual([undefined, undefined]);
  });

  it('is not offered, and not taken, on a link that was not checked', async () => {
    await two();
    await pairByPaste(anna, ben);
    await Promise.all([anna.confirm('skip'), ben.confirm('match')]);
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    await untilRemember(anna, undefined);
    await choose(ben, 'yes');
    await untilRemember(ben, 'declined');
    await choose(anna, 'yes');
    await untilRemember(anna, undefined);
    expect([await keptBy(anna), await keptBy(ben)]).toEqual([undefined, undefined]);
  });
});

describe('a call', () => {
  it('links without asking for digits, under the names that each keeps, and says who it is', async () => {
    await two();
    await call(anna, ben);
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    for (const [link, other] of [
      [anna, ben],
      [ben, anna],
    ] as const) {
      expect(await link.view()).toMatchObject({
        peer: { name: `known ${other.name}`, trust: { at: 'settled', checked: 'known' } },
      });
      expect(await link.facts()).toMatchObject({ authorized: { checked: true } });
      await untilRemember(link, undefined);
    }
    const known = async (link: TestLink) => {
      const view = await link.view();
      return view.at === 'linked' ? view.peer.knownId : 'no link';
    };
    expect([await known(anna), await known(ben)]).toEqual([ben.name, anna.name]);
  });

  it('links when both call each other at once', async () => {
    await two();
    await Promise.all([call(anna, ben), call(ben, anna)]);
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    expect((await anna.facts()).binding).toBe((await ben.facts()).binding);
  });

  it('leaves the called one’s code on its screen until there is a link', async () => {
    await two();
    const shown = await ben.code('invite');
    await browser.page.evaluate(() => {
      window.links.lan.holds = true;
    });
    await call(anna, ben);
    await browser.page.waitForFunction(() => window.links.lan.heldCount() === 1, undefined, { polling: 20 });
    expect(await ben.view()).toMatchObject({ at: 'pairing', code: { kind: 'invite', text: shown } });
    await browser.page.evaluate(() => window.links.lan.release());
    await Promise.all([anna.untilGate(), ben.untilGate()]);
  });

  it('is not overtaken by a stranger who saw the code on the screen and delivers a reply of his own', async () => {
    await two();
    const eve = await browser.open(`eve-${round}`);
    expect(await eve.take(await anna.code('invite'))).toBeUndefined();
    const stolen = await eve.code('reply');
    await browser.page.evaluate(() => {
      window.links.lan.holds = true;
    });
    await call(anna, ben);
    await browser.page.evaluate(([name, reply]) => window.links.lan.deliver(name, reply), [anna.name, stolen] as const);
    await browser.page.waitForFunction(() => window.links.lan.heldCount() === 1, undefined, { polling: 20 });
    await browser.page.evaluate(() => window.links.lan.release());
    await Promise.all([anna.untilGate(), ben.untilGate()]);
    expect(await anna.view()).toMatchObject({ peer: { name: `known ${ben.name}`, trust: { checked: 'known' } } });
    expect(await eve.view()).toMatchObject({ at: 'pairing' });
  });

  it('does not disturb a link', async () => {
    await two();
    await linkByPaste(anna, ben);
    const eve = await browser.open(`eve-${round}`);
    await eve.code('invite');
    await call(eve, ben);
    await ben.note(1);
    await anna.untilNote(1);
    expect(await ben.view()).toMatchObject({ at: 'linked', peer: { name: anna.name } });
    expect(await eve.view()).toMatchObject({ at: 'pairing' });
  });
});
