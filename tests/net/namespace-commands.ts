// Commands about and inside of network namespaces.

import { execFileSync } from 'node:child_process';

export function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

export function inside(namespace: string, ...command: readonly string[]): string {
  return execFileSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });
}

export function nft(namespace: string, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input: rules });
}
