// Where a package looks for new versions. A package with such an address must be signed: without a certificate, whoever
// gets hold of the address could give people any program.

type Environment = Readonly<Record<string, string | undefined>>;

/** `TINCAN_FEED`: an https address. Without it a package never looks. */
export function feedOf(env: Environment, platform: NodeJS.Platform = process.platform): string | undefined {
  const feed = env.TINCAN_FEED;
  if (feed === undefined || feed === '') return undefined;
  if (!/^https:\/\/\S+$/.test(feed)) throw new Error('TINCAN_FEED is no https address');
  if (!isSigned(env, platform)) throw new Error(`TINCAN_FEED is set, and there is no certificate for ${platform}`);
  return feed;
}

/** The names are the packager's. Nothing signs Linux packages, so they never get an address. */
function isSigned(env: Environment, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return Boolean(env.WIN_CSC_LINK || env.CSC_LINK);
  return platform === 'darwin' && Boolean(env.CSC_LINK);
}
