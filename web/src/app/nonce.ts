/** The page's own mark on styles that scripts make: the policy of the page lets no others in. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/** Libraries that lock scrolling look for it there. */
export function tellNonce() {
  Object.assign(globalThis, { __webpack_nonce__: nonce });
}
