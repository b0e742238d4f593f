/** The keys of a file as the server reads it: CSV with one column and no header, or a JSON array of texts. */
export function keysOfFile(name: string, text: string): Set<string> {
  if (name.toLowerCase().endsWith('.json')) {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || !list.every((key) => typeof key === 'string'))
      throw new Error('not a list of texts');
    return new Set(list);
  }
  const rows = text.replace(/^\uFEFF/, '').split('\n');
  return new Set(rows.map((row) => unquoted(row.replace(/\r$/, ''))).filter((key) => key !== ''));
}

function unquoted(row: string): string {
  return row.startsWith('"') && row.endsWith('"') && row.length > 1
    ? row.slice(1, -1).replaceAll('""', '"')
    : row;
}

export type ImportMode = 'merge' | 'replace';

/** What an import would do to the members. */
export interface MembersDiff {
  added: string[];
  removed: string[];
  /** In the file, and in the segment already. */
  same: number;
}

export function membersDiff(members: Set<string>, file: Set<string>, mode: ImportMode): MembersDiff {
  const added = [...file].filter((key) => !members.has(key));
  return {
    added,
    removed: mode === 'replace' ? [...members].filter((key) => !file.has(key)) : [],
    same: file.size - added.length,
  };
}
