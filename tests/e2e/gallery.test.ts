// Every screen in real Chromium, with stand-ins behind it: nothing for axe to find, nothing that overflows, no breach of
// the content policy, and lists that stay smooth.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import { type Gallery, openGallery } from '../../build/gallery.ts';
import { looks, thumbnails, unlikeAbove, unlikeness } from '../../build/screen-likeness.ts';
import {
  id,
  mega,
  partlyTransfers,
  progress,
  stageConnection,
  transfer,
} from '../../renderer/gallery/scene-transfers.ts';
import { plan as scenePlan, scenes, unfinished as sceneUnfinished } from '../../renderer/gallery/scenes.ts';
import { languages } from '../../shared/model/language.ts';
import { chromiumFlags } from './instance.ts';

const baselines = fileURLToPath(new URL('screens/', import.meta.url));
const wide = { width: 1100, height: 800 };
const usual = { width: 1080, height: 640 };
const narrow = { width: 380, height: 740 };
const names = Object.keys(scenes).filter((name) => !name.endsWith('-many'));

/** What of axe's rules looks at colours: all that can differ where only the theme does. */
const colourRules = ['color-contrast', 'link-in-text-block'];

let gallery: Gallery;
let browser: Browser;
/** Shows one screen after the other. */
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  gallery = await openGallery();
  browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
  page = await blank();
});

afterAll(async () => {
  await browser?.close();
  await gallery?.close();
  expect(complaints).toEqual([]);
});

