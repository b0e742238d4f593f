import { useQueries } from '@tanstack/react-query';
import { mayQuery, type Explanation, type Needs } from './questions';

export interface May {
  /** Undefined until it is known. */
  allowed: boolean | undefined;
  /** What refuses it. */
  refusal?: Explanation;
}

/** Whether the caller may do all of it. Without needs everybody may. */
export function useMay(...needs: (Needs | undefined)[]): May {
  return useQueries({
    queries: needs.filter((one) => one !== undefined).map((one) => mayQuery(one)),
    combine: (answers) => {
      const refusal = answers.find(({ data }) => data?.allowed === false)?.data;
      if (refusal) return { allowed: false, refusal };
      // Who cannot find out may try: the operation itself is the one that decides.
      const known = answers.every(({ data, isError }) => data !== undefined || isError);
      return { allowed: known ? true : undefined };
    },
  });
}

/** Which of several things the caller may do, in their order. */
export function useMayEach(needs: Needs[]): (boolean | undefined)[] {
  return useQueries({
    queries: needs.map((one) => mayQuery(one)),
    combine: (answers) => answers.map(({ data, isError }) => data?.allowed ?? (isError ? true : undefined)),
  });
}
