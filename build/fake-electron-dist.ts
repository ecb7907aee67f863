// A folder with the file names of Electron's Linux download and no Electron in it: enough to pack on, so that what goes
// into a package can be inspected where the download cannot be had. The executable is a fuse wire and nothing else.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseWire = '101100011';

export function makeFakeElectronDist(folder: string): void {
  mkdirSync(path.join(folder, 'resources'), { recursive: true });
  mkdirSync(path.join(folder, 'locales'));
  const executable = Buffer.concat([
    Buffer.from(fuseSentinel),
    Buffer.from([1, fuseWire.length]),
    Buffer.from(fuseWire),
  ]);
  writeFileSync(path.join(folder, 'electron'), executable);
  chmodSync(path.join(folder, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'icudtl.dat', 'resources.pak', 'locales/en-US.pak'])
    writeFileSync(path.join(folder, name), name);
}
