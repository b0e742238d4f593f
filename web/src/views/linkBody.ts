import type { Schemas } from '~/api/client';
import type { Linkable } from './api';

/** What is chosen to be linked. */
export interface LinkValues {
  by: 'keys' | 'filter';
  /** The environment of segments. */
  env: string;
  keys: string[];
  filter: string;
}

/** The request that links it; none where nothing is chosen. */
export function linkBody(
  kind: Linkable,
  { by, keys, filter }: LinkValues,
  environmentId: string,
): Schemas['ViewLinkRequest'] | undefined {
  if (by === 'filter') {
    const text = filter.trim();
    if (text === '') return undefined;
    return kind === 'flags' ? { filter: text } : { filter: text, environmentId };
  }
  if (keys.length === 0) return undefined;
  return kind === 'flags'
    ? { keys }
    : { segmentIdentifiers: keys.map((segmentKey) => ({ environmentId, segmentKey })) };
}
