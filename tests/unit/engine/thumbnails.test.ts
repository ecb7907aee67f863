// Small pictures of what is offered: who gets them, how many, and what a peer may do with them.

import { describe, expect, it } from 'vitest';
import { thumbnailFilesMax, thumbnailMaxChars, thumbnailsMax } from '../../../shared/wire/limits.ts';
import { linkTwo } from './engine-pair.ts';
import { entries, hello, id, linkPeer, manifest, offer, offeredBy, refused, sendTo, settle } from './scripted-peer.ts';

const image = 'UklGRg==';
const knows = { ...hello, features: ['thumbnails'] };
const picture = (name: string) => ({ path: [name], bytes: new Uint8Array(10) });
const thumbnail = { type: 'thumbnail', transfer: id, index: 0, image };
const folderOf = (files: number) => ({
  offer: { ...offer, totals: { files, folders: 0, bytes: files * 3000 } },
  manifest: { ...manifest, entries: Array.from({ length: files }, (_, at) => ({ ...entries[0], path: [`${at}`] })) },
});

describe('small pictures of an offer', () => {
  it('come to both screens, of pictures and videos only, and one that cannot be drawn is left out', async () => {
    const { a, b } = linkTwo(1);
    b.autoAccept = undefined;
    a.disk.files = ['a.jpg', 'b.txt', 'broken.PNG', 'c.webp', 'film.MOV'].map(picture);
    const drawn: number[] = [];
    a.disk.thumbnail = async (index) => {
      drawn.push(index);
      if (index === 2) throw new Error('no picture');
      return `${image}${index}`;
    };
    a.engine.command({ do: 'send-items', items: ['x'] });
    await b.until(() => b.of('thumbnail').length === 3);
    for (const side of [a, b]) {
      expect(side.of('thumbnail').map(({ index, image: sent }) => [index, sent])).toEqual([
        [0, `${image}0`],
        [3, `${image}3`],
        [4, `${image}4`],
      ]);
    }
    expect(drawn).toEqual([0, 2, 3, 4]);
    expect(a.of('violation').concat(b.of('violation'))).toEqual([]);
  });

  it('are bounded in number, and none of a long list', async () => {
    const { a, b } = linkTwo(1);
    b.autoAccept = undefined;
    a.disk.thumbnail = async () => image;
    a.disk.files = Array.from({ length: thumbnailsMax + 6 }, (_, at) => picture(`${at}.jpg`));
    a.engine.command({ do: 'send-items', items: ['x'] });
    await b.until(() => b.of('thumbnail').length === thumbnailsMax);
    await settle();
    expect(b.of('thumbnail')).toHaveLength(thumbnailsMax);
    a.disk.files = Array.from({ length: thumbnailFilesMax + 1 }, (_, at) => picture(`${at}.jpg`));
    a.engine.command({ do: 'send-items', items: ['y'] });
    await b.until(() => b.of('offer').length === 2);
    await settle();
    expect(b.of('thumbnail')).toHaveLength(thumbnailsMax);
    expect(b.of('violation')).toEqual([]);
  });

  it('go to no peer that does not know them, and never before its answer to the digits', async () => {
    const peer = linkPeer(true);
    peer.side.disk.thumbnail = async () => image;
    await offeredBy(peer, [picture('a.jpg')]);
    await settle();
    expect(peer.messages.filter(({ type }) => type === 'thumbnail')).toEqual([]);

    const other = linkPeer(false);
    other.side.disk.thumbnail = async () => image;
    other.side.disk.files = [picture('a.jpg')];
    sendTo(other, knows);
    other.side.engine.command({ do: 'send-items', items: ['x'] });
    await settle();
    expect(other.messages.filter(({ type }) => type !== 'ping')).toEqual([]);
    other.side.engine.command({ do: 'authorize', peerName: 'x', checked: false });
    other.side.engine.command({ do: 'send-items', items: ['x'] });
    await other.side.until(() => other.side.of('thumbnail').length === 1);
    peer.side.engine.close();
    other.side.engine.close();
  });

  it('hold up neither an answer nor the bytes', async () => {
    const { a, b } = linkTwo(1);
    a.disk.files = [picture('a.jpg')];
    a.disk.thumbnail = () => new Promise(() => undefined);
    a.engine.command({ do: 'send-items', items: ['x'] });
    await Promise.all([a.reached('done'), b.reached('done')]);
  });
});

describe('a peer', () => {
  const open = (...messages: readonly unknown[]) => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, knows, ...messages);
    return peer;
  };

  it('may send one of each file of its offer', async () => {
    const list = folderOf(2);
    const peer = open(list.offer, list.manifest, thumbnail, { ...thumbnail, index: 1 });
    await peer.side.until(() => peer.side.of('thumbnail').length === 2);
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  const many = Array.from({ length: thumbnailsMax + 1 }, (_, index) => ({ ...thumbnail, index }));
  const long = folderOf(thumbnailFilesMax + 1);
  const some = folderOf(thumbnailsMax + 1);
  it.each([
    ['of no file', [offer, manifest, { ...thumbnail, index: 1 }]],
    ['of one file twice', [offer, manifest, thumbnail, thumbnail]],
    ['of no offer', [thumbnail]],
    ['of too many files', [some.offer, some.manifest, ...many]],
    ['of a long list', [long.offer, long.manifest, thumbnail]],
    ['that is too large', [offer, manifest, { ...thumbnail, image: 'A'.repeat(thumbnailMaxChars + 1) }]],
    ['that is empty', [offer, manifest, { ...thumbnail, image: '' }]],
    ['with something beside it', [offer, manifest, { ...thumbnail, more: 1 }]],
  ])('that sends a picture %s has ended the link', async (_what, messages) => {
    await refused(open(...messages));
  });

  it('that sends one after its offer was declined is late, not wrong', async () => {
    const peer = open(offer, manifest);
    await peer.side.until(() => peer.side.of('offer').length === 1);
    peer.side.engine.command({ do: 'decline', transfer: id });
    sendTo(peer, thumbnail);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    expect(peer.side.of('thumbnail')).toEqual([]);
    peer.side.engine.close();
  });
});
