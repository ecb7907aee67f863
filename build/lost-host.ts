// Puts renderer/lost-host.ts into the page, as one script. The servers of the page name it in their policy (host/page-headers.ts).

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type Rolldown } from 'vite';
import { insidePage } from './inside-page.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

export function lostHost(): Plugin {
  return {
    name: 'lost-host',
    apply: 'build',
    transformIndexHtml: async () => [{ tag: 'script', children: await bundle(), injectTo: 'head' }],
  };
}

async function bundle(): Promise<string> {
  const { output } = (await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      write: false,
      target: ['chrome140', 'firefox153'],
      modulePreload: false,
      rolldownOptions: {
        input: path.join(root, 'renderer/lost-host.ts'),
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  const [script, ...others] = output;
  if (script.type !== 'chunk' || others.length > 0)
    throw new Error('the script of a lost host is not one script alone');
  return insidePage(script.code);
}