async function blank(): Promise<Page> {
  const context = await browser.newContext({ viewport: wide, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('404'))
      complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error}`));
  return page;
}

async function show(page: Page, scene: string, more = ''): Promise<void> {
  await page.goto(`${gallery.url}?scene=${scene}${more}`);
  await settled(page);
}

/** Pages that a test is done with. Showing a scene on one takes a quarter of the time that a new page takes. */
const idle: Page[] = [];

/** A page of its own, for a test that acts on it. */
async function open(scene: string, more = ''): Promise<Page> {
  const page = idle.pop() ?? (await blank());
  await show(page, scene, more);
  return page;
}

/** Nothing of what the test did stays with the page; one that a failed test leaves behind is never used again. */
async function done(page: Page): Promise<void> {
  await page.evaluate(() => {
    localStorage.clear();
    sessionStorage.clear();
  });
  await page.goto('about:blank');
  await page.mouse.move(0, 0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize(wide);
  idle.push(page);
}

type Stage = {
  emit(event: unknown): void;
  show(view: unknown): void;
  commands: { do: string }[];
  later?: Promise<unknown>;
};
type StoreInPage = {
  store: { getState(): { settings: object; transfers: Map<string, object> }; setState(change: object): void };
  actions: { applySettings(settings: object): void };
};

/** As fast as hands are: the second click is where the first one was, whatever is there by then. */
async function doubleClick(page: Page, target: Locator): Promise<void> {
  await target.first().scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await target.first().boundingBox())!;
  await page.mouse.click(x + width / 2, y + height / 2);
  await page.waitForTimeout(150);
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
}

/** As the settings do it. */
async function wear(page: Page, theme: string): Promise<void> {
  await page.evaluate((theme) => {
    const { actions, store } = (window as unknown as { tincan: StoreInPage }).tincan;
    actions.applySettings({ ...store.getState().settings, theme });
  }, theme);
  await settled(page);
}

/** The pages have no frames, so axe needs no second page to put results together in ("legacy"). */
async function axe(page: Page, rules?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (rules === undefined ? builder : builder.withRules(rules)).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

async function linkWithBen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { stage } = window as unknown as { stage: Stage };
    stage.show({
      at: 'linked',
      peer: { name: 'Ben', trust: { at: 'settled', digits: '402917', checked: 'matched' } },
    });
  });
  await page.locator('[data-testid="session"][data-state="linked"]').waitFor();
}

/** Drawn with the right letters, what the stand-ins answered drawn too, and every animation that ends at its end. */
async function settled(page: Page): Promise<void> {
  await page.getByTestId('session').waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
    await (window as unknown as { stage: Stage }).stage.later;
    // Small pictures are decoded beside the page.
    const isEmpty = (canvas: HTMLCanvasElement) =>
      canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3] === 0;
    while ([...document.querySelectorAll<HTMLCanvasElement>('canvas.thumbnail')].some(isEmpty))
      await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
    for (const animation of document.getAnimations()) {
      if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
    }
    await new Promise(requestAnimationFrame);
  });
}

/** An open dialog takes the keyboard a moment after it is drawn. */
async function dialogOpen(page: Page): Promise<void> {
  await page.locator('[role="dialog"]:focus-within').waitFor();
}

async function dialogClosed(page: Page): Promise<void> {
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** A question that has been in view for a moment can be answered. */
const seen = (page: Page, handle: string) =>
  page.locator(`[data-testid="${handle}"]:focus:not([aria-disabled="true"])`).waitFor();

/** No timer that the page begins from now on runs before it is let: a busy machine cannot pass for a slow person. */
async function holdTimers(page: Page): Promise<() => Promise<void>> {
  const held = await page.evaluateHandle(() => {
    const begin = window.setTimeout.bind(window);
    const tasks: (() => void)[] = [];
    window.setTimeout = ((task: () => void, ms: number) => {
      tasks.push(() => begin(task, ms));
      return 0;
    }) as typeof setTimeout;
    return {
      release() {
        window.setTimeout = begin as typeof setTimeout;
        for (const task of tasks.splice(0)) task();
      },
    };
  });
  return () => held.evaluate((each) => each.release());
}

/** How far the page can be moved sideways: zero when nothing sticks out. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.each(names)('the screen %s', (scene) => {
  it('looks as it did, and gives axe nothing to find in either theme', async () => {
    await page.setViewportSize(wide);
    await show(page, scene, '&theme=light');
    expect(await axe(page), 'light').toEqual([]);
    const pictures: Buffer[] = [];
    for (const { height, name, theme, width } of looks) {
      await page.setViewportSize({ width, height });
      await wear(page, theme);
      // Some screens bring into view what is new on them.
      await page.evaluate(() => window.scrollTo(0, 0));
      pictures.push(await page.screenshot({ animations: 'disabled' }));
      if (name === 'dark') expect(await axe(page, colourRules), 'dark').toEqual([]);
    }
    const baseline = path.join(baselines, `${scene}.png`);
    expect(existsSync(baseline), `no ${baseline}: npm run screenshots ${scene}`).toBe(true);
    const now = thumbnails(pictures);
    expect(
      unlikeness(now, readFileSync(baseline)),
      `if it is meant to look so now: npm run screenshots ${scene}`,
    ).toBeLessThan(unlikeAbove);
  });

  it('fits a narrow window, twice the zoom, twice the letters, a long language, and right to left', async () => {
    const fits = async (what: string) => expect(await overflow(page), `${scene} ${what}`).toBeLessThanOrEqual(0);
    await page.setViewportSize(narrow);
    await show(page, scene, '&language=pseudo&dir=rtl');
    await fits('narrow, long, right to left');
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'ltr'));
    await fits('narrow, long');
    await page.setViewportSize({ width: 550, height: 400 });
    await fits('at 200 % zoom');
    await page.setViewportSize(wide);
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'));
    await fits('with letters of twice the size');
  });
});

/** Texts that a box cuts off. Names may be cut: they are anybody's, and as long as they like. */
const cutTexts = (page: Page) =>
  page.evaluate(() => {
    const nameLike =
      'bdi[translate="no"], .file-name, .device, .destination, .peer-name, .offer-name, .unseen, .skip, .code-field, option';
    const cut: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('.app *, [role="dialog"] *')) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
      const { width } = element.getBoundingClientRect();
      // Hidden from eyes on purpose: 1 px for screen readers.
      if (width <= 2) continue;
      if (!hasText || element.closest(nameLike) !== null || element.querySelector(nameLike) !== null) continue;
      for (let box: HTMLElement | null = element; box !== null && box !== document.body; box = box.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(box);
        const [text, edge] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
        const isScrolled = overflowX === 'auto' || overflowX === 'scroll';
        const isWide =
          box === element
            ? box.scrollWidth > box.clientWidth + 1
            : text.right > edge.right + 1 || text.left < edge.left - 1;
        if (overflowX !== 'visible' && !isScrolled && isWide) cut.push(element.textContent ?? '');
        else if (box === element && overflowY === 'hidden' && box.scrollHeight > box.clientHeight + 2)
          cut.push(element.textContent ?? '');
        if (isScrolled) break;
      }
    }
    return cut;
  });

const scrolls = (page: Page) =>
  page.evaluate(() =>
    ['html', '.app', 'main', '.linked', '.screen'].filter((selector) => {
      const element = document.querySelector(selector);
      return element !== null && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 0;
    }),
  );

async function speak(page: Page, language: string): Promise<void> {
  await page.evaluate((language) => {
    const { actions, store } = (window as unknown as { tincan: StoreInPage }).tincan;
    actions.applySettings({ ...store.getState().settings, language });
  }, language);
  await page.locator(`html[lang="${language}"]`).waitFor();
  await settled(page);
}

/** The longest words, right to left, and signs without spaces; all of them on request, and in a job of its own in CI. */
const tried = process.env.TINCAN_EVERY_LANGUAGE
  ? languages
  : languages.filter((one) => ['de', 'ar', 'ja'].includes(one));

/** Waits for somebody's answer: it must be in view without scrolling. */
const answers = ['accept', 'verify-match', 'copy-code', 'pair-again', 'start-over'];
/** Whatever fits them fits the others, in every language. */
const fullest = ['pairing-full', 'pairing-looking', 'reconnecting-taken'];
/** With all that they show at once, a narrow and low window has to be scrolled. */
const scrollsWhenNarrow = ['reconnecting-again', 'reconnecting-taken'];

describe.each(names)('the screen %s', (scene) => {
  it('needs no scrolling but in its lists, and shows its main action, at 1080 × 640 and in a narrow window', async () => {
    await page.setViewportSize(usual);
    await show(page, scene);
    expect(await scrolls(page)).toEqual([]);
    await page.setViewportSize({ width: 380, height: 640 });
    await settled(page);
    const hidden = await page.evaluate(
      (handles) =>
        handles.filter((handle) => {
          const box = document.querySelector(`[data-testid="${handle}"]`)?.getBoundingClientRect();
          return box !== undefined && box.bottom > innerHeight;
        }),
      answers,
    );
    expect(hidden).toEqual(scrollsWhenNarrow.includes(scene) ? hidden : []);
  });

  it('cuts no text and sticks out nowhere in other languages, at 1080 × 640 and at 380 × 740', async () => {
    await show(page, scene);
    for (const language of tried) {
      await speak(page, language);
      await noSpaceAfterWideStop(language);
      for (const size of [usual, narrow]) {
        await page.setViewportSize(size);
        const where = `${language} at ${size.width}`;
        expect(await overflow(page), where).toBeLessThanOrEqual(0);
        expect(await cutTexts(page), where).toEqual([]);
        if (size === usual && fullest.includes(scene)) expect(await scrolls(page), where).toEqual([]);
      }
    }
    await speak(page, 'zh-CN');
    await noSpaceAfterWideStop('zh-CN');
  });

  /** A wide full stop brings its own space along. */
  async function noSpaceAfterWideStop(language: string): Promise<void> {
    const said = await page.evaluate(() => document.body.innerText);
    expect(said.match(/.*[。！？] +\S.*/gu), language).toBeNull();
  }
});

describe('the first screen', () => {
  it('has at most 45 words and 8 controls beside the code itself', async () => {
    await page.setViewportSize({ width: 1080, height: 640 });
    await show(page, 'pairing');
    const { controls, words } = await page.evaluate(() => {
      const seen = (element: Element) => !element.matches('.unseen, .skip') && element.closest('.unseen') === null;
      const groups = new Set(
        [...document.querySelectorAll('button, input, textarea, select, a')]
          .filter((element) => element.closest('.your-code') === null)
          .map((element) => element.closest('[role="radiogroup"]') ?? element)
          .filter(seen),
      );
      const text = [...document.querySelectorAll('.app *')]
        .filter((element) => element.closest('.unseen, .skip') === null)
        .flatMap((element) => [...element.childNodes])
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent ?? '')
        .concat([...document.querySelectorAll('textarea')].map(({ placeholder }) => placeholder))
        .join(' ');
      return { controls: groups.size, words: text.split(/\s+/).filter((word) => word !== '') };
    });
    expect(controls).toBeLessThanOrEqual(8);
    expect(words.length, words.join(' ')).toBeLessThanOrEqual(45);
  });

  it('says what to do when there is no code to connect with', async () => {
    const page = await open('pairing');
    await page.getByTestId('code-submit').click();
    await page.getByTestId('code-hint').waitFor();
    await page.getByTestId('code-input').fill('x');
    expect(await page.getByTestId('code-hint').count()).toBe(0);
    await done(page);
  });

  it('has one filled button: Connect, once their code is there', async () => {
    const page = await open('pairing');
    const filled = () => page.locator('.primary').evaluateAll((all) => all.map((each) => each.dataset.testid));
    const besideIt = async () => (await page.getByTestId('new-code').boundingBox())!.x;
    expect(await filled()).toEqual(['copy-code']);
    const before = await besideIt();
    await page.getByTestId('code-input').fill('TINCAN:');
    expect(await filled()).toEqual(['code-submit']);
    expect(await besideIt()).toBe(before);
    await done(page);
  });

  it('says where my own reply belongs when I paste it', async () => {
    const page = await open('pairing-own-reply');
    const fault = page.locator('[data-testid="code-fault"][data-code="code-own"]');
    expect(await fault.innerText()).toContain('Send it to the person who invited you.');
    await done(page);
  });

  it('gives the button that stops the camera the focus of the one that started it, and back', async () => {
    const page = await open('pairing');
    await page.getByTestId('scan-camera').press('Enter');
    await page.locator('[data-testid="scan"] [data-testid="scan-camera"]:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('[data-testid="scan"]').waitFor({ state: 'detached' });
    await page.locator('[data-testid="scan-camera"]:focus').waitFor();
    await done(page);
  });

  it.each(['en', 'de', 'ar', 'ja'])(
    'shows two rows and Clear finished, and needs no scrolling, with everything at once that an ended connection leaves (%s)',
    async (language) => {
      const page = await open('pairing-full', `&language=${language}`);
      await page.setViewportSize(usual);
      await emitAll(page, [
        { is: 'text', connection: stageConnection, text: 'Got it.', fromPeer: true },
        ...[1, 2].map((at) =>
          transfer(at, { state: 'done', direction: 'receive', title: `Day ${at}`, endedAtMs: Date.now() + 60_000 }),
        ),
      ]);
      expect(await scrolls(page)).toEqual([]);
      const list = (await page.locator('.timeline-rows').boundingBox())!;
      expect(list.y + list.height).toBeLessThanOrEqual(usual.height);
      for (const title of ['Day 1', 'Day 2']) {
        const row = (await page.getByTestId('transfer').filter({ hasText: title }).boundingBox())!;
        expect(row.y, title).toBeGreaterThanOrEqual(list.y);
        expect(row.y + row.height, title).toBeLessThanOrEqual(list.y + list.height);
      }
      const gaps = await page.locator('.pairing').evaluate((screen) => {
        const boxes = [...screen.children].map((block) => block.getBoundingClientRect());
        return boxes.slice(1).map((box, at) => box.top - boxes[at]!.bottom);
      });
      expect(gaps).toHaveLength(5);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8);
      const edges = await page.locator('.drop-zone').evaluate((zone) => {
        const outside = zone.getBoundingClientRect();
        const inside = [...zone.querySelectorAll('h1, button, .chip')].map((each) => each.getBoundingClientRect());
        return [
          Math.min(...inside.map(({ top }) => top - outside.top)),
          Math.min(...inside.map(({ bottom }) => outside.bottom - bottom)),
        ];
      });
      expect(Math.min(...edges)).toBeGreaterThanOrEqual(8);
      for (const handle of [
        'clear-finished',
        'discard',
        'known-call',
        'copy-code',
        'code-input',
        'staged-file',
        'reach',
      ]) {
        const box = (await page.getByTestId(handle).first().boundingBox())!;
        expect(box.height, handle).toBeGreaterThan(20);
        expect(box.y + box.height, handle).toBeLessThanOrEqual(usual.height);
      }
      await done(page);
    },
  );

  it.each(['en', 'de', 'ar', 'ja'])(
    'needs no scrolling with what is staged, remembered and stopped (%s)',
    async (language) => {
      const page = await open('pairing-known', `&language=${language}`);
      await page.setViewportSize(usual);
      await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), {
        ...scenes.pairing!.view,
        ended: 'by-us',
      });
      await page
        .getByTestId('file-input')
        .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }]);
      await emitAll(page, [transfer(8, { direction: 'receive', state: 'failed', fault: { code: 'peer-left' } })]);
      expect(await scrolls(page)).toEqual([]);
      for (const place of [page.getByTestId('transfer').locator('.state'), page.getByTestId('clear-finished')]) {
        const box = (await place.boundingBox())!;
        expect(box.y + box.height).toBeLessThanOrEqual(usual.height);
      }
      await done(page);
    },
  );

  it('shows several rows of what is over in a narrow window, where the page scrolls', async () => {
    const page = await open('linked');
    await page.setViewportSize({ width: 380, height: 640 });
    await emitAll(
      page,
      [1, 2, 3, 4, 5].map((at) => transfer(at, { state: 'done', title: `Day ${at}` })),
    );
    const listPx = async () => (await page.locator('.timeline-rows').boundingBox())!.height;
    await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), scenes.pairing!.view);
    await settled(page);
    expect(await listPx()).toBe(320);
    await page.getByTestId('forget').first().click();
    await page.getByTestId('forget').first().click();
    await page.getByTestId('forget').first().click();
    await settled(page);
    const rows = await page.getByTestId('transfer').evaluateAll((all) => all.map((row) => row.clientHeight + 10));
    expect(await listPx()).toBe(rows[0]! + rows[1]!);
    await done(page);
  });

  it('shows its code no smaller while the camera looks: the other camera reads it then', async () => {
    const page = await open('pairing');
    await page.setViewportSize(usual);
    const side = async () => (await page.locator('.qr-frame').boundingBox())!.width;
    const before = await side();
    await page.getByTestId('scan-camera').click();
    await page.locator('[data-testid="scan"]').waitFor();
    expect(await side()).toBeGreaterThanOrEqual(before);
    await done(page);
  });

  it.each(['en', 'ar'])(
    'shows the beginning of a long camera name, and dots where it is cut off (%s)',
    async (language) => {
      const page = await open('pairing-looking', `&language=${language}`);
      await page.setViewportSize(usual);
      const choice = page.locator('.scan select');
      const looksLike = async (name: string, textOverflow = '') => {
        await choice.evaluate(
          (select, { name, textOverflow }) => {
            (select as HTMLSelectElement).options[0]!.textContent = name;
            (select as HTMLSelectElement).style.textOverflow = textOverflow;
          },
          { name, textOverflow },
        );
        return (await choice.screenshot()).toString('base64');
      };
      const drawn = await looksLike('Camera of the screen on the desk');
      expect(await looksLike('Camera of the screen at the wall')).toBe(drawn);
      expect(await looksLike('Camera of the screen on the desk', 'clip')).not.toBe(drawn);
      await done(page);
    },
  );

  it('says that something is kept only where something is', async () => {
    const page = await open('pairing-ended');
    expect(await page.locator('.notice').innerText()).toBe('They disconnected.');
    await show(page, 'pairing-full');
    expect(await page.locator('.notice').innerText()).toBe('They disconnected. What is unfinished is kept.');
    await done(page);
  });

  it('lets Escape leave the camera', async () => {
    const page = await open('pairing-camera');
    await page.keyboard.press('Escape');
    await page.getByTestId('scan').waitFor({ state: 'detached' });
    await done(page);
  });

  it('stages a pasted photo that holds no code', async () => {
    const page = await open('pairing');
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['no code'], 'beach.png', { type: 'image/png' }));
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await page.getByTestId('staged-file').filter({ hasText: 'beach.png' }).waitFor();
    await done(page);
  });

  it('tells that no public address was found, and does not ask for a switch that is on', async () => {
    const page = await open('pairing-anywhere');
    expect(await page.getByTestId('reach-meaning').innerText()).toContain('No public address was found');
    await page.getByTestId('reach-network').click();
    expect(await page.getByTestId('reach-meaning').innerText()).toBe('No server is contacted.');
    await done(page);
  });

  it('says what “Anywhere” found also where there is neither a router nor a server to ask', async () => {
    const page = await open('pairing');
    await page.evaluate(() => {
      const { actions, store } = (window as unknown as { tincan: StoreInPage }).tincan;
      actions.applySettings({ ...store.getState().settings, internet: true, askRouter: true, askStun: false });
    });
    await page.getByTestId('reach-meaning').filter({ hasText: 'No public address was found' }).waitFor();
    await done(page);
  });

  it('shows what was wrong with a code, and the camera’s picture, also in a narrow window', async () => {
    const page = await open('pairing');
    await page.setViewportSize({ width: 380, height: 640 });
    const inView = (handle: string) =>
      page.waitForFunction((handle) => {
        const { bottom, top } = document.querySelector(`[data-testid="${handle}"]`)!.getBoundingClientRect();
        // To the pixel.
        return top >= -1 && bottom <= innerHeight + 1;
      }, handle);
    await page.getByTestId('code-input').fill('hello');
    await page.getByTestId('code-input').press('Enter');
    await page.getByTestId('code-fault').waitFor();
    await inView('code-fault');
    await inView('code-submit');
    await page.evaluate(() => document.querySelector('html')!.scrollTo(0, 0));
    await page.keyboard.press('Alt+s');
    await page.getByTestId('scan').waitFor();
    await inView('scan');
    await done(page);
  });

  it('says how many things wait where they are not all in view, and that it reads, beside buttons that stay', async () => {
    const page = await open('pairing');
    const buttons = () => page.getByTestId('pick-files').boundingBox();
    for (const size of [usual, small]) {
      await page.setViewportSize(size);
      const before = await buttons();
      const reads = (reading: string[][]) =>
        page.evaluate((reading) => {
          (window as unknown as { tincan: StoreInPage }).tincan.store.setState({ reading });
        }, reading);
      await reads([['archive']]);
      await page.getByTestId('reading').waitFor();
      expect(await buttons()).toEqual(before);
      await reads([]);
    }
    const staged = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        name: `${at}.txt`,
        mimeType: 'text/plain',
        buffer: Buffer.from('a'),
      }));
    await page.getByTestId('file-input').setInputFiles(staged(3));
    expect(await page.locator('.chips-count').count()).toBe(0);
    await page.getByTestId('file-input').setInputFiles(staged(4));
    expect(await page.locator('.chips-count').innerText()).toBe('7 items wait to be sent.');
    await page.getByTestId('file-input').setInputFiles(staged(300));
    await expect.poll(() => page.locator('.chips-count').innerText()).toBe('307 items wait to be sent.');
    expect(await page.getByTestId('staged-file').count()).toBe(200);
    await done(page);
  });

  it('copies a message that can be pasted back as it is', async () => {
    const page = await open('pairing');
    const copied = await page.evaluate(async () => {
      const { stage } = window as unknown as { stage: Stage & { ports: { window: { copy: unknown } } } };
      const texts: string[] = [];
      stage.ports.window.copy = async (text: string) => void texts.push(text);
      document.querySelector<HTMLElement>('[data-testid="copy-code"]')!.click();
      return texts[0];
    });
    const code = await page.getByTestId('code-text').inputValue();
    expect(copied).toMatch(/^Let’s connect with Tincan\. .* TINCAN:/);
    expect(copied?.endsWith(code)).toBe(true);
    await done(page);
  });
});

const offer = { is: 'offer', connection: stageConnection, transfer: 'f'.repeat(32), plan: scenePlan };
describe('right to left', () => {
  /** How far the last line of a text is from the left edge of its box or field, and from the right. */
  const lastLine = (page: Page, selector: string) =>
    page.locator(selector).evaluate((box) => {
      const range = document.createRange();
      range.selectNodeContents(box);
      const [line, edge] = [
        [...range.getClientRects()].at(-1)!,
        (box.closest('.field') ?? box).getBoundingClientRect(),
      ];
      return { left: line.left - edge.left, right: edge.right - line.right };
    });

  it.each(['.peer', '.transfer', '.panel-head'])('%s has the room around it on the other side', async (box) => {
    const page = await open(box === '.panel-head' ? 'settings' : 'transfers');
    const room = () =>
      page
        .locator(box)
        .first()
        .evaluate((element) => {
          const { paddingLeft, paddingRight } = getComputedStyle(element);
          return [paddingLeft, paddingRight];
        });
    const before = await room();
    await speak(page, 'ar');
    expect(await room()).toEqual(before.toReversed());
    await done(page);
  });

  it('a note of Latin letters begins at the left, and a folder stands below its label', async () => {
    const page = await open('linked');
    await speak(page, 'ar');
    const text = `${'A long note. '.repeat(20)}\nEnd.`;
    await emitAll(page, [{ is: 'text', connection: stageConnection, text, fromPeer: true }]);
    expect((await lastLine(page, '[data-testid="text-received"] > bdi')).left).toBeLessThan(2);
    await show(page, 'settings');
    await page.evaluate(() => {
      const { store } = (
        window as unknown as {
          tincan: { store: { getState(): { facts: object }; setState(change: object): void } };
        }
      ).tincan;
      store.setState({ facts: { ...store.getState().facts, folderDialog: false } });
    });
    await speak(page, 'ar');
    expect((await lastLine(page, 'bdi[data-testid="setting-download-dir"]')).right).toBeLessThan(2);
    await done(page);
  });
});

/** But for the lower edge of the second one. */
const twoRowsPx = 68;
/** 380 pixels wide, and what is left of a small window at 200 % zoom. */
const small = { width: 380, height: 640 };
const zoomed = { width: 540, height: 320 };

describe('a small window', () => {
  const isInView = (page: Page, handle: string) =>
    page.getByTestId(handle).evaluate((element) => {
      const { bottom, top } = element.getBoundingClientRect();
      const card = element.closest('.offer')?.getBoundingClientRect() ?? { bottom: innerHeight };
      return top >= 0 && bottom <= Math.min(innerHeight, card.bottom);
    });

  async function openLinked(remember: string): Promise<Page> {
    const page = await open('linked');
    await page.setViewportSize(small);
    await page.evaluate((remember) => {
      const { stage } = window as unknown as { stage: Stage };
      const trust = { at: 'settled', digits: '402917', checked: 'matched' };
      const route = { kind: 'same-network', lanes: 1 };
      stage.show({ at: 'linked', peer: { name: 'Ben’s desktop', remember, route, trust } });
    }, remember);
    await page.locator(`[data-testid="remember"][data-at="${remember}"]`).waitFor();
    return page;
  }

  it.each(['open', 'waiting', 'agreed', 'declined'])(
    'has the name and the buttons of a link in one line, whatever is said below (%s)',
    async (remember) => {
      const page = await openLinked(remember);
      const middles = await page.evaluate(() =>
        ['peer-name', 'line-details', 'disconnect'].map((handle) => {
          const { top, height } = document.querySelector(`[data-testid="${handle}"]`)!.getBoundingClientRect();
          return top + height / 2;
        }),
      );
      expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(12);
      await done(page);
    },
  );

  it('shows where an offer goes, and whether there is room, without scrolling', async () => {
    const page = await openLinked('agreed');
    await emitAll(page, [offer]);
    expect(await isInView(page, 'offer-room')).toBe(true);
    await done(page);
  });

  it.each(
    ['en', 'de', 'ar', 'ja'].flatMap((language) =>
      (['done', 'sending'] as const).map((state) => [language, state] as const),
    ),
  )(
    'needs no scrolling with an offer, what was staged before the link, notes and a row (%s, %s)',
    async (language, state) => {
      const page = await open('pairing', `&language=${language}`);
      await page.setViewportSize(usual);
      await page
        .getByTestId('file-input')
        .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }]);
      await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), scenes.linked!.view);
      await emitAll(page, [...scenes.texts!.events!, transfer(8, { state }), offer]);
      await page.getByTestId('send-staged').waitFor();
      await settled(page);
      expect(await scrolls(page)).toEqual([]);
      for (const place of ['accept', 'send-staged', 'text-input'])
        expect(await isInView(page, place), place).toBe(true);
      await page.getByTestId('text-input').fill('a note\nof\nmany\nlines\nin all');
      await settled(page);
      expect(await scrolls(page)).toEqual([]);
      await done(page);
    },
  );

  /** What was put down before the link asks, and an offer too. */
  /** With all that may be said of an offer. */
  async function openWithQuestion(language: string, size: { width: number; height: number }): Promise<Page> {
    const page = await open('pairing', `&language=${language}`);
    await page.setViewportSize(size);
    const files = [1, 2, 3, 4, 5].map((at) => ({
      name: `Notes of day ${at}.txt`,
      mimeType: 'text/plain',
      buffer: Buffer.from('a'),
    }));
    await page.getByTestId('file-input').setInputFiles(files);
    await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), scenes.linked!.view);
    const destination = { ...scenePlan.destination, isShared: true };
    const plan = { ...scenePlan, destination, refused: [{ path: ['x'], why: 'name' }] };
    await emitAll(page, [
      transfer(90, { direction: 'receive', state: 'offered' }),
      { ...offer, transfer: id(90), plan },
    ]);
    await page.getByTestId('send-staged').waitFor();
    return page;
  }

  it.each(tried.concat('zh-CN'))(
    'shows the choice about names that are there already beside the question about what was put down (%s)',
    async (language) => {
      const page = await openWithQuestion(language, small);
      expect(await scrolls(page)).toEqual([]);
      for (const place of ['accept', 'decline', 'offer-destination', 'offer-conflict', 'send-staged', 'text-input'])
        expect(await isInView(page, place), place).toBe(true);
      const rowsPx = async () => (await page.locator('.offer-rows').boundingBox())!.height;
      expect(await rowsPx()).toBeGreaterThanOrEqual(twoRowsPx);
      const wider = await page.locator('.offer-rows').evaluate((rows) => rows.scrollWidth - rows.clientWidth);
      expect(wider).toBeLessThanOrEqual(0);
      // What each of them is, and what was put down, is said there.
      const words = page.locator('.offer-where > span:first-child, .offer-existing > span, .composer .ask-names');
      const widths = await words.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
      expect(widths).toHaveLength(3);
      expect(Math.min(...widths)).toBeGreaterThan(20);
      await page.setViewportSize(usual);
      await settled(page);
      expect(await scrolls(page)).toEqual([]);
      expect(await rowsPx()).toBeGreaterThanOrEqual(twoRowsPx);
      expect(await isInView(page, 'offer-destination')).toBe(true);
      for (const place of ['offer-conflict', 'send-staged']) expect(await isInView(page, place), place).toBe(true);
      expect((await page.getByTestId('staged-file').first().boundingBox())!.y).toBeGreaterThan(480);
      await done(page);
    },
  );

  it.each(
    tried
      .concat('zh-CN')
      .flatMap((language) => (['done', 'sending'] as const).map((state) => [language, state] as const)),
  )('shows all the choices of an offer beside a row, in a narrow window (%s, %s)', async (language, state) => {
    const page = await open('linked', `&language=${language}`);
    await page.setViewportSize(small);
    await emitAll(page, [
      transfer(8, { state }),
      progress([8, 312 * mega]),
      transfer(90, { direction: 'receive', state: 'offered' }),
      { ...offer, transfer: id(90) },
    ]);
    expect(await scrolls(page)).toEqual([]);
    for (const place of ['accept', 'offer-destination', 'offer-conflict', 'text-input'])
      expect(await isInView(page, place), place).toBe(true);
    // Of what is over nothing has to be in view there.
    if (state === 'sending') {
      const title = (await page.locator('.timeline-moving .transfer-title').last().boundingBox())!;
      const [list, card] = await page.evaluate(() =>
        ['.timeline-moving', '.offer'].map((part) => document.querySelector(part)!.getBoundingClientRect()),
      );
      expect(title.y).toBeGreaterThanOrEqual(list!.top);
      expect(title.y + title.height).toBeLessThanOrEqual(list!.bottom);
      expect(list!.bottom).toBeLessThanOrEqual(card!.top);
    }
    await page
      .getByRole('button', { expanded: false })
      .filter({ hasNot: page.locator('svg') })
      .last()
      .click();
    await settled(page);
    expect((await page.locator('.offer-rows').boundingBox())!.height).toBeGreaterThan(200);
    expect(await isInView(page, 'accept')).toBe(true);
    await done(page);
  });

  it.each([usual, small])('leaves nothing empty in an offer of one file (%o)', async (size) => {
    const page = await open('linked', '&rows=1');
    await page.setViewportSize(size);
    const plan = { ...scenePlan, renamed: 0, existing: 0, flagged: 0, totals: { files: 1, folders: 0, bytes: mega } };
    await emitAll(page, [{ ...offer, plan }]);
    expect(await page.getByRole('checkbox').count()).toBe(1);
    const [card, list] = await page.getByTestId('offer').evaluate((element) =>
      [element, element.querySelector('.offer-list')!].map((box) => {
        const { paddingBottom, borderBottomWidth } = getComputedStyle(box);
        const inner =
          box.getBoundingClientRect().bottom - Number.parseFloat(paddingBottom) - Number.parseFloat(borderBottomWidth);
        return inner - box.lastElementChild!.getBoundingClientRect().bottom;
      }),
    );
    expect(Math.abs(card!)).toBeLessThan(1);
    expect(Math.abs(list!)).toBeLessThan(1);
    await done(page);
  });

  it('says only once that an offer waits for an answer, beside what moves', async () => {
    const page = await open('linked');
    const waits = page.getByTestId('transfer').filter({ hasText: 'Day 90' });
    await emitAll(page, [
      transfer(101, { state: 'done', title: 'Day 1' }),
      transfer(8, {}),
      progress([8, 312 * mega]),
      transfer(90, { direction: 'receive', state: 'offered', title: 'Day 90' }),
      { ...offer, transfer: id(90) },
    ]);
    expect(await waits.isVisible()).toBe(true);
    await page.setViewportSize(usual);
    await settled(page);
    expect(await waits.isVisible()).toBe(false);
    await page.setViewportSize(small);
    await settled(page);
    expect(await waits.isVisible()).toBe(false);
    const [first, top] = await page
      .locator('.timeline-moving')
      .evaluate((list) => [
        [...list.querySelectorAll('.transfer')].find((row) => row.checkVisibility())!.getBoundingClientRect().top,
        list.getBoundingClientRect().top,
      ]);
    expect(first).toBe(top);
    await page.getByTestId('decline').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    expect(await waits.isVisible()).toBe(true);
    await done(page);
  });

  it('lays no row over the note line while a link is about to be ended and something moves', async () => {
    const page = await open('sending');
    await page.setViewportSize({ width: 380, height: 640 });
    await emitAll(page, [
      transfer(20, { state: 'sending' }),
      transfer(21, { state: 'done' }),
      transfer(22, { state: 'done' }),
    ]);
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ isLeaving: true });
    });
    await page.getByTestId('leaving').waitFor();
    await settled(page);
    const [rowsEnd, noteLineBegins] = await page.evaluate(() => [
      Math.max(...[...document.querySelectorAll('.timeline-rows')].map((rows) => rows.getBoundingClientRect().bottom)),
      document.querySelector('.composer')!.getBoundingClientRect().top,
    ]);
    expect(rowsEnd).toBeLessThanOrEqual(noteLineBegins!);
    await done(page);
  });

  it('has Accept in view when an offer comes, at twice the zoom too', async () => {
    const page = await open('sending');
    await page.setViewportSize(zoomed);
    await emitAll(page, [offer]);
    expect(await isInView(page, 'accept')).toBe(true);
    await done(page);
  });

  it('shows a code whole in the full window, at twice the zoom too', async () => {
    const page = await open('full-code');
    await page.setViewportSize(zoomed);
    expect(await isInView(page, 'code-qr-full')).toBe(true);
    await done(page);
  });

  it('begins every screen at its top, and needs no scrolling for a reply', async () => {
    const page = await open('pairing');
    await page.setViewportSize(small);
    await page.evaluate(() => {
      const { stage } = window as unknown as { stage: Stage };
      const text = document.querySelector<HTMLTextAreaElement>('[data-testid="code-text"]')!.value;
      document.querySelector('html')!.scrollTo(0, 60);
      stage.show({ at: 'pairing', code: { at: 'ready', kind: 'reply', text, local: true } });
    });
    await page.locator('[data-testid="code-text"][data-reply="true"]').waitFor();
    await settled(page);
    expect(await page.evaluate(() => document.querySelector('html')!.scrollTop)).toBe(0);
    expect(await scrolls(page)).toEqual([]);
    await done(page);
  });
});

describe('a refused Remember', () => {
  it.each(['waiting', 'agreed'])('is not spoken of any more once it is %s', async (remember) => {
    const page = await open('linked');
    const trust = { at: 'settled', digits: '402917', checked: 'matched' };
    const at = (remember: string) =>
      page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), {
        ...{ at: 'linked', peer: { name: 'Ben', remember, trust } },
      });
    await at('waiting');
    await at('declined');
    await page.locator('[data-testid="toast"][data-is="remember-declined"]').waitFor();
    await at(remember);
    await page
      .locator(`[data-testid="remember"][data-at="${remember}"], [data-testid="remember-yes"]`)
      .first()
      .waitFor();
    await settled(page);
    expect(await page.getByTestId('toast').count()).toBe(0);
    await done(page);
  });
});

describe('what a guest received', () => {
  it.each(['unsaved', 'saved'] as const)(
    'has its buttons below what is said of them in a narrow window (%s)',
    async (at) => {
      const page = await open('linked');
      await page.setViewportSize(small);
      await page.evaluate(
        ([id, at]) => {
          const { store } = (window as unknown as { tincan: { store: { setState(change: object): void } } }).tincan;
          const { facts } = (
            window as unknown as { tincan: { store: { getState(): { facts: object } } } }
          ).tincan.store.getState();
          store.setState({ facts: { ...facts, shell: 'guest' }, saving: new Map([[id, at]]) });
        },
        [id(50), at] as const,
      );
      await emitAll(page, [
        transfer(50, { state: 'done', direction: 'receive', wantedFiles: 3, rootHash: 'ab'.repeat(32) }),
      ]);
      await page.getByTestId('save-each').waitFor();
      const boxes = await page
        .locator('.transfer > .buttons > *')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect()));
      const [said, first, second] = boxes;
      expect(first!.top).toBeGreaterThanOrEqual(said!.bottom);
      expect(first!.left).toBe(said!.left);
      expect(second!.top).toBe(first!.top);
      await done(page);
    },
  );
});

describe('the panel for a phone', () => {
  it('leaves what is said in the bar as bright as it is without a panel', async () => {
    const page = await open('phone');
    await page.setViewportSize(usual);
    await page.getByTestId('phone-copy').click();
    await page.getByTestId('toast').waitFor();
    await settled(page);
    const { own, x, y } = await page
      .getByTestId('toast')
      .locator('p')
      .evaluate((said) => {
        const { left, top, height } = said.getBoundingClientRect();
        const own = getComputedStyle(said).backgroundColor.match(/\d+/g)!.slice(0, 3).map(Number);
        return { own, x: left + 6, y: top + height / 2 };
      });
    const picture = PNG.sync.read(await page.screenshot({ clip: { x, y, width: 1, height: 1 } }));
    expect([...picture.data.subarray(0, 3)]).toEqual(own);
    await done(page);
  });

  it('shows its code whole at twice the zoom', async () => {
    const page = await open('phone');
    await page.setViewportSize(zoomed);
    await page.getByTestId('phone-qr').waitFor();
    await settled(page);
    const { y, height } = (await page.getByTestId('phone-qr').boundingBox())!;
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y + height).toBeLessThanOrEqual(zoomed.height);
    await done(page);
  });

  it('asks nobody to scan what is not there, and leaves no empty frame', async () => {
    const page = await open('phone');
    expect(await page.getByTestId('phone-panel').innerText()).toContain('Scan this');
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ phone: { at: 'closed', why: 'time' } });
    });
    await page.getByTestId('phone-again').waitFor();
    expect(await page.getByTestId('phone-panel').innerText()).not.toContain('Scan this');
    expect(await page.locator('.phone .qr-frame svg').count()).toBe(1);
    await done(page);
  });
});

describe('an offer', () => {
  const emit = (page: Page) =>
    page.evaluate((event) => (window as unknown as { stage: Stage }).stage.emit(event), offer);

  it.each(['Enter', 'Space'])('has Accept focused, and %s accepts once it has been in view', async (key) => {
    const page = await open('linked');
    const release = await holdTimers(page);
    await emit(page);
    await page.locator('[data-testid="accept"]:focus').waitFor();
    await page.keyboard.press(key);
    await settled(page);
    expect(await page.getByTestId('offer').count()).toBe(1);
    await release();
    await seen(page, 'accept');
    await page.keyboard.press(key);
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    await done(page);
  });

  it.each([
    ['another transfer', 'e'.repeat(32), 'd'.repeat(64)],
    ['another list of the same transfer', 'f'.repeat(32), 'c'.repeat(64)],
  ])('is not accepted by a click that was meant for the one before it: %s', async (_what, next, manifestDigest) => {
    const page = await open('linked');
    await emit(page);
    await seen(page, 'accept');
    const release = await holdTimers(page);
    await emitAll(page, [
      { is: 'offer-gone', transfer: 'f'.repeat(32) },
      { ...offer, transfer: next, plan: { ...scenePlan, manifestDigest } },
    ]);
    await page
      .locator(`[data-testid="offer"][data-id="${next}"] [data-testid="accept"]:enabled`)
      .click({ force: true });
    await settled(page);
    expect(await page.getByTestId('offer').getAttribute('data-id')).toBe(next);
    await release();
    await page.getByTestId('accept').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    await done(page);
  });

  it('leaves alone what is being typed', async () => {
    const page = await open('linked');
    const field = page.getByTestId('text-input');
    await field.fill('hello');
    const before = await field.boundingBox();
    await emit(page);
    await page.getByTestId('offer').waitFor();
    await settled(page);
    expect(await field.boundingBox()).toEqual(before);
    await page.keyboard.type(' there');
    expect(await field.inputValue()).toBe('hello there');
    await done(page);
  });

  it('says beside Accept why it cannot be pressed, also on a small phone', async () => {
    const page = await open('guest-received');
    await page.setViewportSize({ width: 360, height: 640 });
    const neededBytes = scenePlan.destination.freeBytes + 2 * scenePlan.neededBytes;
    await emitAll(page, [{ ...offer, plan: { ...scenePlan, fits: false, neededBytes } }]);
    await page.locator('[data-testid="accept"]:disabled').waitFor();
    const inView = await page.getByTestId('offer-room').evaluate((reason) => {
      const [said, card] = [reason, reason.closest('.offer')!].map((part) => part.getBoundingClientRect());
      const seen = document.elementFromPoint(said!.x + said!.width / 2, said!.bottom - 2);
      return reason.contains(seen) && said!.bottom <= card!.bottom && said!.top >= card!.top;
    });
    expect(inView).toBe(true);
    await done(page);
  });
});

/** As the engine tells of them. */
async function emitAll(page: Page, events: readonly unknown[]): Promise<void> {
  await page.evaluate((events) => {
    const { stage } = window as unknown as { stage: Stage };
    for (const event of events) stage.emit(event);
  }, events);
  await settled(page);
}

describe('taking their invite', () => {
  it('says at once that it connects, and asks a moment later to send the reply back', async () => {
    const page = await open('pairing');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    /** What can be read so many milliseconds after the invite was taken. */
    const seenAfter = (ms: number) =>
      page.evaluate((ms) => {
        for (const animation of document.getAnimations()) {
          animation.pause();
          animation.currentTime = ms;
        }
        return [...document.querySelectorAll('main :is(h1, p, button)')]
          .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
          .map((element) => element.textContent);
      }, ms);
    await page.evaluate(async () => {
      const { stage } = window as unknown as { stage: Stage };
      const text = document.querySelector<HTMLTextAreaElement>('[data-testid="code-text"]')!.value;
      stage.show({ at: 'pairing', code: { at: 'ready', kind: 'reply', text, local: true } });
      while (document.querySelector('[data-testid="code-text"][data-reply="true"]') === null) {
        await new Promise(requestAnimationFrame);
      }
      for (const animation of document.getAnimations()) animation.pause();
    });
    expect(await seenAfter(0)).toEqual(['Connecting']);
    expect(await seenAfter(599)).toEqual(['Connecting']);
    const later = await seenAfter(601);
    expect(later).toContain('Step 2 of 2: send this reply back');
    expect(later).not.toContain('Connecting');
    await done(page);
  });
});

describe('a reply while the camera looks', () => {
  it('has the code and the camera side by side, and needs no scrolling', async () => {
    const page = await open('pairing-reply');
    await page.setViewportSize(usual);
    await page.evaluate(() => {
      const { tincan } = window as unknown as { tincan: { actions: { setScanning(on: boolean): void } } };
      tincan.actions.setScanning(true);
    });
    await page.getByTestId('scan').waitFor();
    await settled(page);
    expect(await scrolls(page)).toEqual([]);
    const [code, camera] = await Promise.all(
      ['.two-views .qr-frame', '.viewfinder'].map((box) => page.locator(box).boundingBox()),
    );
    expect(camera!.y).toBeLessThan(code!.y + code!.height);
    expect(Math.abs(code!.height - code!.width)).toBeLessThan(1);
    await done(page);
  });
});

describe('short messages and faults', () => {
  it.each([
    ['pairing', usual],
    ['pairing', { width: 380, height: 640 }],
    ['sending', usual],
    ['sending', { width: 380, height: 640 }],
  ] as const)('cover nothing on the screen %s at %o', async (scene, size) => {
    await page.setViewportSize(size);
    await show(page, scene);
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      const fault = { code: 'disk-full', message: '' };
      store.setState({
        toasts: [
          { key: 'a', say: { is: 'fault', fault } },
          { key: 'b', say: { is: 'copied' } },
        ],
      });
    });
    await settled(page);
    expect(await page.getByTestId('toast').count()).toBe(2);
    const covered = await page.evaluate(() => {
      const toasts = [...document.querySelectorAll('[data-testid="toast"]')];
      return [...document.querySelectorAll('.app :is(button, input, textarea, h1, h2, p, canvas, article)')]
        .filter((element) => element.closest('[data-testid="toast"], .unseen, .skip') === null)
        .filter(
          (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches('.unseen, .skip'),
        )
        .filter((element) => {
          const box = element.getBoundingClientRect();
          return toasts.some((toast) => {
            const { bottom, left, right, top } = toast.getBoundingClientRect();
            const across = Math.min(box.right, right) - Math.max(box.left, left);
            return across > 0.5 && Math.min(box.bottom, bottom) - Math.max(box.top, top) > 0.5;
          });
        })
        .map((element) => element.outerHTML.slice(0, 80));
    });
    expect(covered).toEqual([]);
    // The longest one is whole.
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ toasts: [{ key: 'c', say: { is: 'near-arrived' } }] });
    });
    for (const language of tried) {
      await speak(page, language);
      expect(await cutTexts(page), language).toEqual([]);
      expect((await page.locator('.top').boundingBox())!.height, language).toBe(56);
    }
  });
});

describe('the scroll bar of the window', () => {
  it('moves nothing sideways, whether it is there or not', async () => {
    // Playwright hides scroll bars otherwise.
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: chromiumFlags,
      ignoreDefaultArgs: ['--hide-scrollbars'],
    });
    const page = await browser.newPage({ viewport: { width: 1080, height: 560 }, reducedMotion: 'reduce' });
    const look = () =>
      page.evaluate(() => ({
        left: document.querySelector('[data-testid="session"] header')?.getBoundingClientRect().left,
        right: document.querySelector('[data-testid="session"] header')?.getBoundingClientRect().right,
        scrolls: document.documentElement.scrollHeight > innerHeight,
      }));
    await show(page, 'pairing-staged');
    const { scrolls, ...long } = await look();
    expect(scrolls).toBe(true);
    await page.getByTestId('settings').click();
    await dialogOpen(page);
    const { scrolls: _, ...behind } = await look();
    expect(behind).toEqual(long);
    // The dialog has a scroll bar, too, which stays inside its round corners.
    const dialog = (await page.getByRole('dialog').boundingBox())!;
    const dot = (x: number, y: number) => page.screenshot({ clip: { x, y, width: 1, height: 1 } });
    const [right, top] = [Math.floor(dialog.x + dialog.width), Math.ceil(dialog.y)];
    expect(await dot(right - 2, top + 1)).toEqual(await dot(right + 1, top + 1));
    await page.keyboard.press('Escape');
    await dialogClosed(page);
    await linkWithBen(page);
    expect(await look()).toEqual({ ...long, scrolls: false });
    // What is dropped may be let go anywhere: the frame that says so is as far from each edge.
    for (const dir of ['ltr', 'rtl']) {
      await page.evaluate((dir) => {
        document.documentElement.dir = dir;
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['x'], 'x.txt'));
        window.dispatchEvent(new DragEvent('dragover', { dataTransfer, cancelable: true }));
      }, dir);
      const edges = await page.getByTestId('drop-target').evaluate((element) => {
        const { bottom, left, right, top } = element.getBoundingClientRect();
        return [top, left, innerWidth - right, innerHeight - bottom];
      });
      expect(new Set(edges).size, `${dir} ${edges}`).toBe(1);
    }
    await browser.close();
  });
});

describe('rows', () => {
  it('have room below many that move, and the newest shows its name', async () => {
    const page = await open('linked');
    await page.setViewportSize(usual);
    const moving = [21, 22, 23, 24, 25].map((at) => transfer(at, {}));
    const tall = partlyTransfers[2]!;
    await emitAll(page, [transfer(20, { state: 'done' }), tall, ...moving]);
    const [list, name] = await page
      .getByTestId('transfer')
      .filter({ hasText: 'Choir recordings' })
      .evaluate((row) =>
        [row.closest('.timeline-rows')!, row.querySelector('.transfer-title')!].map((element) => {
          const { bottom, top } = element.getBoundingClientRect();
          return { bottom, top };
        }),
      );
    expect(list!.bottom - list!.top).toBeGreaterThanOrEqual(128);
    expect(name!.top).toBeGreaterThanOrEqual(list!.top);
    expect(name!.bottom).toBeLessThanOrEqual(list!.bottom);
    await done(page);
  });

  it('keep the newest whole in view, and the focus on it, while one above it gets more lines', async () => {
    const page = await open('linked');
    await page.setViewportSize(usual);
    const past = Array.from({ length: 8 }, (_, at) => transfer(100 + at, { state: 'done', title: `Day ${at}` }));
    await emitAll(page, [...past, transfer(20, { state: 'waiting' })]);
    const newest = page.getByTestId('transfer').filter({ hasText: 'Day 7' });
    await newest.focus();
    const cutPx = () =>
      newest.evaluate(
        (row) => row.getBoundingClientRect().bottom - row.closest('.timeline-rows')!.getBoundingClientRect().bottom,
      );
    expect(await cutPx()).toBeLessThanOrEqual(0);
    await emitAll(page, [transfer(20, {}), progress([20, 312 * mega])]);
    await page.getByText('tram 28.mp4').waitFor();
    expect(await cutPx()).toBeLessThanOrEqual(0);
    expect(await newest.evaluate((row) => row === document.activeElement)).toBe(true);
    await done(page);
  });

  it.each([usual, { width: 380, height: 640 }])('are there again once their offer was accepted (%o)', async (size) => {
    const page = await open('linked');
    await page.setViewportSize(size);
    // One after the other, as they come.
    await emitAll(page, [transfer(90, { direction: 'receive', state: 'offered', title: 'film.mkv' })]);
    await emitAll(page, [{ is: 'offer', connection: stageConnection, transfer: id(90), plan: scenePlan }]);
    await page.getByTestId('accept').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    await emitAll(page, [transfer(90, { direction: 'receive', state: 'receiving', title: 'film.mkv' })]);
    const row = page.getByTestId('transfer').filter({ hasText: 'film.mkv' });
    expect((await row.boundingBox())?.height).toBeGreaterThan(40);
    await done(page);
  });

  it('keep the newest whole in view after an offer that came and was accepted', async () => {
    const page = await open('linked');
    await page.setViewportSize(usual);
    const moving = { direction: 'receive', title: 'film.mkv' } as const;
    const past = [1, 2, 3, 4, 5].map((at) => transfer(100 + at, { state: 'done', title: `Day ${at}` }));
    await emitAll(page, past);
    // The offer comes after its row was drawn, and before the list below is told that it was moved for it.
    await page.evaluate(
      async ([row, prompt]) => {
        const { stage } = window as unknown as { stage: Stage };
        stage.emit(row);
        await new Promise(requestAnimationFrame);
        await new Promise((resolve) => setTimeout(resolve));
        stage.emit(prompt);
      },
      [
        transfer(90, { ...moving, state: 'offered' }),
        { is: 'offer', connection: stageConnection, transfer: id(90), plan: scenePlan },
      ],
    );
    await page.getByTestId('accept').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    await emitAll(page, [transfer(90, { ...moving, state: 'receiving' }), progress([90, 312 * mega])]);
    await page.getByText('tram 28.mp4').waitFor();
    const cutPx = await page
      .getByTestId('transfer')
      .filter({ hasText: 'Day 5' })
      .evaluate(
        (row) => row.getBoundingClientRect().bottom - row.closest('.timeline-rows')!.getBoundingClientRect().bottom,
      );
    expect(cutPx).toBeLessThanOrEqual(0);
    await done(page);
  });

  it.each(['ltr', 'rtl'])('begin where all begin, in whatever script a name is (%s)', async (dir) => {
    const page = await open('linked', dir === 'rtl' ? '&dir=rtl' : '');
    const one = { state: 'done', direction: 'receive', wantedFiles: 1 } as const;
    const titles = ['letter.txt', 'מכתב.txt', 'رسالة طويلة جدا من الجبل البعيد إلى البحر والمدينة والقرية والنهر.pdf'];
    await emitAll(
      page,
      titles.map((title, at) => transfer(30 + at, { ...one, title, totals: { files: 1, folders: 0, bytes: 4000 } })),
    );
    for (const width of [1080, 380]) {
      await page.setViewportSize({ width, height: 640 });
      const starts = await page.locator('[data-testid="transfer"] .transfer-title > bdi').evaluateAll((names) =>
        names.map((name) => {
          const range = document.createRange();
          range.selectNodeContents(name);
          const letters = [...range.getClientRects()];
          // What does not fit is cut off at the edge of the name.
          const box = name.getBoundingClientRect();
          return Math.round(
            document.documentElement.dir === 'rtl'
              ? Math.min(box.right, Math.max(...letters.map(({ right }) => right)))
              : Math.max(box.left, Math.min(...letters.map(({ left }) => left))),
          );
        }),
      );
      expect(new Set(starts).size, `${starts} at ${width}`).toBe(1);
    }
    await done(page);
  });

  it('are as wide as what stands above and below them', async () => {
    const page = await open('sending');
    const edges = await page.evaluate(() =>
      ['.peer', '[data-testid="transfer"]', '.compose'].map((selector) => {
        const { left, right } = document.querySelector(selector)!.getBoundingClientRect();
        return [Math.round(left), Math.round(right)];
      }),
    );
    expect(edges[1]).toEqual(edges[0]);
    expect(edges[2]).toEqual(edges[0]);
    await done(page);
  });

  it('that move are whole in view where what is over leaves the room, also while a connection is about to end', async () => {
    const page = await open('linked-leaving');
    await page.setViewportSize(usual);
    await settled(page);
    const cut = await page.locator('.timeline-moving').evaluate((list) => {
      const { bottom } = list.getBoundingClientRect();
      return [...list.querySelectorAll('.transfer')].filter((row) => row.getBoundingClientRect().bottom > bottom)
        .length;
    });
    expect(cut).toBe(0);
    await done(page);
  });

  it('that wait for the connection are whole in view in a narrow window', async () => {
    const page = await open('reconnecting');
    await page.setViewportSize({ width: 380, height: 640 });
    await emitAll(
      page,
      [1, 2, 3].map((at) => transfer(at, { state: 'done', title: `Day ${at}` })),
    );
    const row = page.locator('.timeline-moving .transfer');
    const list = (await page.locator('.timeline-moving').boundingBox())!;
    const box = (await row.boundingBox())!;
    expect(box.y + box.height).toBeLessThanOrEqual(list.y + list.height);
    await done(page);
  });

  it('have room for their words in a narrow window', async () => {
    const page = await open('sending');
    await page.setViewportSize({ width: 380, height: 640 });
    const lines = await page
      .locator('.numbers')
      .evaluateAll((all) =>
        all.map((each) => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)),
      );
    for (const count of lines) expect(count).toBeLessThan(2.5);
    await done(page);
  });

  it('say in one line how they ended and that every byte was checked, in a narrow window', async () => {
    const page = await open('linked');
    await page.setViewportSize({ width: 380, height: 640 });
    const titles = Array.from({ length: 20 }, (_, at) => `${'n'.repeat(12 + at)}.pdf`);
    await emitAll(
      page,
      titles.map((title, at) => transfer(at, { state: 'done', title, rootHash: '9f2c'.repeat(16) })),
    );
    const apart = await page.locator('.transfer').evaluateAll((rows) =>
      rows.map((row) => {
        const [state, check] = ['.state', '.verified svg'].map((part) =>
          row.querySelector(part)!.getBoundingClientRect(),
        );
        return Math.abs(state!.top + state!.height / 2 - check!.top - check!.height / 2);
      }),
    );
    expect(apart).toHaveLength(titles.length);
    expect(Math.max(...apart)).toBeLessThan(4);
    await done(page);
  });

  it('move along a string that is always there, also where motion is reduced', async () => {
    const page = await open('linked');
    await emitAll(page, [transfer(8, {})]);
    for (const share of [0.1, 0.2, 0.3, 0.4, 0.5]) {
      await emitAll(page, [progress([8, share * 734 * mega])]);
      await page.locator(`.bar[aria-valuenow="${Math.round(share * 100)}"]`).waitFor();
      const strings = page
        .locator('.peer .cans-string')
        .evaluateAll((all) =>
          all
            .filter((each) => each.checkVisibility({ visibilityProperty: true }))
            .map((each) => each.getAttribute('d')),
        );
      expect(await strings).toHaveLength(1);
    }
    await done(page);
  });

  it('keep the end of a long name in view', async () => {
    const page = await open('transfers');
    await page.setViewportSize({ width: 380, height: 640 });
    const row = page.getByTestId('transfer').filter({ hasText: 'A film with a name' });
    const [end, edge] = await row.evaluate((element) => [
      element.querySelector('.file-name > :last-child')!.getBoundingClientRect().right,
      element.getBoundingClientRect().right,
    ]);
    expect(await row.locator('.file-name > :last-child').innerText()).toMatch(/\.mkv$/);
    expect(end).toBeLessThanOrEqual(edge!);
    // An end that has no room either is cut where one can see it, and not at the edge of what is around it.
    const isCut = await row.locator('.file-name').evaluate((name) => {
      name.style.inlineSize = '2.5rem';
      const last = name.lastElementChild!;
      const within = last.getBoundingClientRect().right <= name.getBoundingClientRect().right + 0.5;
      return within && last.scrollWidth > last.clientWidth && getComputedStyle(last).textOverflow === 'ellipsis';
    });
    expect(isCut).toBe(true);
    await done(page);
  });

  it('that are over stand below those that move, and can be cleared', async () => {
    const page = await open('transfers');
    const states = () =>
      page.getByTestId('transfer').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state')!));
    const over = (state: string) => ['done', 'declined', 'failed', 'cancelled'].includes(state);
    const before = await states();
    expect(before.findLastIndex((state) => !over(state))).toBeLessThan(before.findIndex(over));
    await page.getByTestId('clear-finished').click();
    expect((await states()).filter(over)).toEqual([]);
    await done(page);
  });

  it('say how many of the files were chosen', async () => {
    const page = await open('linked');
    await page.evaluate(() => {
      const { stage } = window as unknown as { stage: Stage };
      const totals = { files: 500, folders: 0, bytes: 1000 };
      for (const [at, direction] of ['send', 'receive'].entries()) {
        const view = { id: String(at).repeat(32), direction, state: 'done', title: 'photos', totals, wantedBytes: 6 };
        const rest = {
          wantedFiles: 3,
          startedAtMs: 0,
          fileFaults: [],
          fileFaultCount: 0,
          skippedCount: 0,
          resumable: false,
        };
        stage.emit({ is: 'transfer', view: { ...view, ...rest } });
      }
    });
    for (const text of await page.locator('.transfer-title').allInnerTexts()) expect(text).toMatch(/3 of 500 files/);
    await done(page);
  });
});

describe('counts', () => {
  const count = 20_000;
  const named = (prefix: string) => Array.from({ length: 6 }, (_, at) => ({ path: [`${prefix} ${at}`] }));
  const totals = { files: 2 * count, folders: count, bytes: 1 };
  const wanted = { totals, wantedFiles: 2 * count, wantedBytes: 1 };
  const faults = {
    fileFaults: named('fault').map(({ path }) => ({ path, code: 'source-changed' as const })),
    fileFaultCount: count + 6,
    skippedCount: count,
  };
  const events = [
    transfer(50, { ...wanted, state: 'done', title: 'whole' }),
    transfer(51, { ...wanted, state: 'done', title: 'chosen', wantedFiles: count }),
    transfer(52, { ...wanted, ...faults, state: 'done', title: 'sent' }),
    transfer(53, { ...wanted, ...faults, direction: 'receive', state: 'done', title: 'received' }),
    transfer(54, { ...wanted, state: 'cancelled', title: 'late', inPlaceCount: count }),
    transfer(55, { ...wanted, state: 'sending', title: 'moving' }),
    {
      is: 'progress',
      transfers: [{ id: id(55), bytesDone: 0, bytesTotal: 1, filesDone: count, bytesPerSecond: 0 }],
      lanes: [],
    },
    {
      is: 'offer',
      transfer: id(56),
      plan: {
        ...scenePlan,
        totals,
        renamed: count,
        existing: count,
        flagged: count,
        refused: Array.from({ length: count }, (_, at) => ({ path: [`refused ${at}`], why: 'name' })),
      },
    },
  ];

  it.each([
    ['en', '20,000', '40,000'],
    ['de', '20.000', '40.000'],
    ['fr', '20\u202f000', '40\u202f000'],
  ])('have separators wherever they stand (%s)', async (language, many, twice) => {
    const page = await open('linked', `&language=${language}`);
    await emitAll(page, events);
    await page.getByTestId('offer').waitFor();
    for (const more of await page.locator('[data-testid="file-faults"] button').all()) await more.click();
    const said = await page.evaluate(() => `${document.title}\n${document.body.innerText}`);
    const bare = said.split('\n').filter((line) => /\p{Nd}{5}/u.test(line.replaceAll(/refused \d+/g, '')));
    expect(bare).toEqual([]);
    const times = (count: string) => said.split(count).length - 1;
    // Of rows and of the offer, whose folders and four notes are counted, too. Rows out of view are not drawn.
    expect(times(many), said).toBeGreaterThanOrEqual(8);
    expect(times(twice), said).toBeGreaterThanOrEqual(4);
    await done(page);
  });
});

describe('what is opened on a click', () => {
  type HostCall = readonly [name: string, input: unknown];
  /** What the page asks its host for from now on. */
  const listen = (page: Page) =>
    page.evaluate(() => {
      type Host = { call: (name: string, input: unknown) => Promise<unknown> };
      const { stage } = window as unknown as { stage: { ports: { host: Host }; asked?: HostCall[] } };
      const { host } = stage.ports;
      const call = host.call;
      stage.asked = [];
      host.call = (name, input) => {
        stage.asked?.push([name, input]);
        return call(name, input);
      };
    });
  const asked = (page: Page) =>
    page.evaluate(() => (window as unknown as { stage: { asked: HostCall[] } }).stage.asked);

  it('is asked about first where it can run programs', async () => {
    const page = await open('open-file');
    await listen(page);
    await page.getByTestId('open-warning').waitFor();
    await page.getByTestId('open-cancel').click();
    expect(await asked(page)).toEqual([]);
    await page.getByTestId('open-file').click();
    await page.getByTestId('open-anyway').click();
    await page.getByTestId('open-warning').waitFor({ state: 'detached' });
    expect((await asked(page)).map(([, input]) => (input as { isConfirmed: boolean }).isConfirmed)).toEqual([
      false,
      true,
    ]);
    await done(page);
  });

  it('is a link in a note, by way of the host', async () => {
    const page = await open('texts');
    await listen(page);
    await page.getByTestId('note-link').click();
    expect(await asked(page)).toEqual([['shell.openLink', { url: 'https://example.org/cabin' }]]);
    expect(page.url()).toContain('scene=texts');
    await done(page);
  });
});

describe('a removal', () => {
  const focused = (page: Page, handle: string) => page.locator(`[data-testid="${handle}"]:focus`).waitFor();

  it('of what is unfinished can be taken back, with the next key', async () => {
    const page = await open('pairing-staged');
    await page.getByTestId('discard').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('unfinished').waitFor({ state: 'detached' });
    await focused(page, 'undo');
    await page.keyboard.press('Enter');
    await focused(page, 'unfinished');
    await page.getByTestId('removed').waitFor({ state: 'detached' });
    await done(page);
  });

  it('of what is unfinished is taken back where it stood, in view, in a narrow window too', async () => {
    const page = await open('pairing-staged');
    await page.setViewportSize({ width: 380, height: 640 });
    await page.getByTestId('discard').press('Enter');
    await focused(page, 'undo');
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
    const box = (await page.getByTestId('undo').boundingBox())!;
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.y + box.height).toBeLessThanOrEqual(640);
    expect(await page.locator('.past').getByTestId('removed').innerText()).toMatch(/photos 2024.*Discarded/s);
    await done(page);
  });

  it('of a row that no list has can be taken back on the first screen', async () => {
    const page = await open('pairing');
    await emitAll(page, [transfer(8, { state: 'failed', fault: { code: 'peer-left' } })]);
    await page.getByTestId('forget').click();
    await focused(page, 'undo');
    await page.keyboard.press('Enter');
    await page.getByTestId('transfer').waitFor();
    await done(page);
  });

  it('of what is unfinished can still be taken back once a connection is there', async () => {
    const page = await open('pairing-staged');
    await page.getByTestId('discard').click();
    await linkWithBen(page);
    await page.getByTestId('undo').waitFor();
    await done(page);
  });

  it.each([380, 1080])('of a long name in the history leaves room for what stands beside it, at %i', async (width) => {
    const page = await open('history');
    await page.setViewportSize({ width, height: 640 });
    const line = page.getByTestId('history-item').filter({ hasText: 'Minutes' });
    const [panel, words, button] = await Promise.all(
      [page.getByRole('dialog'), line.locator('.verified'), line.getByRole('button')].map((one) => one.boundingBox()),
    );
    for (const box of [words!, button!]) expect(box.x + box.width).toBeLessThan(panel!.x + panel!.width);
    await page.setViewportSize({ width: 1080, height: 640 });
    await done(page);
  });

  it('of the history is seen, and taken back, in its panel', async () => {
    const page = await open('history');
    await page.getByTestId('history-clear').click();
    expect(await page.getByTestId('history-item').count()).toBe(0);
    const undo = page.getByRole('dialog').getByTestId('undo');
    await undo.click();
    await page.getByTestId('history-item').first().waitFor();
    await done(page);
  });

  it('of a row that moves is Cancel, which can be taken back', async () => {
    const page = await open('sending');
    const row = page.locator('[data-testid="transfer"][data-state="sending"]');
    await row.getByTestId('cancel').click();
    expect(await row.innerText()).toContain('Cancelling…');
    await focused(page, 'keep-going');
    await page.keyboard.press('Enter');
    await row.getByTestId('cancel').waitFor();
    const commands = await page.evaluate(() =>
      (window as unknown as { stage: Stage }).stage.commands.map((command) => command.do),
    );
    expect(commands).toEqual(['pause', 'resume']);
    await done(page);
  });
});

describe('the focus', () => {
  it.each([
    ['the field of a note', '.compose', '.linked'],
    ['a row', '.transfer', '.timeline-rows'],
    ['a button beside it', '.compose button', '.compose'],
  ])('is seen all around %s', async (_what, box, list) => {
    const page = await open('sending');
    await page.getByTestId('text-input').press('a');
    if (box !== '.compose') await page.locator(box).first().focus();
    const [outside, room] = await page
      .locator(box)
      .first()
      .evaluate((field, list) => {
        const { outlineOffset, outlineStyle, outlineWidth } = getComputedStyle(field);
        const reach =
          outlineStyle === 'none' ? Number.NaN : Number.parseFloat(outlineOffset) + Number.parseFloat(outlineWidth);
        const [inner, outer] = [field, field.closest(list)!].map((each) => each.getBoundingClientRect());
        return [reach, Math.min(outer!.bottom - inner!.bottom, inner!.top - outer!.top, inner!.left - outer!.left)];
      }, list);
    expect(outside).toBeLessThanOrEqual(room!);
    await done(page);
  });

  it.each([
    ['open-file', 'show-in-folder'],
    ['show-in-folder', 'open-file'],
    ['line-details', 'disconnect'],
    ['history', 'settings'],
  ])('is seen around %s, and does not touch %s beside it', async (handle, neighbour) => {
    const page = await open('transfers');
    for (const size of [usual, { width: 380, height: 640 }]) {
      await page.setViewportSize(size);
      await page.getByTestId('text-input').press('Tab');
      await page.getByTestId(handle).first().focus();
      const [reach, room] = await page
        .getByTestId(handle)
        .first()
        .evaluate((button, neighbour) => {
          const { outlineOffset, outlineStyle, outlineWidth } = getComputedStyle(button);
          const [one, other] = [button, document.querySelector(`[data-testid="${neighbour}"]`)!].map((each) =>
            each.getBoundingClientRect(),
          );
          return [
            outlineStyle === 'none' ? Number.NaN : Number.parseFloat(outlineOffset) + Number.parseFloat(outlineWidth),
            Math.max(other!.left - one!.right, one!.left - other!.right),
          ];
        }, neighbour);
      expect(reach).toBeLessThanOrEqual(Math.max(0, room! - 2));
    }
    await done(page);
  });

  it('is in the field again once the button has sent a note, for the next one', async () => {
    const page = await open('linked');
    await page.getByTestId('text-input').fill('one');
    await page.getByTestId('send-text').click();
    await page.locator('[data-testid="text-input"]:focus').waitFor();
    await page.keyboard.type('two');
    expect(await page.getByTestId('text-input').inputValue()).toBe('two');
    await done(page);
  });

  it('stays on a remembered computer while it is looked for, and nothing moves', async () => {
    const page = await open('pairing-full');
    await page.setViewportSize(usual);
    const tile = page.getByTestId('known-call').first();
    const topOf = async () => (await page.getByTestId('code-input').boundingBox())!.y;
    const before = await topOf();
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ calling: { at: 'idle' } });
    });
    await tile.click();
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ calling: { at: 'calling', id: '0a' } });
    });
    await settled(page);
    expect(await tile.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await tile.getAttribute('aria-disabled')).toBe('true');
    expect(await topOf()).toBe(before);
    await page.evaluate(() => {
      const { store } = (window as unknown as { tincan: StoreInPage }).tincan;
      store.setState({ calling: { at: 'missed', id: '0a' } });
    });
    await settled(page);
    expect(await topOf()).toBe(before);
    await done(page);
  });

  it('comes back to the menu from whose line a panel was opened', async () => {
    const page = await open('pairing');
    await page.getByTestId('code-more').click();
    await page.getByTestId('show-code').click();
    await dialogOpen(page);
    await page.keyboard.press('Escape');
    await dialogClosed(page);
    await page.locator('[data-testid="code-more"]:focus').waitFor();
    await done(page);
  });

  it.each(['send-clipboard', 'send-text', 'text-input', 'line-details', 'body'])(
    'stays on %s while the connection is lost and comes back by itself',
    async (place) => {
      const page = await open('linked');
      await page.getByTestId('text-input').fill('a draft');
      if (place === 'body') await page.getByTestId('text-input').blur();
      else await page.getByTestId(place).focus();
      const peer = { name: 'Ben', trust: settledTrust };
      await showView(page, { at: 'reconnecting', peer, sinceMs: 0 });
      await settled(page);
      expect(await focused(page)).toMatchObject({ is: place });
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => (window as unknown as { stage: Stage }).stage.commands)).toEqual([]);
      if (place === 'line-details') await page.keyboard.press('Escape');
      await showView(page, { at: 'linked', peer });
      await settled(page);
      expect(await focused(page)).toMatchObject({ is: place });
      await done(page);
    },
  );

  it('returns to Disconnect, where that is taken back', async () => {
    const page = await open('linked');
    await page.getByTestId('disconnect').press('Enter');
    await page.locator('[data-testid="stay"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="disconnect"]:focus').waitFor();
    await done(page);
  });

  it.each([usual, { width: 800, height: 640 }, { width: 380, height: 640 }])(
    'stays on Remember until the other person has answered, and the header is as high as before (%o)',
    async (size) => {
      const page = await open('linked');
      await page.setViewportSize(size);
      const route = { kind: 'same-network', lanes: 1 };
      const at = (remember: string) =>
        showView(page, { at: 'linked', peer: { name: 'Ben’s desktop', remember, route, trust: settledTrust } });
      const headerPx = async () => (await page.locator('.peer').boundingBox())!.height;
      for (const language of languages) {
        await speak(page, language);
        await at('open');
        const before = await headerPx();
        await page.getByTestId('remember-yes').press('Enter');
        await at('waiting');
        await settled(page);
        expect(await focused(page), language).toMatchObject({ is: 'remember-yes' });
        expect(await headerPx(), language).toBe(before);
        for (const refusal of ['declined', 'unkept']) {
          await at(refusal);
          await page.locator(`[data-testid="toast"][data-is="remember-${refusal}"]`).waitFor();
          await settled(page);
          expect(await focused(page), language).toMatchObject({ is: 'remember-yes' });
          expect(await headerPx(), language).toBe(before);
          expect((await page.locator('.top').boundingBox())!.height, language).toBe(56);
          expect(await cutTexts(page), language).toEqual([]);
        }
        await at('agreed');
        await page.locator('[data-testid="line-details"]:focus').waitFor();
        expect(await headerPx(), language).toBe(before);
      }
      await done(page);
    },
  );

  it.each([
    ['remember-yes', 'agreed', 'line-details'],
    ['remember-no', 'declined', 'remember-yes'],
  ])('goes from the question whether to remember (%s) to what stands in its place', async (handle, answer, next) => {
    const page = await open('linked-remember');
    const at = (remember: string) =>
      showView(page, { at: 'linked', peer: { name: 'Ben', remember, trust: settledTrust } });
    await page.getByTestId(handle).press('Enter');
    await at(answer);
    await page.locator(`[data-testid="${next}"]:focus`).waitFor();
    await done(page);
  });

  it('goes to the main part where a link ends, and what is said of that is in view', async () => {
    const page = await open('transfers');
    await page.setViewportSize({ width: 380, height: 640 });
    await page.getByTestId('transfer').last().focus();
    await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), {
      ...{ at: 'pairing', ended: 'by-peer' },
      code: { at: 'ready', kind: 'invite', text: 'TC1', local: true },
    });
    await page.locator('main:focus').waitFor();
    await settled(page);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    await done(page);
  });

  it('goes to the row beside one that is gone', async () => {
    const page = await open('transfers');
    const rows = page.getByTestId('transfer');
    const titles = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label')));
    const at = await page
      .locator('.timeline-rows:not(.timeline-moving) .transfer')
      .first()
      .evaluate((row) => [...document.querySelectorAll('.transfer')].indexOf(row));
    await rows.nth(at).getByTestId('forget').press('Enter');
    await expect.poll(() => focused(page)).toMatchObject({ name: titles[at + 1] });
    await done(page);
  });

  /** What a screen reader tells of what has the focus. */
  const focused = (page: Page) =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      const described = document.getElementById(element?.getAttribute('aria-describedby') ?? '');
      return {
        is: element?.getAttribute('data-testid') ?? element?.localName,
        name: element?.getAttribute('aria-label'),
        state: described?.textContent,
      };
    });
  const offered = (at: number): unknown[] => [
    transfer(at, { direction: 'receive', state: 'offered', title: `Day ${at}` }),
    { is: 'offer', connection: stageConnection, transfer: id(at), plan: { ...scenePlan, title: `Day ${at}` } },
  ];
  /** As somebody who has looked at it. */
  const answer = async (page: Page, handle: 'accept' | 'decline') => {
    await seen(page, 'accept');
    await page.getByTestId(handle).press('Enter');
  };
  const ben = (trust: unknown) => ({ at: 'linked', peer: { name: 'Ben', trust } });
  const settledTrust = { at: 'settled', digits: '402917', checked: 'matched' };
  const showView = (page: Page, view: unknown) =>
    page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), view);

  it.each(['accept', 'decline'])('answers one offer by a double click on %s, and not the next one', async (handle) => {
    const page = await open('linked');
    await emitAll(page, [...offered(1), ...offered(2)]);
    await seen(page, 'accept');
    await doubleClick(page, page.getByTestId(handle));
    await page.waitForTimeout(400);
    expect(await page.getByTestId('offer').getAttribute('data-id')).toBe(id(2));
    await page.getByTestId('accept').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    await done(page);
  });

  it.each(['pairing', 'pairing-staged'])(
    'goes from They match to where one goes on, and from there to an offer (%s)',
    async (scene) => {
      const page = await open(scene);
      await showView(page, ben({ at: 'asking', digits: '402917' }));
      await page.locator('[data-testid="verify-match"]:enabled').press('Space');
      await showView(page, ben({ at: 'waiting-for-peer', digits: '402917', choice: 'match' }));
      await page.locator('main:focus').waitFor();
      await showView(page, ben(settledTrust));
      await page.locator('[data-testid="pick-files"]:focus').waitFor();
      await emitAll(page, [offer]);
      await page.locator('[data-testid="accept"]:focus').waitFor();
      await done(page);
    },
  );

  it('stays in the field of whoever writes while the other person compares', async () => {
    const page = await open('pairing-staged');
    await showView(page, ben({ at: 'waiting-for-peer', digits: '402917', choice: 'match' }));
    await page.getByTestId('text-input').focus();
    await showView(page, ben(settledTrust));
    await settled(page);
    expect(await focused(page)).toMatchObject({ is: 'text-input' });
    await done(page);
  });

  it.each(['Enter', 'Space'])(
    'goes to the question about what was staged, and %s sends it once it has been in view',
    async (key) => {
      const page = await open('pairing-staged');
      const sent = () =>
        page.evaluate(() => (window as unknown as { stage: Stage }).stage.commands.map((each) => each.do));
      const release = await holdTimers(page);
      await page.getByTestId('copy-code').focus();
      await showView(page, ben(settledTrust));
      await page.locator('[data-testid="send-staged"]:focus').waitFor();
      await page.keyboard.press(key);
      await settled(page);
      expect(await sent()).toEqual([]);
      await release();
      await seen(page, 'send-staged');
      await page.keyboard.press(key);
      expect(await sent()).toEqual(['send-items']);
      await done(page);
    },
  );

  it('is on the first button after a reload, and nowhere when a page is opened', async () => {
    const page = await open('pairing-staged');
    expect(await focused(page)).toMatchObject({ is: 'body' });
    await page.reload();
    await settled(page);
    expect(await focused(page)).toMatchObject({ is: 'pick-files' });
    await done(page);
  });

  it.each([
    ['accept', 'receiving', 'Receiving'],
    ['decline', 'declined', 'You declined'],
  ] as const)(
    'goes from the answer to an offer (%s) to its row, in a narrow window, too',
    async (handle, state, words) => {
      for (const size of [usual, { width: 380, height: 640 }]) {
        const page = await open('linked');
        await page.setViewportSize(size);
        await emitAll(page, offered(90));
        await answer(page, handle);
        await page.getByTestId('offer').waitFor({ state: 'detached' });
        await expect.poll(() => focused(page)).toMatchObject({ is: 'transfer', name: 'Day 90' });
        // It moves to where it belongs, and the focus with it.
        await emitAll(page, [transfer(90, { direction: 'receive', state, title: 'Day 90' })]);
        await expect.poll(() => focused(page)).toEqual({ is: 'transfer', name: 'Day 90', state: words });
        await done(page);
      }
    },
  );

  /** Presses Send for what was staged before the link, and answers how its row comes. */
  const sendStaged = async (page: Page) => {
    await linkWithBen(page);
    await seen(page, 'send-staged');
    await page.getByTestId('send-staged').press('Enter');
    await page.locator('main:focus').waitFor();
    const id = await page.evaluate(() => {
      const [sent] = (window as unknown as { stage: { commands: { transfer: string }[] } }).stage.commands;
      return sent!.transfer;
    });
    return () => emitAll(page, [transfer(0, { id, state: 'offered', title: 'budget.ods' })]);
  };

  it('goes from Send to the row of what was staged, in a narrow window, too', async () => {
    for (const size of [usual, { width: 380, height: 640 }]) {
      const page = await open('pairing-staged');
      await page.setViewportSize(size);
      const rowComes = await sendStaged(page);
      await emitAll(page, [transfer(90, { direction: 'receive', state: 'receiving', title: 'Day 90' })]);
      await rowComes();
      await expect.poll(() => focused(page)).toMatchObject({ is: 'transfer', name: 'budget.ods' });
      await done(page);
    }
  });

  it('stays where somebody went after Send, before the row is there', async () => {
    const page = await open('pairing-staged');
    const rowComes = await sendStaged(page);
    await page.getByTestId('text-input').focus();
    await rowComes();
    expect(await focused(page)).toMatchObject({ is: 'text-input' });
    await done(page);
  });

  it('goes from the answer to an offer to Accept of the next one', async () => {
    for (const handle of ['accept', 'decline'] as const) {
      const page = await open('linked');
      await emitAll(page, [...offered(90), ...offered(91)]);
      await answer(page, handle);
      await page.locator(`[data-testid="offer"][data-id="${id(91)}"] [data-testid="accept"]:focus`).waitFor();
      await done(page);
    }
  });

  it('goes from Keep going to the row, and from Pause to Resume and back', async () => {
    const page = await open('linked');
    const moving = { direction: 'receive', state: 'receiving', title: 'Day 90' } as const;
    const paused = { direction: 'receive', state: 'paused', pause: 'us', title: 'Day 90' } as const;
    await emitAll(page, [transfer(90, moving)]);
    await page.getByTestId('cancel').press('Enter');
    await page.locator('[data-testid="keep-going"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toEqual({ is: 'transfer', name: 'Day 90', state: 'Receiving' });
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ is: 'pause', name: 'Pause' });
    await page.keyboard.press('Enter');
    await emitAll(page, [transfer(90, paused)]);
    await page.locator('[data-testid="resume"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await emitAll(page, [transfer(90, moving)]);
    await page.locator('[data-testid="pause"]:focus').waitFor();
    await done(page);
  });
});

describe('an open panel', () => {
  it('shows that an offer came behind it', async () => {
    const page = await open('linked');
    await page.getByTestId('settings').click();
    await dialogOpen(page);
    await page.evaluate((event) => (window as unknown as { stage: Stage }).stage.emit(event), {
      is: 'offer',
      connection: stageConnection,
      transfer: 'f'.repeat(32),
      plan: scenePlan,
    });
    await page.getByTestId('offer-behind').getByRole('button').click();
    await dialogClosed(page);
    await page.getByTestId('accept').waitFor();
    await done(page);
  });
});

describe('the likeness of screens', () => {
  it('tells different screens apart', () => {
    const different = ['pairing', 'linked', 'settings'];
    const pictures = different.map((name) => readFileSync(path.join(baselines, `${name}.png`)));
    for (const [at, one] of pictures.entries()) {
      expect(unlikeness(one, one)).toBe(0);
      for (const [other, picture] of pictures.entries()) {
        if (other > at)
          expect(unlikeness(one, picture), `${different[at]} ${different[other]}`).toBeGreaterThan(unlikeAbove);
      }
    }
  });
});

describe('the receive prompt', () => {
  it('N27 draws hostile names as text, with what hides made visible', async () => {
    const page = await open('offer');
    const file = page.getByTestId('offer-file');
    await file.filter({ hasText: 'invoice⟨202E⟩gnp.exe' }).waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    await done(page);
  });

  it('asks the host and then the engine for what is ticked', async () => {
    const page = await open('offer');
    await page.getByTestId('offer-file').filter({ hasText: 'tram 28' }).getByRole('checkbox').click();
    await page.getByTestId('offer-conflict').selectOption('skip');
    await page.getByTestId('accept').click();
    await page.getByTestId('offer').waitFor({ state: 'detached' });
    const commands = await page.evaluate(() => (window as unknown as { stage: Stage }).stage.commands);
    expect(commands).toContainEqual({ do: 'accept', transfer: expect.any(String), conflict: 'skip' });
    await done(page);
  });

  it('does not accept nothing, and leaves its rows where they are', async () => {
    const page = await open('offer');
    await page.setViewportSize(usual);
    await emitAll(page, [transfer(1, { state: 'done' }), transfer(8, {}), progress([8, 312 * mega])]);
    const row = async () => (await page.getByTestId('offer-folder').first().boundingBox())!.y;
    const before = await row();
    await page.getByRole('checkbox', { name: 'All' }).click();
    expect(await page.getByTestId('accept').isDisabled()).toBe(true);
    expect(await page.getByTestId('offer-room').innerText()).toBe('Nothing is ticked.');
    expect(await row()).toBe(before);
    await done(page);
  });

  it('leaves the tick of all files some room in its line, in a narrow window', async () => {
    const page = await open('offer-many', '&rows=2');
    await page.setViewportSize({ width: 380, height: 640 });
    const line = page.locator('.offer-all');
    const tick = (await line.getByRole('checkbox').boundingBox())!.height;
    expect((await line.boundingBox())!.height).toBeGreaterThan(tick + 8);
    await done(page);
  });

  it('has room for many rows where somebody chooses among them', async () => {
    const page = await open('offer-many');
    await page.setViewportSize(usual);
    await emitAll(page, [transfer(1, { state: 'done' }), transfer(8, {})]);
    await page.getByRole('button', { name: 'Choose files' }).click();
    await settled(page);
    expect((await page.locator('.offer-rows').boundingBox())!.height).toBeGreaterThan(200);
    expect(await scrolls(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show less' }).click();
    await settled(page);
    expect((await page.getByTestId('transfer').first().boundingBox())?.height).toBeGreaterThan(40);
    await done(page);
  });

  it('scrolls a hundred thousand files with the work of a few hundred', async () => {
    const few = await scrollWork('&rows=300');
    const many = await scrollWork('');
    console.log(
      `a step through 100 000 rows takes ${many.toFixed(2)} ms of the page's processor time, 300: ${few.toFixed(2)}`,
    );
    expect(many / few).toBeLessThan(1.8);
  });

  /** Processor milliseconds of the page's main thread for one step through the list. A busy machine does not change them. */
  async function scrollWork(more: string): Promise<number> {
    const page = await blank();
    await show(page, 'offer-many', more);
    await page.getByTestId('offer-file').first().waitFor();
    expect(await page.getByTestId('offer-file').count()).toBeLessThan(80);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const workedMs = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
    };
    const scroll = (steps: number) =>
      page.evaluate(async (steps) => {
        const list = document.querySelector('.offer-rows')!;
        for (let step = 0; step < steps; step += 1) {
          list.scrollTop = (list.scrollTop + 2_711) % (list.scrollHeight - list.clientHeight);
          await new Promise(requestAnimationFrame);
        }
      }, steps);
    // Until the code is compiled every step is slower.
    await scroll(15);
    const before = await workedMs();
    await scroll(scrollSteps);
    const perStep = ((await workedMs()) - before) / scrollSteps;
    await page.context().close();
    return perStep;
  }
  const scrollSteps = 60;
});

