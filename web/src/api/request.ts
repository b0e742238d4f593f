import type { PathsWithMethod, SuccessResponseJSON } from 'openapi-typescript-helpers';
import type { Call } from '~/ui/calls';
import { send, type Schemas } from './client';
import type { paths } from './schema';

type Method = 'post' | 'patch' | 'put' | 'delete';
type Parameters<O> = O extends { parameters: infer P } ? P : object;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type Named<O> = Parameters<O> extends { path: infer P } ? { path: P } : { path?: undefined };
type Query<O> = Parameters<O> extends { query?: infer Q } ? { query?: Q } : object;
type Version<O> = Parameters<O> extends { header: { 'LD-API-Version': 'beta' } } ? { beta: true } : object;
type Sent<O> = [Body<O>] extends [never] ? { body?: undefined } : { body: Body<O>; semantic?: boolean };
type Init<O> = Named<O> & Query<O> & Version<O> & Sent<O>;
type Answer<O> = O extends Record<string | number, unknown> ? SuccessResponseJSON<O> : unknown;

/** Asked of operations that the API calls beta. */
export const BETA = { 'LD-API-Version': 'beta' } as const;

/**
 * A change as a value: a dialog shows it as code and sends the same. What may be in it, and what is answered, is known
 * from the API's own description.
 */
export function request<M extends Method, P extends PathsWithMethod<paths, M>>(
  method: M,
  path: P,
  init: Init<paths[P][M]>,
): Call<Answer<paths[P][M]>> {
  const { path: named = {}, query = {}, body, semantic, beta } = init as Loose;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(named[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const asked = search.size > 0 ? `?${search.toString()}` : '';
  return { method: UPPER[method], path: filled + asked, body, semantic, beta };
}

/** What an `Init` is while the program runs. */
interface Loose {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  semantic?: boolean;
  beta?: true;
}

const UPPER = { post: 'POST', patch: 'PATCH', put: 'PUT', delete: 'DELETE' } as const;

/** Sends a change; `basedOn` is what its maker has seen, where it must not overwrite what came after. */
export function perform<T>({ method, path, body, semantic, beta }: Call<T>, basedOn?: number): Promise<T> {
  return send<T>(method, path, body, semantic, { beta, basedOn });
}

/** The members of `now` that differ, as a JSON patch. */
export function replaced<T extends object>(before: T | undefined, now: T): Schemas['PatchOperation'][] {
  return Object.entries(now)
    .filter(([name, value]) => !same(value, before?.[name as keyof T]))
    .map(([name, value]) => ({ op: 'replace', path: `/${name}`, value }));
}

function same(one: unknown, other: unknown): boolean {
  const empty = (value: unknown) => value === undefined || value === null || value === '';
  return (empty(one) && empty(other)) || JSON.stringify(one) === JSON.stringify(other);
}
