import { chromium } from '@playwright/test';
const [,, out, path, theme = 'light', w = '1360', h = '860', ...acts] = process.argv;
const at = process.env.WIGWAG_AT!;
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const c = await b.newContext({ viewport: { width: +w, height: +h }, locale: 'en-GB', timezoneId: 'Europe/Berlin' });
const p = await c.newPage();
p.on('console', (m) => { if (m.type() === 'error') console.log('ERR', m.text().slice(0, 300)); });
p.on('pageerror', (e) => console.log('PAGEERR', e.message.slice(0, 300)));
await p.addInitScript((s) => { localStorage.setItem('mantine-color-scheme-value', s); localStorage.setItem('wigwag.place', '{"project":"shop","env":"production"}'); }, theme);
await p.goto(at + '/');
await p.getByLabel('E-mail address').fill('owner@example.com');
await p.getByLabel('Password', { exact: true }).fill(process.env.WIGWAG_PASSWORD!);
await p.getByRole('button', { name: 'Sign in' }).click();
await p.getByRole('navigation', { name: 'Main' }).waitFor({ state: 'attached' });
let n = 0;
for (const one of path.split(' ')) {
  await p.goto(at + one);
  await p.waitForTimeout(1800);
  for (const act of acts) { const [kind, ...rest] = act.split('='); const v = rest.join('='); const [role, name] = v.split(':');
    if (kind === 'click') await p.getByRole(role as any, { name: new RegExp(name) }).first().click();
    if (kind === 'fill') { const [r, nm, val] = v.split(':'); await p.getByRole(r as any, { name: new RegExp(nm) }).first().fill(val); }
    if (kind === 'key') await p.keyboard.press(v);
    if (kind === 'wait') await p.waitForTimeout(+v);
    await p.waitForTimeout(350); }
  await p.screenshot({ path: `/tmp/shots/${out}${n ? n : ''}.png` }); n++;
}
await b.close();
