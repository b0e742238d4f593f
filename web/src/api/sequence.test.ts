import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { ApiError } from './errors';
import { asSeen, note, oldest, Overtaken, seenIn, sequenceOf, shared, untilCurrent } from './sequence';

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

/** A switch with a label, which two people change; refused unless based on what is there. */
function lamp() {
  const state = { seq: 1, on: false, label: 'old' };
  const theirs = (change: Partial<typeof state>) => Object.assign(state, change, { seq: state.seq + 1 });
  /** Turned by somebody, while `between` happens after each look. */
  const turned = (on: boolean, between: (looked: number) => void = () => undefined) => {
    let looked = 0;
    return asSeen({
      look: () => Promise.resolve(note({ on: state.on, label: state.label }, state.seq)),
      holds: (now) => now.on !== on,
      write: (_, basedOn = Infinity) => {
        between(++looked);
        if (basedOn < state.seq) return Promise.reject(late());
        theirs({ on });
        return Promise.resolve(looked);
      },
    });
  };
  return { state, theirs, turned };
}

test('a change is made on top of what others change beside it', async () => {
  const { state, theirs, turned } = lamp();
  expect(await turned(true, (looked) => looked < 3 && theirs({ label: `theirs ${looked}` }))).toBe(3);
  expect([state.on, state.label]).toEqual([true, 'theirs 2']);
  expect(await turned(false)).toBe(1);
});

test('what somebody else was first to change is left alone, and it is told what it is', async () => {
  const { state, theirs, turned } = lamp();
  const problem: unknown = await turned(true, () => theirs({ on: true })).catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Overtaken);
  expect((problem as Overtaken).now).toEqual({ on: true, label: 'old' });
  await expect(turned(true)).rejects.toThrow(Overtaken);
  expect(state.seq).toBe(2);
});
