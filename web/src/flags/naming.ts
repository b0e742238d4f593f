import type { Schemas } from '~/api/client';
import { keyOf } from '~/ui/keys';

type Convention = Schemas['NamingConvention'] | null | undefined;

const upper = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** How the words of a name become a key, by the name of the convention. */
const WRITTEN: Record<string, (words: string[]) => string> = {
  camelCase: ([first = '', ...rest]) => first + rest.map(upper).join(''),
  upperCamelCase: (words) => words.map(upper).join(''),
  snakeCase: (words) => words.join('_'),
  kebabCase: (words) => words.join('-'),
  constantCase: (words) => words.join('_').toUpperCase(),
};

const SHAPES: Record<string, RegExp> = {
  camelCase: /^[a-z][a-zA-Z0-9]*$/,
  upperCamelCase: /^[A-Z][a-zA-Z0-9]*$/,
  snakeCase: /^[a-z0-9]+(_[a-z0-9]+)*$/,
  kebabCase: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  constantCase: /^[A-Z0-9]+(_[A-Z0-9]+)*$/,
};

/** A key made of a name, as the project writes keys. */
export function conventionalKey(convention: Convention, name: string): string {
  const plain = keyOf(name);
  if (plain === '') return '';
  const write = WRITTEN[convention?.case ?? ''];
  return `${convention?.prefix ?? ''}${write ? write(plain.split(/[-._]+/)) : plain}`;
}

/** What a key lacks: the prefix of the project's keys, or their case. */
export function unconventional(convention: Convention, key: string): 'prefix' | 'case' | undefined {
  const prefix = convention?.prefix ?? '';
  if (!key.startsWith(prefix)) return 'prefix';
  const shape = SHAPES[convention?.case ?? ''];
  return shape && !shape.test(key.slice(prefix.length)) ? 'case' : undefined;
}

/** An example of the convention, to be shown. */
export function exampleKey(convention: Convention): string {
  return conventionalKey(convention, 'New checkout page');
}

export function hasConvention(convention: Convention): boolean {
  return Boolean(convention?.prefix) || (convention?.case ?? 'none') !== 'none';
}
