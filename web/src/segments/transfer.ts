import { send } from '~/api/client';
import { ApiError } from '~/api/errors';
import type { ImportMode } from './keysFile';

/** Sends a file of keys; answers where the import can be watched. `told` hears how much is sent, from 0 to 1. */
export function uploadKeys(
  path: string,
  file: File,
  mode: ImportMode,
  told: (share: number) => void,
): Promise<string> {
  const form = new FormData();
  // The file is read as it comes: what it is for comes first.
  form.set('mode', mode);
  form.set('file', file);
  return new Promise((done, failed) => {
    // `fetch` cannot tell how much of a body is sent.
    const request = new XMLHttpRequest();
    request.open('POST', `${path}/imports`);
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onerror = () => failed(new ApiError(0, 'unreachable', ''));
    request.onload = () => {
      if (request.status < 300) return done(request.getResponseHeader('Location') ?? '');
      return failed(ApiError.of(request.status, readJson(request.responseText)));
    };
    request.send(form);
  });
}

/** All included members. It is an export, and stands in the history as one. */
export async function exportKeys(path: string): Promise<string> {
  const made = await fetch(`${path}/exports`, { method: 'POST', credentials: 'same-origin' });
  const at = made.headers.get('Location');
  if (!made.ok || !at) throw ApiError.of(made.status, readJson(await made.text()));
  const file = await fetch(`${at}/file`, { credentials: 'same-origin' });
  const text = await file.text();
  if (!file.ok) throw ApiError.of(file.status, readJson(text));
  return text;
}

export interface KeyChanges {
  add: string[];
  remove: string[];
}

/** Puts single keys in and takes them out. */
export function changeMembers(path: string, included: KeyChanges): Promise<unknown> {
  return send('POST', `${path}/contexts`, { included });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
