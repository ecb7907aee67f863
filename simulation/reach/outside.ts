// What of engine/, link/ and host/ the simulation does not run, and why. The rest is counted line by line.

const outside: readonly (readonly [begins: string, why: string])[] = [
  ['host/direct/', 'TLS over sockets; tests/unit/direct and tests/e2e/direct-lane.test.ts have real ones'],
  ['host/lan/', 'sockets of the local network'],
  ['host/router/', 'asks a router over sockets; only router.ts holds what the settings switch off'],
  ['host/disk/real-disk.ts', 'the port that the simulated disk takes the place of'],
  ['host/disk/failing-disk.ts', 'the port again, for other tests'],
  ['host/disk/disk-threads.ts', 'real threads; their work runs in place'],
  ['host/disk/file-lock.ts', 'a socket that only one process can have'],
  ['host/open-disk.ts', 'puts the real disk together'],
  ['host/system-clock.ts', 'the real clock'],
  ['host/watch-machine.ts', 'asks the operating system for addresses and sleep'],
  ['host/command-line.ts', 'the arguments of a process'],
  ['host/page-headers.ts', 'what the servers of the page say of it'],
  ['host/open-received.ts', 'opens files with other programs'],
  ['engine/lanes/direct-lane.ts', 'blocks that the hosts carry over sockets'],
  ['engine/lanes/direct-sender.ts', 'the same'],
  ['link/network-check.ts', 'asks STUN servers, which are not simulated'],
  ['link/network-kind.ts', 'the same'],
  ['link/server-test.ts', 'the same'],
];

export function outsideBecause(file: string): string | undefined {
  return outside.find(([begins]) => file.startsWith(begins))?.[1];
}

export function outsideList(): readonly string[] {
  return outside.map(([begins, why]) => `${begins}: ${why}`);
}
