// The only place that makes an address a Worker may be started from. The content security policy requires Trusted Types
// and knows this policy alone: any other text that would become markup or code is refused by the browser.

type ScriptPolicy = {
  /** A TrustedScriptURL, which TypeScript's DOM does not know yet; Workers take it where they take a URL. */
  createScriptURL(address: string): URL;
};
type PolicyFactory = {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): ScriptPolicy;
};

// Made as the page loads: the policy's name can be taken once, and nothing else shall take it.
const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory };
const policy = trustedTypes?.createPolicy('tincan', { createScriptURL: requireOwnOrigin });

/** `address` of a Worker that was built with the page. Throws for any other place. */
export function trustedScript(address: string): URL | string {
  return policy?.createScriptURL(address) ?? requireOwnOrigin(address);
}

/** `URL.origin` is the word "null" for schemes of one's own, so the parts are compared. */
function requireOwnOrigin(address: string): string {
  const { protocol, host, href } = new URL(address, location.href);
  if (protocol !== location.protocol || host !== location.host) throw new TypeError('a script from elsewhere');
  return href;
}
