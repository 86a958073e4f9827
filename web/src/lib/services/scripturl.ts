/** The site's policy lets nothing become a script but what this rule lets through: the workers of our own build. */

type Policy = { createScriptURL(url: string): string };
type Factory = { createPolicy(name: string, rules: Policy): Policy };

let policy: Policy | undefined;

/** `url`: as `?worker&url` gives it. */
export function scriptUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (factory === undefined) return url;
  policy ??= factory.createPolicy('thinkwell-worker', {
    createScriptURL(wanted) {
      if (!/^\/(?:assets|src)\/[\w./?&=-]+$/.test(wanted) || wanted.includes('..')) throw new TypeError('not a script of this page');
      return wanted;
    },
  });
  return policy.createScriptURL(url);
}
