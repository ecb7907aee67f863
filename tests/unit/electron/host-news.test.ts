// Which pages hear of the host process: those that it served.

import { expect, it } from 'vitest';
import { openHostNews } from '../../../electron/host-news.ts';

function open() {
  const told: unknown[] = [];
  const contents = {
    isDisposed: false,
    postMessage(_channel: string, news: unknown) {
      if (contents.isDisposed) throw new Error('Render frame was disposed before WebFrameMain could be accessed');
      told.push(news);
    },
  };
  return { told, contents, news: openHostNews(() => contents as never) };
}

it('a page that was served hears of the death, and that it may load itself again', () => {
  const { told, news } = open();
  news.opened();
  news.connected();
  news.died();
  news.opened();
  expect(told).toEqual(['died', 'opened']);
});

it('a page that asked for ports after the death is not told to load itself once more', () => {
  const { told, news } = open();
  news.connected();
  news.died();
  news.connected();
  news.opened();
  expect(told).toEqual(['died']);
});

it('a page that never asked hears nothing', () => {
  const { told, news } = open();
  news.died();
  news.opened();
  expect(told).toEqual([]);
});

it('a page whose frame is gone stops nobody', () => {
  const { told, contents, news } = open();
  news.connected();
  contents.isDisposed = true;
  news.died();
  news.givenUp();
  contents.isDisposed = false;
  news.opened();
  expect(told).toEqual(['opened']);
});

it('a page that asks for ports after the host was given up is told so, and when there is one again', () => {
  const { told, news } = open();
  news.connected();
  news.died();
  news.givenUp();
  news.connected();
  news.opened();
  news.connected();
  news.opened();
  expect(told).toEqual(['died', 'given-up', 'given-up', 'opened']);
});
