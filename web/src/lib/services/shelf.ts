/** The list of conversations over HTTP: what is done with one of it, folders, search. */
import { json, request, tellGone } from './api';
import { tellTabs } from './others';
import type { Folder, Found, Page, Shelf, Summary } from './wire';

const at = encodeURIComponent;
const pathOf = (id: string): string => `/api/conversations/${at(id)}`;

/** All, wherever they are, newest first. */
export const newest = (): Promise<Page> => json('GET', '/api/conversations');

export type Change = { title?: string; pinned?: boolean; folder_id?: string | null };

export const shelf = (): Promise<Shelf> => json('GET', '/api/shelf');

/** Those in no folder and not pinned (`folder` null), or of a folder. */
export function older(folder: string | null, before: string | null): Promise<Page> {
  const from = before === null ? '' : `&before=${at(before)}`;
  return json('GET', `/api/conversations?${folder === null ? 'loose=true' : `folder=${at(folder)}`}${from}`);
}

/** Other tabs are told once it is done. */
async function told<T>(id: string, action: Promise<T>): Promise<T> {
  const done = await action;
  tellTabs(id);
  return done;
}

export const change = (id: string, fields: Change): Promise<Summary> => told(id, json('PATCH', pathOf(id), fields));

/** For how many seconds it can be brought back. */
export async function remove(id: string): Promise<{ restore_s: number }> {
  const removed = await told(id, json<{ restore_s: number }>('DELETE', pathOf(id)));
  tellGone(pathOf(id));
  return removed;
}

export const restore = (id: string): Promise<Summary> => told(id, json('POST', `${pathOf(id)}/restore`));

export const makeFolder = (name: string): Promise<Folder> => told('folder', json('POST', '/api/folders', { name }));

export const renameFolder = (id: string, name: string): Promise<Folder> => told(id, json('PATCH', `/api/folders/${at(id)}`, { name }));

export async function removeFolder(id: string): Promise<void> {
  await told(id, request('DELETE', `/api/folders/${at(id)}`));
}

export const search = (query: string, thoughts: boolean, before: string | null): Promise<Found> =>
  json('POST', '/api/search', { query, thoughts, before });
