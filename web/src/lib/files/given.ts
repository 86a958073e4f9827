/**
 * What was dropped, pasted or chosen, taken out of the browser's hands at once: it is gone after the event.
 * Pure, and small, as it comes with the page; all else about files comes when there are some.
 */
export type Given = { files: File[]; count: number; folders: string[] };

// More are not looked at, however many there are.
const MOST = 101;

export function given(list: FileList | null | undefined, items?: DataTransferItemList): Given {
  const count = list?.length ?? 0;
  const files: File[] = [];
  const folders: string[] = [];
  for (let at = 0; at < Math.min(count, MOST); at += 1) {
    const file = list?.[at];
    if (file !== undefined) files.push(file);
  }
  for (let at = 0; at < Math.min(items?.length ?? 0, MOST); at += 1) {
    const entry = items?.[at]?.kind === 'file' ? items[at]?.webkitGetAsEntry() : null;
    if (entry?.isDirectory) folders.push(entry.name);
  }
  return { files: files.filter(({ name }) => !folders.includes(name)), count, folders };
}

export const hasFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes('Files') ?? false;
