/** Which panel of the conversation is open over the page. */
class Panels {
  tree = $state(false);
}

export const panels = new Panels();
