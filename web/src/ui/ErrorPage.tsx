import { ErrorState } from './ErrorState';

/** For what a page did not foresee. */
export function ErrorPage({ error, reset }: { error: unknown; reset: () => void }) {
  return <ErrorState page error={error} retry={reset} />;
}