describe('the keyboard', () => {
  it('opens settings, keeps the focus inside, and gives it back', async () => {
    const page = await open('pairing');
    await page.getByTestId('settings').focus();
    await page.keyboard.press('Enter');
    await dialogOpen(page);
    for (let step = 0; step < 30; step += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('[data-testid="settings"]:focus').waitFor();
    await done(page);
  });

  it('applies a code with Enter and says what is wrong with it', async () => {
    const page = await open('pairing');
    await page.getByTestId('code-input').fill('hello');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="code-fault"][data-code="code-not-ours"]').waitFor();
    await done(page);
  });

  it('has a sheet of shortcuts, and each of them works', async () => {
    const page = await open('pairing');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Esc').waitFor();
    const listed = await page.getByRole('dialog').locator('kbd').allInnerTexts();
    expect(listed).toEqual(['Ctrl V', 'Alt C', 'Alt T', 'Alt S', 'Alt O', 'Ctrl ,', '?', 'Esc']);
    await dialogOpen(page);
    await page.keyboard.press('Escape');
    await dialogClosed(page);
    await page.keyboard.press('Alt+t');
    await page.locator('[data-testid="code-input"]:focus').waitFor();
    await page.keyboard.press('Alt+c');
    await page.locator('[data-testid="toast"][data-is="copied"]').waitFor();
    await page.keyboard.press('Alt+s');
    await page.getByTestId('scan').waitFor();
    const choosing = page.waitForEvent('filechooser');
    await page.keyboard.press('Alt+o');
    await choosing;
    await page.keyboard.press('Control+,');
    await page.getByTestId('setting-theme').waitFor();
    await dialogOpen(page);
    await page.keyboard.press('Escape');
    await dialogClosed(page);
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'not a code');
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await page.locator('[data-testid="code-fault"][data-code="code-not-ours"]').waitFor();
    await done(page);
  });

  it('puts a text that is pasted beside the field behind what was written there', async () => {
    const page = await open('linked');
    const field = page.getByTestId('text-input');
    await field.fill('The address: ');
    await field.blur();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'Main Street 5');
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    expect(await field.inputValue()).toBe('The address: Main Street 5');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await done(page);
  });
});

