// Tabs that may not use the host: they speak the language that was chosen, and name a way out that works.

import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { type Instance, startHost, startInstance, stopAll } from './instance.ts';

let running: Instance[] = [];

afterEach(async (context) => {
  const complaints = await stopAll(running, context);
  running = [];
  // A socket that is refused, or finds nobody, is told of by the browser itself.
  expect(complaints.filter((line) => !/WebSocket connection|ERR_CONNECTION_REFUSED/.test(line))).toEqual([]);
});

async function open(): Promise<Instance> {
  const anna = await startInstance({ name: 'anna' });
  running = [anna];
  await anna.session('pairing');
  return anna;
}

it('a second tab speaks the language and wears the look that were chosen in the settings', async () => {
  const anna = await open();
  await anna.at('settings').click();
  await anna.at('setting-language').selectOption('zh-CN');
  await anna.at('setting-theme').selectOption('dark');
  await anna.page.getByRole('heading', { name: '设置' }).waitFor();
  await anna.page.locator('html[data-theme="dark"]').waitFor();
  const second = await anna.page.context().newPage();
  await second.goto(anna.url);
  expect(await second.getByTestId('host-replaced').innerText()).toContain('Tincan 已在另一个标签页打开');
  const worn = () => second.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]);
  expect(await worn()).toEqual(['zh-CN', 'dark']);
  await anna.at('setting-language').selectOption('system');
  await anna.page.getByRole('heading', { name: 'Settings' }).waitFor();
  await second.reload();
  expect(await second.getByTestId('host-replaced').innerText()).toContain('open in another tab');
});

it('a tab that was duplicated takes over as little as any other one', async () => {
  const anna = await open();
  // What a browser does: the copy begins with everything that the tab kept for itself.
  const kept = await anna.page.evaluate(() => Object.entries({ ...sessionStorage }));
  const copy = await anna.page.context().newPage();
  await copy.addInitScript((entries) => {
    if (sessionStorage.length === 0) for (const [key, value] of entries) sessionStorage.setItem(key, value);
  }, kept);
  await copy.goto(anna.page.url());
  await copy.getByTestId('host-replaced').waitFor();
  await anna.session('pairing');
  // Loaded anew, a tab is still the one that it was.
  await anna.page.reload();
  await anna.session('pairing');
  await copy.getByTestId('use-here').click();
  await anna.at('host-replaced').waitFor();
  await copy.locator('[data-testid="session"][data-state="pairing"]').waitFor();
});

it('an address without its token asks for the address that Tincan printed, and not for a reload', async () => {
  const anna = await open();
  const bare = await anna.page.context().newPage();
  await bare.goto(new URL('/', anna.url).href);
  const notice = bare.getByTestId('host-address');
  expect(await notice.innerText()).toMatch(/printed.*#.*start Tincan again/s);
  expect(await notice.getByRole('button').count()).toBe(0);
});

it('a tab of an earlier run at the same address asks for the new one', async () => {
  const anna = await open();
  await anna.stopHost('SIGINT');
  await anna.at('host-gone').waitFor();
  const { port } = new URL(anna.url);
  const again = await startHost({ dataDir: `${anna.folder}/data`, downloadDir: anna.downloadDir, port: Number(port) });
  await anna.at('use-here').click();
  await anna.at('host-address').waitFor();
  again.process.kill('SIGINT');
});

it('a host that ends while its page loads is told of, with what the page has by then', async () => {
  const anna = await open();
  const other = await startHost({ dataDir: `${anna.folder}/other`, downloadDir: anna.downloadDir });
  const page = await anna.page.context().newPage();
  // Its first script is the last thing that this host serves.
  const isFirst = (url: URL) => /\/assets\/index-.*\.js$/.test(url.pathname);
  const served = page.waitForResponse((response) => isFirst(new URL(response.url())));
  const ended = once(other.process, 'exit');
  await page.route(/\/assets\/(open-page|[a-z]{2}(-[A-Z]{2})?)-/, async (route) => {
    await (await served).finished();
    other.process.kill('SIGKILL');
    await ended;
    await route.abort();
  });
  await page.goto(other.url);
  const notice = page.getByTestId('host-gone');
  expect(await notice.innerText()).toContain('Tincan has stopped');
  await notice.getByTestId('use-here').waitFor();
});

it('a host that ends before it has served the first script of its page is told of by the page itself', async () => {
  const anna = await open();
  const other = await startHost({ dataDir: `${anna.folder}/other`, downloadDir: anna.downloadDir });
  const page = await anna.page.context().newPage();
  const ended = once(other.process, 'exit');
  await page.route(/\/assets\//, async (route) => {
    other.process.kill('SIGKILL');
    await ended;
    await route.abort();
  });
  await page.goto(other.url);
  const notice = page.getByTestId('host-gone');
  expect(await notice.innerText()).toContain('Tincan has stopped');
  await notice.getByTestId('use-here').waitFor();
});

it('a browser that cannot hand channels to a Worker says so, and leaves the host to another one', async () => {
  const old = await startInstance({
    name: 'old',
    preparePage: (page) =>
      page.addInitScript(() => {
        RTCPeerConnection.prototype.createDataChannel = () => {
          throw new Error('not in this browser');
        };
      }),
  });
  running = [old];
  await old.at('host-unsupported').waitFor();
  const other = await old.page.context().browser()!.newPage();
  await other.goto(old.url);
  await other.locator('[data-testid="session"][data-state="pairing"]').waitFor();
  await other.close();
});
