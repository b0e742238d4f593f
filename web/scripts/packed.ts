import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Most that may be loaded before the first page shows, compressed. */
const INITIAL_MAX = 300_000;
const PACKS = /\.(js|css|svg|json|html)$/;

/** Packs what was built, so that the server does not, and says what the first page costs. */
export function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    closeBundle() {
      const folder = 'dist';
      const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      for (const name of names.filter((name) => PACKS.test(name) && name !== 'index.html')) {
        const bytes = readFileSync(join(folder, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
      // The folder stays in the repository, what is built does not.
      writeFileSync(join(folder, '.gitignore'), '*\n!.gitignore\n');
      report(folder);
    },
  };
}

function report(folder: string) {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const initial = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    (match) => match[1] ?? '',
  );
  const size = (name: string, ending: string) => readFileSync(join(folder, `${name}.${ending}`)).length;
  const scripts = initial.filter((name) => name.endsWith('.js'));
  const total = scripts.reduce((sum, name) => sum + size(name, 'gz'), 0);
  const brotli = scripts.reduce((sum, name) => sum + size(name, 'br'), 0);
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const id = createHash('sha256').update(page).digest('hex').slice(0, 8);
  console.log(`initial script: ${kilobytes(total)} gzip, ${kilobytes(brotli)} brotli (page ${id})`);
  if (total > INITIAL_MAX) throw new Error(`the initial script is over ${kilobytes(INITIAL_MAX)} compressed`);
}
