import table from '../../../../contract/actions.tsv?raw';

/** A type of resource with the actions there are on it: the API's own table. */
export interface ResourceType {
  specifier: string;
  actions: string[];
}

export const RESOURCE_TYPES: ResourceType[] = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [specifier = '', ...actions] = line.split('\t');
    return { specifier, actions: actions.join(' ').split(' ').filter(Boolean) };
  });

const kinds = (specifier: string) =>
  specifier
    .split(':')
    .map((step) => step.split('/')[0])
    .join(':');

/** Actions on what these resources name; all there are where none is of a type that is known. */
export function actionsOn(resources: string[]): string[] {
  const wanted = new Set(resources.map(kinds));
  const fitting = RESOURCE_TYPES.filter(({ specifier }) => wanted.has(kinds(specifier)));
  const types = fitting.length > 0 ? fitting : RESOURCE_TYPES;
  return [...new Set(types.flatMap(({ actions }) => actions))].sort();
}

/** Whether a specifier is of a type there is; patterns are. */
export function isKnown(specifier: string): boolean {
  if (specifier === '*') return true;
  return RESOURCE_TYPES.some((type) => kinds(type.specifier) === kinds(specifier));
}
