/** The site's policy lets nothing become a script but what a rule lets through: one for the workers of our own build. */

type Policy = { createScriptURL(url: string): string };
type Factory = { createPolicy(name: string, rules: Policy): Policy };

/** `name` is one of those that the site's policy knows; made when it is first used, as it may be made once only. */
export function scriptPolicy(name: string, allows: (url: string) => boolean): (url: string) => string {
  let policy: Policy | undefined;
  return (url) => {
    const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
    if (factory === undefined) return url;
    policy ??= factory.createPolicy(name, {
      createScriptURL(wanted) {
        if (!allows(wanted)) throw new TypeError('not a script of this page');
        return wanted;
      },
    });
    return policy.createScriptURL(url);
  };
}

/** Of an address as `?worker&url` gives it. */
export const scriptUrl = scriptPolicy('thinkwell-worker', (url) => /^\/(?:assets|src)\/[\w./?&=-]+$/.test(url) && !url.includes('..'));
