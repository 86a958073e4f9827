/** What a screen reader is told: changes of state, never the tokens. */
class Announcer {
  said = $state('');

  say(text: string): void {
    // The same words twice are spoken twice only if the text differs.
    this.said = text === this.said ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
