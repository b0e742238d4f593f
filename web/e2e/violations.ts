import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds on a page, short enough to be read. */
export async function violations(page: Page) {
  // Without what passes, of which there is most.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  const found = await axe.withTags(TAGS).analyze();
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
        .join(' | ')}`,
  );
}
