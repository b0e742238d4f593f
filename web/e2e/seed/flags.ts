/** Flags of a shop, as such a team might have them. */
export interface SeedFlag {
  key: string;
  name: string;
  description?: string;
  tags: string[];
  values?: [value: unknown, name?: string][];
  temporary?: boolean;
}

const simple: [key: string, name: string, tags: string[], description?: string][] = [
  [
    'new-checkout',
    'New checkout',
    ['checkout', 'web'],
    'One page instead of four steps. Owned by the payments team until 100 %.',
  ],
  ['express-pay', 'Express pay buttons', ['checkout', 'payments']],
  ['apple-pay', 'Apple Pay', ['payments', 'ios']],
  ['dark-mode', 'Dark mode', ['web', 'design']],
  ['product-reviews', 'Product reviews', ['catalogue']],
  ['review-photos', 'Photos in reviews', ['catalogue', 'media']],
  ['recommendations-v3', 'Recommendations v3', ['catalogue', 'machine-learning']],
  ['free-shipping-banner', 'Free shipping banner', ['marketing']],
  ['loyalty-points', 'Loyalty points', ['crm'], 'Shows points in the header and at the checkout.'],
  ['gift-cards', 'Gift cards', ['payments']],
  ['store-pickup', 'Pick up in store', ['logistics']],
  ['same-day-delivery', 'Same-day delivery', ['logistics'], 'Berlin and Hamburg only, see the segment.'],
  ['address-autocomplete', 'Address autocomplete', ['checkout']],
  ['guest-checkout', 'Guest checkout', ['checkout']],
  ['saved-carts', 'Saved carts', ['web', 'mobile']],
  ['wishlist-sharing', 'Share wishlists', ['web', 'social']],
  ['live-stock', 'Live stock levels', ['catalogue', 'logistics']],
  ['new-navigation', 'New navigation', ['design', 'web']],
  ['cookie-banner-2', 'Cookie banner 2', ['legal']],
  ['returns-portal', 'Returns portal', ['logistics']],
  ['support-chat', 'Support chat', ['support']],
  ['two-factor-login', 'Two-factor sign-in', ['security']],
  ['passkeys', 'Passkeys', ['security', 'web']],
  ['image-cdn', 'Images from the CDN', ['infrastructure']],
  ['read-replicas', 'Read from replicas', ['infrastructure', 'ops']],
  ['rate-limit-strict', 'Strict rate limits', ['ops', 'security'], 'Turn on under attack. Permanent.'],
  ['maintenance-page', 'Maintenance page', ['ops']],
];

export const FLAGS: SeedFlag[] = [
  ...simple.map(([key, name, tags, description]) => ({
    key,
    name,
    tags,
    description,
    temporary: !tags.includes('ops'),
  })),
  {
    key: 'search-ranking',
    name: 'Search ranking',
    description: 'Which model ranks results.',
    tags: ['search', 'machine-learning'],
    values: [
      ['baseline', 'Baseline'],
      ['bm25-boosted', 'BM25, boosted'],
      ['vector', 'Vector search'],
    ],
  },
  {
    key: 'checkout-button',
    name: 'Checkout button text',
    tags: ['checkout', 'copy'],
    values: [
      ['Buy now', 'Direct'],
      ['Place order', 'Formal'],
      ['Continue', 'Neutral'],
    ],
  },
  {
    key: 'page-size',
    name: 'Products on a page',
    tags: ['catalogue'],
    values: [
      [24, 'Few'],
      [48, 'Some'],
      [96, 'Many'],
    ],
    temporary: false,
  },
  {
    key: 'payment-limits',
    name: 'Payment limits',
    description: 'In cents, by currency.',
    tags: ['payments', 'risk'],
    values: [
      [{ EUR: 50_000, USD: 60_000 }, 'Standard'],
      [{ EUR: 200_000, USD: 220_000 }, 'Raised'],
    ],
    temporary: false,
  },
];
