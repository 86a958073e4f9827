/** The part of a page that its address names: what stands behind the `#`. */
class Hash {
  value = $state(here());

  /** To be called when the address was changed by the page itself, which nothing else tells. */
  look(): void {
    this.value = here();
  }

  /** To be called while a page is shown that has parts; returns what ends it. */
  watch(): () => void {
    const moved = (): void => {
      this.value = here();
    };
    moved();
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }
}

function here(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ''; // a broken escape in the address
  }
}

export const hash = new Hash();
