/** What the window has room for. */

export class Room {
  current = $state(false);

  constructor(query: string) {
    const asked = matchMedia(query);
    this.current = asked.matches;
    asked.addEventListener('change', () => (this.current = asked.matches));
  }
}

/** Room for the list beside the conversation. */
export const wide = new Room('(min-width: 60rem)');
