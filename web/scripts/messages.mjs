// Collects the texts of the sources into src/messages/en.json. With --check it only compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'src/messages/en.json';
const CALL = /\bt\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
const found = new Set();
for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!/\.tsx?$/.test(name) || name.endsWith('schema.d.ts')) continue;
  for (const match of readFileSync(join('src', name), 'utf8').matchAll(CALL)) {
    found.add((match[1] ?? match[2]).replaceAll(/\\(['"\\])/g, '$1'));
  }
}
// Operators are named in a table.
for (const [, words] of readFileSync('src/targeting/operators.ts', 'utf8').matchAll(
  /^ {2}\w+: \[(.*)\],$/gm,
)) {
  for (const [, word] of words.matchAll(/'([^']+)'/g)) found.add(word);
}
// What the audit log says was done is another.
for (const [, verb] of readFileSync('src/changes/verbs.ts', 'utf8').matchAll(/^ {2}'(.*)',$/gm)) {
  found.add(`{who} ${verb} {what}`);
}
const sorted = [...found].sort((a, b) => (a < b ? -1 : 1));
const text = `${JSON.stringify(Object.fromEntries(sorted.map((id) => [id, id])), null, 2)}\n`;
const german = JSON.parse(readFileSync('src/messages/de.json', 'utf8'));
const missing = sorted.filter((id) => !(id in german));
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
  console.log(`${sorted.length} texts; German lacks ${missing.length}`);
  if (process.argv.includes('--missing')) console.log(JSON.stringify(missing, null, 1));
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not up to date: npm run messages`);
  process.exitCode = 1;
}