describe('a double click', () => {
  const movingRow = () => transfer(1, { direction: 'receive', state: 'receiving', title: 'Day 1' });

  it('cancels what moves so that it can still be taken back', async () => {
    const page = await open('linked');
    await emitAll(page, [movingRow()]);
    await doubleClick(page, page.getByTestId('cancel'));
    await page.getByTestId('keep-going').click();
    await page.locator('[data-testid="cancel"]').waitFor();
    const orders = await page.evaluate(() =>
      (window as unknown as { stage: Stage }).stage.commands.map((command) => command.do),
    );
    expect(orders).toEqual(['pause', 'resume']);
    await done(page);
  });

  it('discards one of what is unfinished, which can be brought back', async () => {
    const page = await open('pairing-full');
    const lines = page.getByTestId('unfinished');
    const before = await lines.count();
    await doubleClick(page, page.getByTestId('discard'));
    await page.getByTestId('removed').waitFor();
    expect(await lines.count()).toBe(before - 1);
    await page.waitForTimeout(600);
    await page.getByTestId('undo').click();
    await expect.poll(() => lines.count()).toBe(before);
    await done(page);
  });

  it('removes one row and one of what waits to be sent', async () => {
    const page = await open('linked');
    const rows = [1, 2, 3].map((at) => transfer(at, { direction: 'receive', state: 'done', title: `Day ${at}` }));
    await emitAll(page, rows);
    await doubleClick(page, page.getByTestId('forget'));
    expect(await page.getByTestId('transfer').count()).toBe(2);
    await show(page, 'pairing-staged');
    const chips = page.getByTestId('staged-file');
    const before = await chips.count();
    await doubleClick(page, chips.locator('button'));
    expect(await chips.count()).toBe(before - 1);
    await done(page);
  });
});

