/** One request of the REST API. */
export interface Call<T = unknown> {
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  /** The body is a semantic patch. */
  semantic?: boolean;
  /** A form in place of a body: fields by name, files with an @ before their names. */
  form?: [name: string, value: string][];
  /** Command of `ldcli` with its flags; without one the CLI is shown as a plain request. */
  cli?: string;
  /** The operation is called beta and has to be asked for as such. */
  beta?: boolean;
  /** What is answered; for the compiler only. */
  answer?: T;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export function asCurl({ method, path, body, form = [], semantic, beta }: Call, at: string): string {
  const type = `application/json${semantic ? '; domain-model=launchdarkly.semanticpatch' : ''}`;
  const lines = [`curl -X ${method} ${quoted(at + path)}`, '-H "Authorization: $WIGWAG_TOKEN"'];
  if (beta) lines.push("-H 'LD-API-Version: beta'");
  if (body !== undefined) {
    lines.push(`-H ${quoted(`Content-Type: ${type}`)}`, `-d ${quoted(JSON.stringify(body, null, 2))}`);
  }
  lines.push(...form.map(([name, value]) => `-F ${quoted(`${name}=${value}`)}`));
  return lines.join(' \\\n  ');
}

/** `ldcli`, which works with Wigwag when it is given its address. */
export function asCli(call: Call): string {
  const data = call.body === undefined ? '' : ` \\\n  --data ${quoted(JSON.stringify(call.body))}`;
  const semantic = call.semantic ? ' \\\n  --semantic-patch' : '';
  return `ldcli ${call.cli ?? command(call)} \\\n  --base-uri "$WIGWAG_URL" --access-token "$WIGWAG_TOKEN"${semantic}${data}`;
}

const VERBS = { POST: 'create', PATCH: 'update', PUT: 'replace', DELETE: 'delete' };

/** The command of resources that `ldcli` names as their paths do. */
function command({ method, path }: Call): string {
  const [kind = '', ...keys] = path
    .replace(/^\/api\/v2\//, '')
    .split('/')
    .map(decodeURIComponent);
  const verb = VERBS[method];
  if (kind === 'flags') return `flags ${verb} --project ${keys[0]}${keys[1] ? ` --flag ${keys[1]}` : ''}`;
  if (kind === 'segments') {
    return `segments ${verb} --project ${keys[0]} --environment ${keys[1]}${keys[2] ? ` --segment ${keys[2]}` : ''}`;
  }
  if (kind === 'projects' && keys[1] === 'environments') {
    return `environments ${verb} --project ${keys[0]}${keys[2] ? ` --environment ${keys[2]}` : ''}`;
  }
  if (kind === 'projects') return `projects ${verb}${keys[0] ? ` --project ${keys[0]}` : ''}`;
  const one = {
    members: 'member',
    teams: 'team',
    roles: 'custom-role',
    tokens: 'access-token',
    webhooks: 'webhook',
  }[kind];
  const plural = { roles: 'custom-roles', tokens: 'access-tokens' }[kind] ?? kind;
  return `${plural} ${verb}${keys[0] && one ? ` --${one} ${keys[0]}` : ''}`;
}
