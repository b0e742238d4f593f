/** A key made of a name: what the API allows, easy to type. */
export function keyOf(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/^[-._]+|[-._]+$/g, '')
    .slice(0, 256);
}

export const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
