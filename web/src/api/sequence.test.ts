import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { ApiError } from './errors';
import {
  asSeen,
  note,
  noteItems,
  oldest,
  Overtaken,
  seenIn,
  sequenceOf,
  shared,
  untilCurrent,
} from './sequence';

const late = () => new ApiError(412, 'outdated', '');

test('what came of an answer is as old as it, of several as old as the oldest', () => {
  const [one, other] = [note({ a: 1 }, 7), note({ a: 2 }, 5)];
  expect(sequenceOf(one)).toBe(7);
  expect(oldest([one, other, 'text', {}])).toBe(5);
  expect(oldest([{}, null])).toBeUndefined();
  const again = shared(one, note({ a: 1 }, 9));
  expect(again).toBe(one);
  expect(sequenceOf(again)).toBe(9);
});

test('what pages have seen is the oldest of what they show', async () => {
  const queries = new QueryClient({
    defaultOptions: { queries: { structuralSharing: shared, retry: false } },
  });
  let [seq, list] = [3, ['a']];
  const show = async (queryKey: string[], queryFn: () => Promise<unknown>) => {
    const observer = new QueryObserver(queries, { queryKey, queryFn, staleTime: Infinity });
    const end = observer.subscribe(() => undefined);
    await queries.fetchQuery({ queryKey, queryFn }).catch(() => undefined);
    return end;
  };
  expect(seenIn(queries)).toBeUndefined();
  await show(['account', 'a'], () => Promise.resolve(note({ list }, seq)));
  const end = await show(['project', 'b'], () => Promise.resolve(note({ fixed: true }, 2)));
  await show(['session'], () => Promise.resolve(note({}, 1)));
  await show(['account', 'away'], () => Promise.reject(new Error('away')));
  expect(seenIn(queries)).toBe(2);
  end();
  expect(seenIn(queries)).toBe(3);
  [seq, list] = [8, ['a']];
  await queries.invalidateQueries({ queryKey: ['account'] });
  expect(seenIn(queries)).toBe(8);
});

/** A resource that a save is refused for unless it is based on what is there. */
function resource() {
  const state = { seq: 1, fields: { name: 'old', text: 'old' } };
  const write = (change: Partial<typeof state.fields>, based: number) => {
    if (based < state.seq) return Promise.reject(late());
    state.seq++;
    Object.assign(state.fields, change);
    return Promise.resolve();
  };
  return { state, write };
}

test('of two saves that race both are kept: the later one looks again', async () => {
  const { state, write } = resource();
  const looked: number[] = [];
  await untilCurrent(async () => {
    const based = state.seq;
    looked.push(based);
    // Somebody else saves after this one has looked, twice.
    if (looked.length < 3) await write({ name: `theirs ${looked.length}` }, state.seq);
    await write({ text: 'mine' }, based);
  });
  expect(looked).toEqual([1, 2, 3]);
  expect(state.fields).toEqual({ name: 'theirs 2', text: 'mine' });
});

test('who is always late is told in the end, and other refusals at once', async () => {
  let tries = 0;
  const always = (problem: Error) => () => {
    tries++;
    return Promise.reject(problem);
  };
  await expect(untilCurrent(always(late()))).rejects.toThrow(ApiError);
  expect(tries).toBe(5);
  await expect(untilCurrent(always(new ApiError(403, 'forbidden', 'no')))).rejects.toThrow('no');
  expect(tries).toBe(6);
});

test('rows are as new as their list, also those that stayed the same', () => {
  const page = (seq: number, on: boolean) => note({ items: [{ key: 'a' }, { key: 'b', on }] }, seq);
  const first = noteItems(shared(undefined, page(3, false))) as ReturnType<typeof page>;
  expect(first.items.map(sequenceOf)).toEqual([3, 3]);
  const next = noteItems(shared(first, page(8, true))) as ReturnType<typeof page>;
  expect(next.items[0]).toBe(first.items[0]);
  expect(next.items.map(sequenceOf)).toEqual([8, 8]);
  // What was seen before is no newer for it.
  expect(sequenceOf(first.items[1])).toBe(3);
});

/** A switch with a label, which two people change; refused unless based on what is there. */
function lamp() {
  const state = { seq: 1, on: false, label: 'old' };
  const looks: number[] = [];
  const look = () => {
    looks.push(state.seq);
    return Promise.resolve(note({ on: state.on, label: state.label }, state.seq));
  };
  const theirs = (change: Partial<typeof state>) => Object.assign(state, change, { seq: state.seq + 1 });
  const mine = (seen: { on: boolean }, on: boolean) =>
    asSeen({
      seen,
      look,
      holds: (now) => now.on !== on,
      write: (_, basedOn = Infinity) => {
        if (basedOn < state.seq) return Promise.reject(late());
        theirs({ on });
        return Promise.resolve({ on });
      },
    });
  return { state, looks, look, theirs, mine };
}

test('a change is made at once where nobody came before, and on top of what is not in its way', async () => {
  const { state, looks, look, theirs, mine } = lamp();
  const seen = await look();
  theirs({ label: 'theirs' });
  await mine(seen, true);
  expect([state.on, state.label]).toEqual([true, 'theirs']);
  expect(looks).toEqual([1, 2]);
  await mine(await look(), false);
  expect(looks).toEqual([1, 2, 3]);
});

test('what somebody else changed just before is left alone, and it is told what it is', async () => {
  const { state, look, theirs, mine } = lamp();
  const seen = await look();
  theirs({ on: true });
  const problem: unknown = await mine(seen, true).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Overtaken);
  expect((problem as Overtaken).now).toEqual({ on: true, label: 'old' });
  expect(state.seq).toBe(2);
});

test('undoing starts from the answer to a change, which is looked at first', async () => {
  const { state, looks, look, theirs, mine } = lamp();
  const saved = await mine(await look(), true);
  await mine(saved, false);
  expect([state.on, looks]).toEqual([false, [1, 2]]);
  const again = await mine(await look(), true);
  theirs({ on: false });
  await expect(mine(again, false)).rejects.toThrow(Overtaken);
});
