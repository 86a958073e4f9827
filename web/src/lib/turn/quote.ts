/** Text as a quotation in a question: `> ` before each line. Pure. */
export const quotationOf = (text: string): string => `${text.trim().replace(/^/gm, '> ').replace(/^> $/gm, '>')}\n\n`;

/** A draft with a quotation after what it says already. */
export function withQuotation(draft: string, quotation: string): string {
  const said = draft.trimEnd();
  return said === '' ? quotation : `${said}\n\n${quotation}`;
}
