/**
 * What a finished formula or piece of code was made from. Such an element may be shown richer than it was
 * built (lib/rich): as long as its source is the same, nothing inside it is touched again.
 */
export type Seal =
  | { readonly kind: 'maths'; readonly source: string; readonly tex: string; readonly display: boolean }
  | { readonly kind: 'code'; readonly source: string; readonly language: string };

const seals = new WeakMap<Node, Seal>();

export function seal<Made extends Element>(element: Made, made: Seal): Made {
  seals.set(element, made);
  return element;
}

export const sealOf = (node: Node): Seal | undefined => seals.get(node);

export function sameSeal(a: Node, b: Node): boolean {
  const [one, other] = [seals.get(a), seals.get(b)];
  if (one === undefined || other === undefined || one.source !== other.source) return false;
  if (one.kind === 'code') return other.kind === 'code' && one.language === other.language;
  return other.kind === 'maths' && one.display === other.display;
}