describe('counters', () => {
  it('stand still while the page is hidden, and catch up when it is shown', async () => {
    const page = await open('sending');
    const counted = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('[data-testid="transfer"][data-state="sending"]')].map((row) => [
          row.getAttribute('data-bytes-done'),
          row.querySelector('.numbers')?.textContent?.match(/^\d+%/)?.[0],
        ]),
      );
    const before = await counted();
    await page.evaluate(() => {
      const { stage } = window as unknown as { stage: Stage };
      Object.defineProperty(document, 'hidden', { configurable: true, value: true });
      const id = document.querySelector('[data-testid="transfer"][data-state="sending"]')?.getAttribute('data-id');
      const moved = { id, bytesDone: 700_000_000, bytesTotal: 734_000_000, filesDone: 3, bytesPerSecond: 0 };
      stage.emit({ is: 'progress', transfers: [moved], lanes: [] });
    });
    await settled(page);
    expect(await counted()).toEqual(before);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: false });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await settled(page);
    await expect.poll(counted).toEqual([['700000000', '95%']]);
    await done(page);
  });
});

describe('a transfer that came without some of its files', () => {
  const rowOf = (page: Page, title: string) => page.getByTestId('transfer').filter({ hasText: title });

  it('says so on both sides, names them, and is not called verified', async () => {
    const page = await open('transfers-partly');
    const sent = rowOf(page, 'projects');
    expect(await sent.locator('.state').innerText()).toBe('Delivered, without 2 files');
    expect(await sent.locator('.numbers').innerText()).toMatch(/^7.of.9.files$/);
    expect(await sent.getByTestId('file-fault').allInnerTexts()).toEqual([
      'projects / notes.txt – The file changed while it was being sent.',
      'projects / film.mkv – Their drive cannot hold a file that large.',
      'projects / drafts – Their folder cannot be used.',
      'projects / current – a shortcut (symbolic link); Tincan sends files and folders only',
    ]);
    const received = rowOf(page, 'Choir recordings');
    expect(await received.locator('.state').innerText()).toBe('Received, without 212 files');
    expect(await received.getByTestId('file-faults').innerText()).toContain('Their Tincan could not read the file.');
    await received.getByRole('button', { name: 'Show more' }).click();
    expect(await received.getByTestId('file-faults').innerText()).toContain('206 more, whose names are not listed');
    expect(await received.innerText()).toContain('3 entries were not sent; their screen names them.');
    const nothing = rowOf(page, 'letter.txt');
    expect(await nothing.locator('.state').innerText()).toBe('No file arrived');
    expect(await nothing.innerText()).toContain('Ask them to send that file again.');
    expect(await nothing.getByTestId('show-in-folder').count()).toBe(0);
    expect(await page.getByTestId('verified').count()).toBe(0);
    await done(page);
  });

  it('is in the history as what it is', async () => {
    const page = await open('history');
    const needless = page.getByTestId('history-item').filter({ hasText: 'seen before' });
    expect(await needless.innerText()).toMatch(/No file was needed/);
    expect(await needless.innerText()).not.toContain('0 byte');
    const line = page.getByTestId('history-item').filter({ hasText: 'Choir recordings' });
    expect(await line.innerText()).toMatch(/29 of 31 files.*Received, without 2 files/s);
    await done(page);
  });
});

