interface Templates {
  hunkUrlTemplate?: string | null;
}

/** Where a line of code is on the web, by the template of its repository. Only web addresses are links. */
export function hunkUrl(
  { hunkUrlTemplate }: Templates,
  { name, head }: { name: string; head: string },
  path: string,
  line: number,
): string | undefined {
  if (!hunkUrlTemplate) return undefined;
  const values: Record<string, string> = {
    branchName: name,
    sha: head,
    filePath: path,
    lineNumber: String(line),
  };
  const url = hunkUrlTemplate.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  return webAddress(url);
}

/** An address that may be a link. */
export function webAddress(url: string): string | undefined {
  return /^https?:\/\//i.test(url) ? url : undefined;
}
