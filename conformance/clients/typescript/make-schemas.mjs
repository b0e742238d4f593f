// Writes, for both clients, what operations they have and a JSON schema of every operation's answer,
// taken from the types the clients themselves declare. The clients do not look at what they receive;
// the suite does, with these. Usage: node make-schemas.mjs FOLDER
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];

/**
 * The operations of a client as its classes declare them: the class, the parameters in order (`body`
 * is a model, the others are plain values), and the type of the answer.
 */
function operationsOf(client) {
  const text = fs.readFileSync(path.join(here, 'node_modules', client, 'dist', 'api.d.ts'), 'utf8');
  const method = /^ {4}(\w+)\((.*)\): Promise<import\("axios"\)\.AxiosResponse<([^]*?)(?:, any)?>>;$/gm;
  const operations = {};
  for (const [, api, body] of text.matchAll(/^export declare class (\w+Api) extends BaseAPI \{([^]*?)^\}/gm)) {
    for (const [, name, list, answer] of body.matchAll(method)) {
      operations[name] = { api, parameters: parametersOf(list), answer };
    }
  }
  return operations;
}

function parametersOf(list) {
  return [...list.matchAll(/(\w+)\??: ([^,]+)/g)]
    .filter(([, name]) => name !== 'options')
    .map(([, name, type]) => ({ name, body: !/^(string|number|boolean)$/.test(type) }));
}

/** `Array<Project>` with every name of the client's own qualified. */
const qualified = (type) => type.replace(/\b(?!Array\b|Set\b)[A-Z]\w*/g, 'api.$&');

function schemaOf(client, operations) {
  const members = Object.entries(operations).map(([name, { answer }]) => `  ${name}: ${qualified(answer)};`);
  const source = path.join(here, `answers-${client}.ts`);
  fs.writeFileSync(source, `import * as api from '${client}/dist/api';\nexport interface Answers {\n${members.join('\n')}\n}\n`);
  try {
    const options = { path: source, type: 'Answers', additionalProperties: true, skipTypeCheck: true };
    const generator = createGenerator({ ...options, tsconfig: path.join(here, 'tsconfig.json') });
    return withoutKnownErrors(generator.createSchema('Answers'));
  } finally {
    fs.rmSync(source);
  }
}

/**
 * Client 7.1.1 declares these as always given, but lists of flags have summaries without them. Single
 * flags are looked at by the tests.
 */
function withoutKnownErrors(schema) {
  const summary = ['targets', 'rules', 'fallthrough', 'prerequisites'];
  const config = schema.definitions.FeatureFlagConfig;
  config.required = config.required.filter((member) => !summary.includes(member));
  return schema;
}

const clients = {};
for (const client of ['ld-api-17', 'ld-api-7']) {
  const operations = operationsOf(client);
  clients[client] = { operations, schema: schemaOf(client, operations) };
}
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'schemas.json'), JSON.stringify(clients));