describe('a note that came before an offer', () => {
  it('is in view beside it, in the usual window', async () => {
    const page = await open('linked');
    await page.setViewportSize(usual);
    const text = 'Take the film, not the folder.';
    await emitAll(page, [
      { is: 'text', connection: stageConnection, text, fromPeer: true },
      transfer(90, { direction: 'receive', state: 'offered', wantedFiles: 1 }),
      { is: 'offer', connection: stageConnection, transfer: id(90), plan: scenePlan },
    ]);
    await page.getByTestId('accept').waitFor();
    const note = page.getByTestId('text-received');
    expect(await note.isVisible()).toBe(true);
    const [list, row] = await note.evaluate((element) =>
      [element.closest('.timeline-rows')!, element].map((each) => {
        const { bottom, top } = each.getBoundingClientRect();
        return { bottom, top };
      }),
    );
    expect(row!.top).toBeGreaterThanOrEqual(list!.top);
    expect(row!.bottom).toBeLessThanOrEqual(list!.bottom);
    await done(page);
  });
});

describe('a sentence', () => {
  it('is followed by a space where its full stop is not a wide one', async () => {
    await show(page, 'transfers-partly', '&language=de');
    const said = await page.evaluate(() => document.body.innerText);
    expect(said.match(/\p{L}[.!?]\p{Lu}/gu)).toBeNull();
  });
});

