// Who asks a simulated disk: one program on one computer, until it dies.

import type { FileFacts } from '../../host/disk/disk.ts';
import type { World } from '../world.ts';
import type { DiskCalls } from './disk-calls.ts';
import type { FileSystem } from './file-system.ts';
import type { Inode } from './inode.ts';

export type DiskUser = {
  readonly world: World;
  readonly files: FileSystem;
  readonly calls: DiskCalls;
  readonly isAlive: () => boolean;
  readonly locks: Map<string, () => boolean>;
};

export function factsOf(inode: Inode): FileFacts {
  const { kind, size, mode, links, ino, mtimeNs, ctimeNs, device } = inode;
  return { kind, size, mode, uid: 1000, links, dev: device.id, ino, mtimeNs, ctimeNs };
}
