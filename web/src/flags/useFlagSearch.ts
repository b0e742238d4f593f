import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { FlagsSearch } from '~/app/search';

const route = getRouteApi('/projects/$project/$env/flags');

/** Columns that are hidden unless the address says otherwise. */
export const HIDDEN = 'created';

/** What the list shows: it lives in the address. */
export function useFlagSearch() {
  const search: FlagsSearch = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback(
    (change: FlagsSearch) =>
      void navigate({ search: (old: FlagsSearch) => ({ ...old, ...change }), replace: true }),
    [navigate],
  );
  return { search, set };
}
