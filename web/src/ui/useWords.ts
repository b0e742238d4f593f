import { useCallback } from 'react';
import { ApiError } from '~/api/errors';
import { outdated, Overtaken } from '~/api/sequence';
import { useText } from '~/i18n/text';

/** What to say of something that went wrong: what it was and what to do. */
export function useWords() {
  const t = useText();
  return useCallback(
    (error: unknown): string => {
      if (error instanceof Overtaken)
        return t(
          'Somebody else changed this a moment before, and nothing was overwritten. Look at what it is now, then decide again.',
        );
      if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
      if (error.status === 0) return t('The server cannot be reached. Check the connection, then try again.');
      if (error.status === 429)
        return error.message || t('Too many requests. Wait a moment, then try again.');
      if (outdated(error))
        return t(
          'Somebody else saved this at the same time, and nothing was overwritten. What they changed is here now: look once more, then save.',
        );
      if (error.message) return error.message;
      if (error.forbidden) return t('You may not do this. Ask an admin for a role that allows it.');
      return t('The server answered with the status {status}. Try again; if it stays, look at its log.', {
        status: error.status,
      });
    },
    [t],
  );
}