describe('a row of several files', () => {
  const receiving = { direction: 'receive', state: 'receiving' } as const;
  const moved = (bytesDone: number) => {
    const counted = { id: id(8), bytesDone, bytesTotal: 734 * mega, filesDone: 3, bytesPerSecond: 24 * mega };
    return { is: 'progress', transfers: [counted], lanes: [] };
  };

  it('names the file that it is at, and keeps no empty line where none is known', async () => {
    const page = await open('linked');
    const line = page.locator('.transfer .current');
    await emitAll(page, [transfer(8, receiving)]);
    expect(await line.count()).toBe(1);
    await emitAll(
      page,
      [1, 2, 3, 4, 5, 6].map((at) => moved(at * 10 * mega)),
    );
    await line.waitFor({ state: 'detached' });
    await emitAll(page, [progress([8, 312 * mega])]);
    expect(await line.innerText()).toBe('Now: Day 1 / tram 28.mp4');
    await done(page);
  });

  it.each(['us', 'peer', 'link'] as const)(
    'keeps the line that names the file, and so its height, while it is paused (%s)',
    async (pause) => {
      const page = await open('linked');
      await emitAll(page, [transfer(8, receiving), progress([8, 312 * mega])]);
      const row = page.getByTestId('transfer');
      const heightPx = async () => (await row.boundingBox())!.height;
      const moving = await heightPx();
      await emitAll(page, [transfer(8, { ...receiving, state: 'paused', pause })]);
      await page.locator('[data-testid="transfer"][data-state="paused"]').waitFor();
      expect(await row.locator('.current').innerText()).toBe('Now: Day 1 / tram 28.mp4');
      expect(await heightPx()).toBe(moving);
      await done(page);
    },
  );

  it.each(['en', 'de', 'ja'])(
    'keeps its height in a narrow window when its speed becomes known (%s)',
    async (language) => {
      const page = await open('linked', `&language=${language}`);
      await page.setViewportSize({ width: 380, height: 640 });
      await emitAll(page, [transfer(8, receiving), progress([8, 0])]);
      const row = page.getByTestId('transfer');
      const heightPx = async () => (await row.boundingBox())!.height;
      const begun = await heightPx();
      for (let at = 1; at <= 12; at += 1) await emitAll(page, [progress([8, at * 12.3 * mega])]);
      await expect.poll(() => row.locator('.numbers').innerText()).toMatch(/MB\/(s|秒)/);
      expect(await heightPx()).toBe(begun);
      await done(page);
    },
  );
});

