import { expect, test } from 'vitest';
import { conventionalKey, hasConvention, unconventional } from './naming';

test.each([
  ['camelCase', 'newCheckoutPage'],
  ['upperCamelCase', 'NewCheckoutPage'],
  ['snakeCase', 'new_checkout_page'],
  ['kebabCase', 'new-checkout-page'],
  ['constantCase', 'NEW_CHECKOUT_PAGE'],
  ['none', 'new-checkout-page'],
])('a name becomes a key in %s, and fits', (style, key) => {
  const convention = { case: style, prefix: 'shop.' };
  expect(conventionalKey(convention, 'New checkout page')).toBe(`shop.${key}`);
  expect(unconventional(convention, `shop.${key}`)).toBeUndefined();
});

test('what does not fit is told apart', () => {
  expect(unconventional({ case: 'kebabCase', prefix: 'shop.' }, 'newCheckout')).toBe('prefix');
  expect(unconventional({ case: 'kebabCase', prefix: 'shop.' }, 'shop.newCheckout')).toBe('case');
  expect(unconventional(undefined, 'Any.thing_at-all')).toBeUndefined();
});

test('no name makes no key, and none is no convention', () => {
  expect(conventionalKey({ case: 'kebabCase', prefix: 'shop.' }, ' ! ')).toBe('');
  expect(hasConvention({ case: 'none', prefix: '' })).toBe(false);
  expect(hasConvention({ prefix: 'a-' })).toBe(true);
});
