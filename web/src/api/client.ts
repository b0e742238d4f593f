import createClient from 'openapi-fetch';
import { ApiError } from './errors';
import { BASED_ON, note, toldBy } from './sequence';
import type { components, paths } from './schema';

/** The API as this server describes it. Sessions are by cookie. */
export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

/** Told when the server says that nobody is signed in any more. */
export const SIGNED_OUT = 'wigwag:signed-out';

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What an operation answers, or an `ApiError`. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === 'AbortError') throw problem;
    throw new ApiError(0, 'unreachable', '');
  }
  if (answer.response.ok) return note(answer.data as T, toldBy(answer.response));
  const { status, url } = answer.response;
  const own = new URL(url).pathname === '/internal/session';
  if (status === 401 && !own) window.dispatchEvent(new Event(SIGNED_OUT));
  throw ApiError.of(status, answer.error);
}

interface SendOptions {
  signal?: AbortSignal;
  /** The operation is one of those that are in beta. */
  beta?: boolean;
  /** As of which change it is known what is changed. */
  basedOn?: number;
}

/** For bodies that the document does not describe, such as patches. */
export async function send<T>(
  method: string,
  path: string,
  body?: unknown,
  semantic = false,
  { signal, beta = false, basedOn }: SendOptions = {},
): Promise<T> {
  const type = semantic ? 'application/json; domain-model=launchdarkly.semanticpatch' : 'application/json';
  const headers = {
    ...(body === undefined ? {} : { 'Content-Type': type }),
    ...(beta ? { 'LD-API-Version': 'beta' } : {}),
    ...(basedOn === undefined ? {} : { [BASED_ON]: String(basedOn) }),
  };
  const sent = fetch(path, {
    method,
    credentials: 'same-origin',
    signal,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return ask<T>(
    sent.then(async (response) => {
      const text = await response.text();
      const json: unknown = text === '' ? undefined : readJson(text);
      return response.ok ? { data: json as T, response } : { error: json ?? text, response };
    }),
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export type Schemas = components['schemas'];
