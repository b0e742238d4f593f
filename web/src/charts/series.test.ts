import { describe, expect, test } from 'vitest';
import { largest, linesOf } from './series';

describe('series of the API', () => {
  test('become lines in the order of time, with gaps where there is no value', () => {
    const lines = linesOf(
      {
        metadata: [{ sdk: 'node' }, { sdk: 'go' }],
        series: [
          { time: 20, 0: 3 },
          { time: 10, 0: 1, 1: 2 },
        ],
      },
      (about) => String(about.sdk),
    );
    expect(lines).toEqual({
      times: [10, 20],
      series: [
        { name: 'node', values: [1, 3] },
        { name: 'go', values: [2, null] },
      ],
    });
  });

  test('beyond the most, the smallest are summed up', () => {
    const series = [1, 5, 2, 4].map((value) => ({ name: String(value), values: [value, null] }));
    expect(largest({ times: [1, 2], series }, 3, 'others').series).toEqual([
      { name: '5', values: [5, null] },
      { name: '4', values: [4, null] },
      { name: 'others', values: [3, 0], color: '#8492a0' },
    ]);
  });

  test('few stay in their order', () => {
    const few = { times: [1], series: [1, 9].map((value) => ({ name: String(value), values: [value] })) };
    expect(largest(few, 2, 'others')).toEqual(few);
  });
});
