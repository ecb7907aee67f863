// The host's disk as the engine's ports: every verb is one call over the bridge, and buffers are handed over, not copied. Files
// that the page itself holds stand beside it, for as long as the page lives.

import type { Disk, Sink, Source, SourceFrom } from '../../engine/ports.ts';
import type { EngineCalls, EngineEvents } from '../../shared/ipc/contract.ts';
import type { RpcClient } from '../../shared/ipc/rpc.ts';
import { Fault } from '../../shared/model/fault.ts';
import { blockBytes, manifestMaxEntries, thumbnailSourceMaxBytes } from '../../shared/wire/limits.ts';
import { sendInGroups } from './direct-groups.ts';
import { openPageFiles } from './page-files.ts';
import type { DrawThumbnail, SendBytes } from './page-source.ts';

export type HostClient = RpcClient<EngineCalls, EngineEvents>;

/** `draw`: where there is a browser to draw small pictures of what is sent. */
export function openHostDisk(host: HostClient, draw?: DrawThumbnail): Disk {
  const sendBytes: SendBytes = async (attempt, block, { bytes, hash }) => {
    const { isSent } = await host.call('direct.sendBytes', { attempt, block, bytes, hash }, [bytes.buffer]);
    return isSent;
  };
  const page = openPageFiles({ sendBytes, draw });
  return {
    source: (transfer, from) =>
      from.is === 'files'
        ? page.hold(transfer, from)
        : (page.held(transfer) ?? openHostSource({ host, transfer, draw }, from)),
    sink: (transfer) => openHostSink(host, transfer),
    claims: async () => [...page.claims(), ...(await host.call('unfinished.claims', {}))],
    addHistory: (item) => host.call('history.add', item),
  };
}

type HostSourceParts = {
  readonly host: HostClient;
  readonly transfer: string;
  readonly draw: DrawThumbnail | undefined;
};

function openHostSource({ host, transfer, draw }: HostSourceParts, from: Exclude<SourceFrom, { is: 'files' }>): Source {
  return {
    open(peerName) {
      if (from.is === 'kept') return Promise.reject(new Fault('internal', 'a kept transfer is reopened, not opened'));
      if (from.items.length > manifestMaxEntries)
        return Promise.reject(new Fault('manifest-too-large', 'too many files at once'));
      return host.call('send.open', { transfer, secret: from.secret, items: [...from.items], peerName });
    },
    reopen: () => host.call('send.reopen', { transfer }),
    manifest: (at) => host.call('send.manifest', { transfer, from: at }),
    select: (selection) =>
      host.call('send.select', { transfer, selection: selection === 'all' ? 'all' : [...selection] }),
    sendDirect: sendInGroups((attempt, blocks) => host.call('direct.send', { transfer, attempt, blocks })),
    read: (block) => host.call('send.read', { transfer, block }),
    ...(draw === undefined ? {} : { thumbnail: async (index: number) => draw(await pictureOf(host, transfer, index)) }),
    digests: (indexes) => host.call('send.digests', { transfer, indexes: [...indexes] }),
    knownHashes: async (at, count) => (await host.call('send.known', { transfer, from: at, count })).hashes,
    keepRoot: (root) => host.call('send.keepRoot', { transfer, root }),
    close: (keep) => host.call('send.close', { transfer, keep }),
  };
}

/** As far as the host hands it over: what is no whole picture is not drawn. */
async function pictureOf(host: HostClient, transfer: string, index: number): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from <= thumbnailSourceMaxBytes; ) {
    const piece = await host.call('send.picture', { transfer, index, from });
    if (piece === null) break;
    pieces.push(piece.bytes);
    from += piece.bytes.length;
    if (piece.bytes.length < blockBytes) break;
  }
  return new Blob(pieces);
}

function openHostSink(host: HostClient, transfer: string): Sink {
  return {
    begin: (input) => host.call('receive.begin', { transfer, ...input }),
    entries: (entries) => host.call('receive.entries', { transfer, entries: [...entries] }),
    plan: () => host.call('receive.plan', { transfer }),
    candidates: (from) => host.call('receive.candidates', { transfer, from }),
    compare: (digests) => host.call('receive.compare', { transfer, digests: [...digests] }),
    start: (leaveOut) => host.call('receive.start', { transfer, leaveOut: [...leaveOut] }),
    write: (block, parts, hash) =>
      host.call(
        'receive.write',
        { transfer, block, parts: [...parts], hash },
        parts.map(({ buffer }) => buffer),
      ),
    fault: (index, code) => host.call('receive.fault', { transfer, index, code }),
    commit: (root) => host.call('receive.commit', { transfer, root }),
    room: () => host.call('receive.room', { transfer }),
    reopen: () => host.call('receive.reopen', { transfer }),
    close: (keep) => host.call('receive.close', { transfer, keep }),
  };
}
