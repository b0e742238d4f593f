// npm run times: how long pages take until they can be used, with very many flags. Printed, never asserted.
//   WIGWAG_BINARY=../target/quick/wigwag   another server than the debug build
//   WIGWAG_PAGES=http://127.0.0.1:5173     pages from `npm run preview`, with WIGWAG_URL at the server's address
import { test, type Browser, type Page } from '@playwright/test';
import { AT, SCREENS, signIn, still } from './console';

const TIMES = Number(process.env.TIMES ?? 3);
/** A page is ready when it stays so for this long. */
const QUIET_MS = 400;
const GIVEN_UP_MS = 60_000;

/** Where pages come from. */
const at = () => process.env.WIGWAG_PAGES ?? AT();

test('how long pages take', async ({ browser }) => {
  test.setTimeout(3_600_000);
  const state = await signedIn(browser);
  const rows: string[] = [];
  for (const [name, path] of SCREENS) {
    const cold: Ready[] = [];
    const warm: number[] = [];
    for (let n = 0; n < TIMES; n++) {
      const context = await browser.newContext({ storageState: state });
      const page = await context.newPage();
      await still(page);
      await page.addInitScript(whenReady, { quiet: QUIET_MS, most: GIVEN_UP_MS });
      await page.goto(at() + path);
      cold.push(await ready(page));
      warm.push(await again(page, path));
      await context.close();
    }
    cold.sort((a, b) => a.ms - b.ms);
    warm.sort((a, b) => a - b);
    const middle = cold[TIMES >> 1];
    const slowest = middle?.slowest ? `${middle.slowest.ms} ms ${middle.slowest.name}` : '';
    rows.push(`| ${name} | ${middle?.ms} | ${warm[TIMES >> 1]} | ${middle?.asked} | ${slowest} |`);
    console.log(rows.at(-1));
  }
  console.log(`\nms, the middle of ${TIMES}\n`);
  console.log(['| page | cold | warm | requests | slowest |', '|---|--:|--:|--:|---|', ...rows].join('\n'));
});

async function signedIn(browser: Browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, 'light', 'owner@example.com', process.env.WIGWAG_PASSWORD, at());
  const state = await context.storageState();
  await context.close();
  return state;
}

interface Ready {
  ms: number;
  /** Requests to the API. */
  asked: number;
  slowest?: { name: string; ms: number };
}

declare global {
  interface Window {
    wigwagReady: (since: number) => Promise<number>;
  }
}

/** In the page: the time from `since` to the first frame from which on the page was complete. */
function whenReady({ quiet, most }: { quiet: number; most: number }) {
  const complete = () =>
    document.querySelector('main h1') !== null &&
    document.querySelector('.mantine-Skeleton-root, .mantine-Loader-root, [aria-busy="true"]') === null;
  window.wigwagReady = (since) =>
    new Promise((done) => {
      let first: number | undefined;
      const look = () => {
        const now = performance.now();
        if (!complete()) first = undefined;
        else first ??= now;
        if (first !== undefined && now - first > quiet) done(Math.round(first - since));
        else if (now - since > most) done(Number.NaN);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
}

function ready(page: Page): Promise<Ready> {
  return page.evaluate(async () => {
    const ms = await window.wigwagReady(0);
    const calls = performance
      .getEntriesByType('resource')
      .filter(({ name }) => /\/(api|internal)\//.test(name))
      .map(({ name, duration }) => ({ name: new URL(name).pathname, ms: Math.round(duration) }));
    calls.sort((a, b) => b.ms - a.ms);
    return { ms, asked: calls.length, slowest: calls[0] };
  });
}

/** Away to another page of the console, and back to this one by the address bar of the router. */
async function again(page: Page, path: string): Promise<number> {
  await page.evaluate(async () => {
    history.pushState({}, '', '/profile');
    await window.wigwagReady(performance.now());
  });
  return page.evaluate((path) => {
    const since = performance.now();
    history.pushState({}, '', path);
    return window.wigwagReady(since);
  }, path);
}
