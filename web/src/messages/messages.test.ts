import { expect, test } from 'vitest';
import german from './de.json';
import english from './en.json';

const en: Record<string, string> = english;
const de: Record<string, string> = german;

/** Texts that are the same in both languages. */
const SAME = new Set([
  '<',
  '>',
  'Admin',
  'Browser',
  'CLI',
  'Client',
  'Code',
  'Flag',
  'Filter',
  'Flags',
  'Integration',
  'JSON',
  'Links',
  'Migration',
  'Mobile SDKs',
  'Name',
  'Operator',
  'Patch',
  'Port',
  'SDK',
  'SDKs',
  'Segment',
  'Status',
  'Tag',
  'Tags',
  'Team',
  'Teams',
  'Token',
  'Variation',
  'Version',
  'Version {version}',
  'Webhook',
  'Webhooks',
  'in {environment}',
  'live',
  'mobile SDKs',
  '{after, number} ms',
  '{flag} in {environment}',
  '{inner} in {outer}',
  '≤',
  '≥',
]);

/** The values that a text takes. */
const takes = (text = '') =>
  [...new Set([...text.matchAll(/\{(\w+)(?=[},])/g)].map(([, name]) => name))].sort().join();

test('every text has a German one, and no other has', () => {
  expect(Object.keys(en).filter((id) => !(id in de))).toEqual([]);
  expect(Object.keys(de).filter((id) => !(id in en))).toEqual([]);
});

test('German is not English left as it was', () => {
  expect(Object.keys(de).filter((id) => de[id] === en[id] && !SAME.has(id))).toEqual([]);
});

test('both take the same values', () => {
  expect(Object.keys(de).filter((id) => takes(en[id]) !== takes(de[id]))).toEqual([]);
});
