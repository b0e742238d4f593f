/** A value of Terraform's language. What is undefined is left out; an empty string is a value. */
export type Hcl =
  string | number | boolean | undefined | string[] | number[] | HclObject | HclObject[] | Encoded;
export interface HclObject {
  [name: string]: Hcl;
}

/** An object that is handed over as a text in JSON. */
export class Encoded {
  constructor(readonly members: HclObject) {}
}

const text = (value: string) => JSON.stringify(value).replaceAll(/[$%](?=\{)/g, '$&$&');

/**
 * A resource of the provider for LaunchDarkly, which works with Wigwag when it is given its address. From its version 3
 * on what is nested are attributes, not blocks.
 */
export function terraform(kind: string, name: string, members: HclObject): string {
  const label = name.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(\d|$)/, '_$1');
  return `resource "launchdarkly_${kind}" "${label}" ${object(members, '')}\n`;
}

function object(members: HclObject, indent: string): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  const inner = `${indent}  `;
  const short = given.filter(([, value]) => !isNested(value));
  const width = Math.max(0, ...short.map(([name]) => key(name).length));
  const lines = given.map(([name, value]) => {
    const label = isNested(value) ? key(name) : key(name).padEnd(width);
    return `${inner}${label} = ${written(value, inner)}\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

/** A name that is no word is quoted. */
const key = (name: string) => (/^[A-Za-z_][\w-]*$/.test(name) ? name : text(name));

function isNested(value: Hcl): boolean {
  return typeof (Array.isArray(value) ? value[0] : value) === 'object';
}

function written(value: Hcl, indent: string): string {
  if (value instanceof Encoded) return `jsonencode(${object(value.members, indent)})`;
  if (Array.isArray(value)) return `[${value.map((one) => written(one as Hcl, indent)).join(', ')}]`;
  if (typeof value === 'object') return object(value, indent);
  return typeof value === 'string' ? text(value) : String(value);
}

/** Statements of a policy. */
export function hclStatements(statements: unknown[] | undefined): HclObject[] {
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : undefined);
  return (statements ?? []).map((statement) => {
    const { effect, actions, notActions, resources, notResources } = statement as Record<string, unknown>;
    return {
      effect: String(effect ?? ''),
      actions: list(actions),
      not_actions: list(notActions),
      resources: list(resources),
      not_resources: list(notResources),
    };
  });
}

/** What an integration is configured with: names in snake case, all values as text. */
export function hclConfig(config: Record<string, unknown>): HclObject {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [snake(name), String(value)]));
}