describe('a transfer that leaves a file out while the others go on', () => {
  const left = {
    fileFaults: [{ path: ['Day 1', 'tram 28.mp4'], code: 'source-unreadable' as const }],
    fileFaultCount: 1,
    resumable: true,
  };

  it.each(['send', 'receive'] as const)(
    '%s: says that, and only once it is over what did not arrive',
    async (direction) => {
      const page = await open('linked');
      const state = direction === 'send' ? 'sending' : 'receiving';
      await emitAll(page, [transfer(8, { ...left, direction, state }), progress([8, 312 * mega])]);
      const said = () => page.getByTestId('file-faults').innerText();
      expect(await said()).toContain('1 file is left out');
      expect(await said()).toContain('The others go on.');
      expect(await said()).not.toContain('arrive');
      await emitAll(page, [transfer(8, { ...left, direction, state: 'paused', pause: 'peer' })]);
      expect(await said()).not.toContain('go on');
      await emitAll(page, [transfer(8, { ...left, direction, state: 'done' })]);
      await expect.poll(said).toContain('1 file did not arrive');
      await done(page);
    },
  );
});

describe('a transfer that the other side cancels and may still keep', () => {
  it.each(['send', 'receive'] as const)('says so, and offers no button that does nothing (%s)', async (direction) => {
    const page = await open('linked');
    await emitAll(page, [transfer(8, { direction, state: 'paused', pause: 'cancelling' }), progress([8, 312 * mega])]);
    const row = page.getByTestId('transfer');
    expect(await row.locator('.state').innerText()).toBe('They are cancelling…');
    expect(await row.getByTestId('resume').count()).toBe(0);
    expect(await row.getByTestId('cancel').count()).toBe(1);
    await done(page);
  });
});

describe('a sender whose receiver waits', () => {
  it.each([
    ['disk-gone', 'Paused: their folder is gone', 'Once it is back it goes on by itself'],
    ['publish-waiting', 'Paused: arrived, not in its place there yet', 'It is tried again by itself'],
    ['disk-full', 'Paused: their disk is full', 'Once there is room it goes on by itself'],
  ] as const)('%s: reads why, what happens, and of no button that it has not', async (code, state, then) => {
    const page = await open('linked');
    await emitAll(page, [transfer(8, { state: 'paused', pause: 'disk', fault: { code } }), progress([8, 312 * mega])]);
    const row = page.getByTestId('transfer');
    expect(await row.locator('.state').innerText()).toBe(state);
    const said = await row.getByTestId('transfer-fault').innerText();
    expect(said).toContain(then);
    expect(said).toContain('when they press Resume');
    expect(said).not.toMatch(/Try again|you press/);
    expect(await row.getByTestId('resume').count()).toBe(0);
    await done(page);
  });
});

/** Dots between two things that have nothing before or behind them in their line. */
const looseDots = (page: Page) =>
  page.evaluate(() => {
    const rectsOf = (node: Node, from: number, to: number) => {
      const text = (node.textContent ?? '').slice(from, to);
      const start = from + text.length - text.trimStart().length;
      if (text.trim() === '') return [];
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + text.trim().length);
      return [...range.getClientRects()];
    };
    const textsIn = (element: Node): Node[] =>
      element.nodeType === Node.TEXT_NODE ? [element] : [...element.childNodes].flatMap(textsIn);
    const loose: string[] = [];
    const check = (dot: { left: number; right: number; middle: number }, around: DOMRect[], what: string) => {
      const line = around.filter(({ top, bottom }) => top < dot.middle && bottom > dot.middle);
      const isBetween =
        line.some(({ right }) => right <= dot.left + 2) && line.some(({ left }) => left >= dot.right - 2);
      if (!isBetween) loose.push(what);
    };
    for (const text of textsIn(document.querySelector('#root, body')!)) {
      const at = text.textContent!.indexOf('·');
      if (at < 0 || text.parentElement!.closest('script, style, option') !== null) continue;
      let block = text.parentElement!;
      while (getComputedStyle(block).display.startsWith('inline')) block = block.parentElement!;
      const [dot] = rectsOf(text, at, at + 1);
      if (dot === undefined) continue;
      const around = textsIn(block).flatMap((each) =>
        each === text
          ? [...rectsOf(each, 0, at), ...rectsOf(each, at + 1, each.textContent!.length)]
          : rectsOf(each, 0, each.textContent!.length),
      );
      check({ left: dot.left, right: dot.right, middle: (dot.top + dot.bottom) / 2 }, around, block.innerText);
    }
    for (const item of document.querySelectorAll<HTMLElement>('.facts-line > span > *')) {
      const { content, direction, inlineSize } = getComputedStyle(item, '::before');
      if (!content.includes('·')) continue;
      const { bottom, left, right, top } = item.getBoundingClientRect();
      const width = Number.parseFloat(inlineSize);
      const dot = direction === 'rtl' ? { left: right, right: right + width } : { left: left - width, right: left };
      const line = item.closest<HTMLElement>('.facts-line')!;
      const clip = line.getBoundingClientRect();
      const isOutside = dot.right <= clip.left + 1 || dot.left >= clip.right - 1;
      if (isOutside && getComputedStyle(line).overflowX === 'clip') continue;
      const around = textsIn(line).flatMap((each) => rectsOf(each, 0, each.textContent!.length));
      check({ ...dot, middle: (top + bottom) / 2 }, around, line.innerText);
    }
    return loose;
  });

describe('the dot between two things', () => {
  const widths = [320, 340, 360, 380, 400, 430, 480, 550, 700, 1080];
  it.each([
    'sending',
    'transfers',
    'transfers-partly',
    'offer',
    'offer-photos',
    'history',
    'pairing-full',
    'settings-servers',
  ])('never begins or ends a line of the screen %s', async (scene) => {
    await show(page, scene);
    for (const language of ['en', 'de', 'ar', 'zh-CN']) {
      await speak(page, language);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 640 });
        expect(await looseDots(page), `${language} at ${width}`).toEqual([]);
      }
    }
  });

  it('is there between two on one line', async () => {
    const page = await open('sending');
    const shown = await page.locator('.numbers').first().screenshot({ animations: 'disabled' });
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.facts-line > span > *::before { content: none !important }');
      document.adoptedStyleSheets.push(sheet);
    });
    expect(shown.equals(await page.locator('.numbers').first().screenshot({ animations: 'disabled' }))).toBe(false);
    await done(page);
  });
});

describe('a transfer of an earlier link', () => {
  it('does not ask for a link that is there, nor promise what the other side may have discarded', async () => {
    const page = await open('transfers-partly');
    const fault = page.locator('[data-testid="transfer-fault"][data-code="peer-left"]');
    expect(await fault.innerText()).toBe(
      'The other side left, or the connection was ended. ' +
        'If both sides still have their part it goes on by itself; otherwise send it again.',
    );
    await page.evaluate(() => {
      const { stage } = window as unknown as { stage: Stage };
      stage.show({ at: 'pairing', code: { at: 'making' } });
    });
    await page.locator('[data-testid="session"][data-state="pairing"]').waitFor();
    expect(await fault.innerText()).toContain('Connect again to continue.');
    await done(page);
  });
});

describe('a transfer that is taken up again', () => {
  it('has its name, and counts nothing, before its list is read', async () => {
    const page = await open('pairing-staged');
    await linkWithBen(page);
    const nothing = { files: 0, folders: 0, bytes: 0 };
    const unread = {
      direction: 'receive',
      state: 'waiting',
      title: '',
      totals: nothing,
      wantedFiles: 0,
      wantedBytes: 0,
    };
    await emitAll(page, [transfer(70, unread as never)]);
    const row = page.getByTestId('transfer');
    expect((await row.innerText()).split(/\s*\n+\s*/)).toEqual(['photos 2024', 'Getting ready']);
    await done(page);
  });
});

describe('a transfer of which everything was there already', () => {
  it('claims to have brought nothing', async () => {
    const page = await open('transfers-partly');
    const row = page.getByTestId('transfer').filter({ hasText: 'seen before' });
    expect((await row.innerText()).split(/\s*\n+\s*/)).toEqual(['seen before', 'No file was needed']);
    await done(page);
  });
});

describe('a transfer that waits for room', () => {
  it('tells whose disk it is, and offers Resume only where it does something', async () => {
    const page = await open('transfers-partly');
    const sent = page.locator('[data-testid="transfer"][data-direction="send"][data-state="paused"]');
    expect(await sent.getByTestId('transfer-fault').innerText()).toBe(
      'Their disk is full. 8.00 GB needed, 120 MB free. What arrived before is kept there. They have to make room on it. ' +
        'Once there is room it goes on by itself, or at once when they press Resume.',
    );
    expect(await sent.getByTestId('resume').count()).toBe(0);
    const received = page.locator('[data-testid="transfer"][data-direction="receive"][data-state="paused"]');
    expect(await received.getByTestId('transfer-fault').innerText()).toBe(
      'The disk is full. 8.00 GB needed, 120 MB free. Everything that arrived is kept. Make room on it. ' +
        'Once there is room it goes on by itself, or at once when you press Resume.',
    );
    expect(await received.getByTestId('resume').count()).toBe(1);
    await done(page);
  });
});

describe('what is unfinished', () => {
  it('is listed with how far it came, until it is discarded', async () => {
    const page = await open('pairing-staged');
    const line = page.getByTestId('unfinished');
    expect(await line.innerText()).toMatch(/photos 2024.*310 MB of 734 MB/s);
    await line.getByTestId('discard').click();
    await line.waitFor({ state: 'detached' });
    await done(page);
  });

  it.each([
    ['receive', true],
    ['send', false],
  ] as const)('is not promised to go on where it may have to be sent again (%s)', async (direction, isUnsure) => {
    const page = await open('pairing');
    const change = { unfinished: [{ ...sceneUnfinished[0], direction }] };
    await page.evaluate((change) => {
      (window as unknown as { tincan: StoreInPage }).tincan.store.setState(change);
    }, change);
    const words = await page.getByTestId('unfinished').innerText();
    expect(words).toContain('Connect to the same computer');
    expect(words.includes('have it sent again')).toBe(isUnsure);
    await done(page);
  });
});

describe('the digits', () => {
  it('say when the other person has answered', async () => {
    const page = await open('linked-digits');
    await page.getByText('Ben’s desktop is waiting for you.').waitFor();
    await done(page);
  });

  it('are followed by one sentence about how much waits, in a narrow window, too', async () => {
    const page = await open('pairing');
    for (const size of [usual, small]) {
      await page.setViewportSize(size);
      const files = [1, 2, 3, 4, 5].map((at) => ({
        name: `${size.width}-${at}.txt`,
        mimeType: 'text/plain',
        buffer: Buffer.from('a'),
      }));
      await page.getByTestId('file-input').setInputFiles(files);
      await page.evaluate(
        (view) => (window as unknown as { stage: Stage }).stage.show(view),
        scenes['linked-digits']!.view,
      );
      await page.getByTestId('verify-match').waitFor();
      const said = await page.locator('.linked').innerText();
      expect(said.match(/\d+ (waiting )?items/g), said).toHaveLength(1);
      await page.evaluate((view) => (window as unknown as { stage: Stage }).stage.show(view), scenes.pairing!.view);
      await page.locator('.drop-zone').waitFor();
    }
    await done(page);
  });

  it('stand in the same order where text runs from right to left', async () => {
    const page = await open('linked-digits', '&dir=rtl');
    const [first, last] = await page.getByTestId('verify-digits').evaluate((element) => {
      const place = (node: Node, at: number) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect().x;
      };
      return [place(element.firstChild!, 0), place(element.lastChild!, element.lastChild!.textContent!.length - 1)];
    });
    expect(first).toBeLessThan(last!);
    await done(page);
  });
});

describe('what was dropped', () => {
  it('is let go on a computer that stays in view, and the window says no longer that it waits for it', async () => {
    const page = await open('pairing-known');
    await page.setViewportSize(usual);
    const cdp = await page.context().newCDPSession(page);
    const drag = async (types: readonly string[], place: string) => {
      const { x, y, width, height } = (await page.locator(place).first().boundingBox())!;
      const data = { items: [], files: [fileURLToPath(import.meta.url)], dragOperationsMask: 1 };
      const at = { x: x + width / 2, y: y + height / 2, data };
      for (const type of types) await cdp.send('Input.dispatchDragEvent', { type: type as 'drop', ...at });
    };
    /** Of what is written on the second one. */
    const darkest = async () => {
      const { data } = PNG.sync.read(await page.getByTestId('known-call').nth(1).screenshot());
      return data.filter((_, at) => at % 4 === 0).reduce((one, other) => Math.min(one, other));
    };
    const before = await darkest();
    await drag(['dragEnter', 'dragOver'], '.your-code');
    await page.getByTestId('drop-target').waitFor();
    expect(await darkest()).toBeLessThan(before + 16);
    await drag(['dragOver'], '[data-testid="known-call"]');
    await page.locator('[data-testid="known-call"][data-over="true"]').waitFor();
    await drag(['drop'], '[data-testid="known-call"]');
    await page.getByTestId('staged-file').waitFor();
    expect(await page.getByTestId('drop-target').count()).toBe(0);
    await done(page);
  });

  it('is read as their code where it is a picture of one, wherever it is let go', async () => {
    const page = await open('pairing');
    await page.evaluate(() => {
      const { ports } = (window as unknown as { stage: { ports: { scan: { decodePicture: unknown } } } }).stage;
      ports.scan.decodePicture = async () => 'not for Tincan';
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'code.png', { type: 'image/png' }));
      document
        .querySelector('.drop-zone')!
        .dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await page.locator('[data-testid="code-fault"][data-code="code-not-ours"]').waitFor();
    expect(await page.getByTestId('staged-file').count()).toBe(0);
    await done(page);
  });

  it('becomes chips before a link and is offered once the person says that this peer shall have it', async () => {
    const page = await open('pairing');
    await page
      .getByTestId('file-input')
      .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }]);
    expect(await page.getByTestId('staged-file').count()).toBe(1);
    await linkWithBen(page);
    expect(await page.getByTestId('staged-file').count()).toBe(1);
    await page.getByTestId('send-staged').click();
    expect(await page.getByTestId('staged-file').count()).toBe(0);
    const commands = await page.evaluate(() =>
      (window as unknown as { stage: Stage }).stage.commands.map((command) => command.do),
    );
    expect(commands).toEqual(['send-files']);
    await done(page);
  });
});
