// What a command line, a second launch or "open with" may ask for: options of ours, files to stage, one `tincan:` link.
// Unknown switches are never acted on; a link only ever fills the field. Dangerous engine switches end a packaged start.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from '../host/command-line.ts';
import { z } from '../shared/model/schema.ts';
import { pathsMax } from '../shared/wire/limits.ts';

/** Longest link taken, in characters; a code is a fortieth of it. */
const linkMaxChars = 8192;

export type LaunchRequest = {
  readonly dataDir?: string;
  readonly downloadDir?: string;
  readonly paths: readonly string[];
  readonly link?: string;
};

export type AppPlace = { readonly isPackaged: boolean; readonly appPath: string };

/**
 * What a person typed after the program's name. Unpackaged, that name is Electron's, and switches for Electron and the app's
 * own folder come before it.
 */
export function ownArguments(
  argv: readonly string[],
  cwd: string,
  { isPackaged, appPath }: AppPlace,
): readonly string[] {
  if (isPackaged) return argv.slice(1);
  const app = argv.findIndex((arg, at) => at > 0 && !arg.startsWith('-') && path.resolve(cwd, arg) === appPath);
  return argv.slice(Math.max(app, 1) + 1);
}

const launchSchema = z.strictObject({ args: z.array(z.string()).max(pathsMax + 100), cwd: z.string().max(32_768) });
export type Launch = z.infer<typeof launchSchema>;

/** What a second launch hands over. Its argv is of no use: Chromium moves the switches to its front and adds its own. */
export function readLaunch(data: unknown): LaunchRequest | undefined {
  const { data: launch } = launchSchema.safeParse(data);
  return launch && readArguments(launch.args, launch.cwd);
}

/** Of `ownArguments`. */
export function readArguments(args: readonly string[], cwd: string): LaunchRequest {
  const { dataDir, downloadDir, rest } = readCommandLine(args, cwd, { foreign: true });
  const paths = rest.flatMap(({ text, isName }) => {
    if (text === '' || text.includes('\0')) return [];
    if (isName) return [path.resolve(cwd, text)];
    if (text === '-' || isLink(text)) return [];
    return isFileUrl(text) ? readFileUrl(text) : [path.resolve(cwd, text)];
  });
  const link = args.includes('--') ? undefined : readLink(args.at(-1) ?? '');
  return {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(downloadDir === undefined ? {} : { downloadDir }),
    paths: paths.slice(0, pathsMax),
    ...(link === undefined ? {} : { link }),
  };
}

/** For a start that `readArguments` reads: the paths are whole, so none looks like a switch, and a link counts only at the end. */
export function writeArguments({
  dataDir,
  downloadDir,
  paths,
  link,
}: Omit<LaunchRequest, 'link'> & { readonly link: string | undefined }): string[] {
  return [
    ...(dataDir === undefined ? [] : [`--data-dir=${dataDir}`]),
    ...(downloadDir === undefined ? [] : [`--download-dir=${downloadDir}`]),
    ...paths,
    ...(link === undefined ? [] : [link]),
  ];
}

/** A link is the exact scheme, one bounded run of plain characters, and nothing that a shell or a switch could mean. */
export function readLink(text: string): string | undefined {
  if (text.length > linkMaxChars || !isLink(text)) return undefined;
  const body = text.slice('tincan:'.length);
  return /^[A-Za-z0-9-]+$/.test(body) ? `TINCAN:${body}` : undefined;
}

/** Linux desktops name local files so. An address with a host would be a share of some server; nobody is asked for one. */
function readFileUrl(address: string): readonly string[] {
  try {
    const file = fileURLToPath(address);
    const isLocal = new URL(address).host === '' && !/^[\\/]{2}/.test(file);
    return isLocal && file !== path.sep && !file.includes('\0') ? [file] : [];
  } catch {
    return []; // Not an address of a file: a slash or a backslash hides in one of its names.
  }
}

function isFileUrl(text: string): boolean {
  return /^file:\/\//i.test(text);
}

function isLink(text: string): boolean {
  return /^tincan:/i.test(text);
}

const dangerous = new Set([
  'remote-debugging-port',
  'remote-debugging-pipe',
  'remote-debugging-address',
  'remote-allow-origins',
  'inspect',
  'inspect-brk',
  'inspect-port',
  'inspect-wait',
  'no-sandbox',
  'disable-setuid-sandbox',
  'disable-gpu-sandbox',
  'disable-web-security',
  'disable-site-isolation-trials',
  'allow-running-insecure-content',
  'ignore-certificate-errors',
  'use-fake-ui-for-media-stream',
  'load-extension',
  'js-flags',
  'host-resolver-rules',
  'host-rules',
  'proxy-server',
  'proxy-pac-url',
  'renderer-cmd-prefix',
  'gpu-launcher',
  'utility-cmd-prefix',
  'log-net-log',
  'user-data-dir',
  'single-process',
  'no-zygote',
  'ssl-key-log-file',
  'enable-blink-features',
  'disable-extensions-except',
  'unsafely-treat-insecure-origin-as-secure',
  'auto-accept-camera-and-microphone-capture',
  // Debuggers by other names, and recordings of what the page holds.
  'remote-debugging-io-pipes',
  'remote-debugging-targets',
  'custom-devtools-frontend',
  'auto-open-devtools-for-tabs',
  'enable-automation',
  'inspect-publish-uid',
  'net-log-capture-mode',
  'log-file',
  'trace-startup',
  'trace-startup-file',
  'trace-config-file',
  'enable-tracing',
  'enable-tracing-output',
  'webrtc-event-logging',
  // Weaker sandboxes and shared processes.
  'no-sandbox-and-elevated',
  'allow-sandbox-debugging',
  'allow-third-party-modules',
  'disable-namespace-sandbox',
  'disable-seccomp-filter-sandbox',
  'disable-win32k-lockdown',
  'disable-site-isolation-for-policy',
  'in-process-gpu',
  'process-per-tab',
  'ppapi-plugin-launcher',
  'zygote-cmd-prefix',
  'browser-subprocess-path',
  // The page's own rules: schemes are what Electron hands to its renderers (shell/common/options_switches.h).
  'bypasscsp-schemes',
  'cors-schemes',
  'fetch-schemes',
  'secure-schemes',
  'service-worker-schemes',
  'standard-schemes',
  'streaming-schemes',
  'code-cache-schemes',
  'app-path',
  'widevine-cdm-path',
  'disable-blink-features',
  'enable-experimental-web-platform-features',
  'allow-file-access-from-files',
  'allow-insecure-localhost',
  'disable-popup-blocking',
  'ignore-certificate-errors-spki-list',
  'load-media-router-component-extension',
  'use-fake-device-for-media-stream',
  'use-file-for-fake-video-capture',
  'use-file-for-fake-audio-capture',
  'disable-webrtc-encryption',
  'force-fieldtrials',
  'proxy-bypass-list',
  'auth-server-whitelist',
  'auth-negotiate-delegate-whitelist',
]);

/**
 * The switches on a command line that would undo the sandbox or open a debugger. Chromium is blind to case on Windows, and to blanks
 * around an argument everywhere (AppendSwitchesAndArguments in base/command_line.cc).
 */
export function dangerousSwitches(args: readonly string[]): string[] {
  return args
    .map((arg) => /^[\s\x85]*(?:--?|\/)([a-z-]+)[\s\x85]*(?:[=:]|$)/i.exec(arg)?.[1]?.toLowerCase())
    .filter((name): name is string => name !== undefined && dangerous.has(name));
}
