// Calls an official TypeScript API client on behalf of the test suite, and holds every answer against
// the type which the client declares for it (schemas.json, by make-schemas.mjs).
// Usage: node walker.mjs CLIENT BASE_URL SCHEMAS_FILE; JSON lines in: { op, path, query, body, headers, token };
// out: { status, data, invalid }, `invalid` saying where the answer is not of its type.
import fs from 'node:fs';
import readline from 'node:readline';
import { createRequire } from 'node:module';
import Ajv from 'ajv';

const [clientName, basePath, schemasFile] = process.argv.slice(2);
const client = createRequire(import.meta.url)(clientName);
const { operations, schema } = JSON.parse(fs.readFileSync(schemasFile, 'utf8'))[clientName];

const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
ajv.addSchema(schema, 'client');

/** Where the answer to `op` is not what the client says it is; nothing when it is. */
function violations(op, data) {
  // Operations without an answer are declared `void`.
  if (operations[op].answer === 'void') return [];
  const validate = ajv.getSchema(`client#/definitions/Answers/properties/${op}`);
  if (validate(data)) return [];
  return validate.errors.map((e) => `${e.instancePath || '/'} ${e.message}`);
}

/** The arguments in the order of the client's method: path values, the body, query values by name. */
function positional({ op, path, query, body }) {
  const values = [...path];
  return operations[op].parameters.map((parameter) => {
    // Named first: a query value may be a list, whose type looks like that of a body.
    if (parameter.name in query) return query[parameter.name];
    if (parameter.body) return body ?? undefined;
    return values.shift();
  });
}

async function call({ op, path, query, body, headers, token }) {
  const operation = operations[op];
  if (!operation) return { missing: true };
  const names = operation.parameters.map((p) => p.name);
  const unknown = Object.keys(query).filter((name) => !names.includes(name));
  if (unknown.length) return { missing: true };
  const api = new client[operation.api](new client.Configuration({ basePath, apiKey: token }));
  try {
    const answer = await api[op](...positional({ op, path, query, body }), { headers });
    const data = answer.data === '' ? null : answer.data;
    // Nothing is an answer too, where the status says so.
    const invalid = answer.status === 204 ? [] : violations(op, data);
    return { status: answer.status, data, invalid };
  } catch (e) {
    if (!e.response) throw e;
    return { status: e.response.status, data: e.response.data, invalid: [] };
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await call(JSON.parse(line));
  } catch (e) {
    reply = { failed: String(e?.stack ?? e) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
