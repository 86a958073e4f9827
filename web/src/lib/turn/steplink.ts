/** The address of a step of a thought, as it stands behind the `#`: `<message>.<step>`, counted from 1. Pure. */
export type StepLink = { message: string; step: number };

const FORM = /^([\w-]{1,64})\.([1-9]\d{0,6})$/;

export const hashOf = ({ message, step }: StepLink): string => `#${message}.${step + 1}`;

/** `hash` without its `#`; `step` is counted from 0. Null for what names no step. */
export function stepLinkOf(hash: string): StepLink | null {
  const found = FORM.exec(hash);
  return found === null ? null : { message: found[1] ?? '', step: Number(found[2]) - 1 };
}
