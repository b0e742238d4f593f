import { useEffect, useState } from 'react';

/** Whether something was on the page for a moment: what is only scrolled past asks for nothing. */
export function useSettled(ms = 250): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(true), ms);
    return () => window.clearTimeout(timer);
  }, [ms]);
  return settled;
}
