/** Rows of one page ask at moments that are so close. */
const TOGETHER_MS = 30;

/** Those who ask in the same moment are answered by one request. */
export function together<T>(most: number, fetch: (keys: string[]) => Promise<Map<string, T>>) {
  let waiting = new Map<string, Waiting<T>[]>();
  const send = () => {
    const asked = waiting;
    waiting = new Map();
    const keys = [...asked.keys()];
    for (let at = 0; at < keys.length; at += most) {
      const some = keys.slice(at, at + most);
      const each = (act: (one: Waiting<T>, key: string) => void) =>
        some.forEach((key) => asked.get(key)?.forEach((one) => act(one, key)));
      fetch(some).then(
        (found) =>
          each(({ done, failed }, key) => {
            const value = found.get(key);
            if (value === undefined) failed(new Error(`${key} was not answered`));
            else done(value);
          }),
        (problem: unknown) => each(({ failed }) => failed(problem)),
      );
    }
  };
  return (key: string) =>
    new Promise<T>((done, failed) => {
      if (waiting.size === 0) setTimeout(send, TOGETHER_MS);
      waiting.set(key, [...(waiting.get(key) ?? []), { done, failed }]);
    });
}

interface Waiting<T> {
  done: (value: T) => void;
  failed: (problem: unknown) => void;
}

/** What a function of a project and an environment made first. */
export function remembered<T>(make: (project: string, env: string) => T) {
  const made = new Map<string, T>();
  return (project: string, env: string): T => {
    const name = `${project}/${env}`;
    const known = made.get(name) ?? make(project, env);
    made.set(name, known);
    return known;
  };
}
