/**
 * A value of Terraform's language. Objects in lists, and `Block`s, are written as blocks. What is undefined is left out;
 * an empty string is a value.
 */
export type Hcl = string | number | boolean | undefined | string[] | number[] | HclBlock | HclBlock[];
export interface HclBlock {
  [name: string]: Hcl;
}

const text = (value: string) => JSON.stringify(value).replaceAll(/[$%](?=\{)/g, '$&$&');

/** A resource of the provider for LaunchDarkly, which works with Wigwag when it is given its address. */
export function terraform(kind: string, name: string, members: HclBlock): string {
  const label = name.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(\d|$)/, '_$1');
  return `resource "launchdarkly_${kind}" "${label}" {\n${lines(members, '  ')}}\n`;
}

function lines(members: HclBlock, indent: string): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  const plain = given.filter(([, value]) => !isBlock(value));
  const width = Math.max(0, ...plain.map(([name]) => name.length));
  const own = plain.map(([name, value]) => `${indent}${name.padEnd(width)} = ${written(value)}\n`);
  const blocks = given
    .filter(([, value]) => isBlock(value))
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as HclBlock[]) : [value as HclBlock]).map(
        (block) => `\n${indent}${name} {\n${lines(block, `${indent}  `)}${indent}}\n`,
      ),
    );
  return [...own, ...blocks].join('');
}

function isBlock(value: Hcl): boolean {
  return typeof (Array.isArray(value) ? value[0] : value) === 'object';
}

function written(value: Hcl): string {
  if (Array.isArray(value)) return `[${value.map((one) => written(one as Hcl)).join(', ')}]`;
  return typeof value === 'string' ? text(value) : String(value);
}

/** Statements of a policy as blocks. */
export function hclStatements(statements: unknown[] | undefined): HclBlock[] {
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
