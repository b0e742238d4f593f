import { useHotkeys } from '@mantine/hooks';
import { nextLead } from './rows';

/** The keys j and k go through the rows of whatever list a page has; Enter then opens, as on any link. */
export function useRowKeys() {
  const step = (by: 1 | -1) => {
    const page = document.getElementById('main');
    // Behind a dialog nothing moves.
    if (!page || document.querySelector('[role="dialog"][aria-modal="true"]')) return;
    nextLead(page, document.activeElement, by)?.focus();
  };
  useHotkeys([
    ['j', () => step(1)],
    ['k', () => step(-1)],
  ]);
}
