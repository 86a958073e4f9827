/** Text without halves of characters, which no site takes; as it is where the browser is too old to mend it. Pure. */
export const wellFormed = (text: string): string => (typeof text.toWellFormed === 'function' ? text.toWellFormed() : text);
