// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { leads, nextLead } from './rows';

beforeEach(() => {
  document.body.innerHTML = `
    <table><tbody>
      <tr aria-hidden="true"><td></td></tr>
      <tr><td><button id="menu">…</button><a id="one" href="/1">One</a></td></tr>
      <tr><td>nothing to open</td></tr>
      <tr><td><button disabled>no</button><button id="two">Two</button></td></tr>
    </tbody></table>
    <div data-row><a id="three" href="/3">Three</a></div>`;
});

const by = (id: string) => document.getElementById(id);

test('a row is entered by its link, or else by its button; what cannot be opened is passed over', () => {
  expect(leads(document).map(({ id }) => id)).toEqual(['one', 'two', 'three']);
});

test('from row to row, from anywhere within one, and not beyond the ends', () => {
  expect(nextLead(document, document.body, 1)).toBe(by('one'));
  expect(nextLead(document, null, -1)).toBe(by('three'));
  expect(nextLead(document, by('menu'), 1)).toBe(by('two'));
  expect(nextLead(document, by('two'), 1)).toBe(by('three'));
  expect(nextLead(document, by('two'), -1)).toBe(by('one'));
  expect(nextLead(document, by('three'), 1)).toBeUndefined();
});
