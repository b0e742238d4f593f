import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '~/api/client';

export type Explanation = Schemas['AccessExplanation'];

/** An action on a resource, as policies name them. */
export type Needs = readonly [action: string, resource: string];

interface Waiting {
  needs: Needs;
  settle: (answer: Promise<Explanation>) => void;
}

/** Most questions the API answers at once. */
const MOST = 200;
/** How long questions of one page wait for each other. */
const TOGETHER_MS = 8;

let waiting: Waiting[] = [];

/** What one page asks is asked in one request. */
function explained(needs: Needs): Promise<Explanation> {
  return new Promise((settle) => {
    waiting.push({ needs, settle });
    if (waiting.length === 1) window.setTimeout(flush, TOGETHER_MS);
  });
}

function flush() {
  const all = waiting;
  waiting = [];
  for (let at = 0; at < all.length; at += MOST) {
    const some = all.slice(at, at + MOST);
    const questions = some.map(({ needs: [action, resource] }) => ({ action, resource }));
    const answers = ask(api.POST('/api/v2/explain-access', { body: { questions } }));
    some.forEach(({ settle }, index) => {
      settle(
        answers.then(({ items }) => {
          const answer = items[index];
          if (!answer) throw new Error('a question about access was not answered');
          return answer;
        }),
      );
    });
  }
}

/** Whether the caller may do something, and why. */
export function mayQuery([action, resource]: Needs) {
  return queryOptions({
    queryKey: ['account', 'may', action, resource],
    queryFn: () => explained([action, resource]),
    staleTime: 60_000,
  });
}
