/**
 * npm run screenshots: starts a hub of its own in a temporary folder, asks in GraphiQL (Chromium) by keyboard alone,
 * with a token and without, and writes the pictures of docs/images. Fails when the page writes an error to its console, asks another host, or cannot be used without a mouse.
 * --check: does all of it, and writes no picture. Chromium comes from your system (on Debian: apt-get install chromium).
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import { fromRoot } from '../lib/paths.ts';
import { startOwnHub, type OwnHub } from './screenshots/own-hub.ts';

const browsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const MOST_TABS = 60;
const ANSWER_MS = 15_000;

// Runs in the page: what a screen reader would call the element that has the focus.
const NAME_OF_FOCUS = `(() => {
  const at = document.activeElement;
  return at === null ? '' : (at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.getAttribute('title') ?? at.textContent ?? '').trim();
})()`;

class Failed extends Error {}

/** Presses Tab until what has the focus is called by one of the names. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < MOST_TABS; i += 1) {
    await page.keyboard.press('Tab');
    const label = String(await page.evaluate(NAME_OF_FOCUS));
    if (name.test(label)) return;
    seen.push(label.slice(0, 30));
  }
  throw new Failed(`no ${name} can be reached by Tab; reached ${seen.join(', ')}`);
}

/** Waits for a text in a part of the page. */
async function waitFor(page: Page, selector: string, text: RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: ANSWER_MS });
}

type Watch = { readonly problems: string[]; readonly hosts: Set<string> };

function watch(page: Page): Watch {
  const seen: Watch = { problems: [], hosts: new Set() };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.problems.push(`page: ${error.message}`));
  page.on('request', (request) => {
    if (/^https?:/.test(request.url())) seen.hosts.add(new URL(request.url()).host);
  });
  return seen;
}

async function takePictures({ url, printToken }: OwnHub, folder: string | null): Promise<void> {
  const executablePath = browsers.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Failed('no Chromium found; install one (on Debian: apt-get install chromium)');
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, deviceScaleFactor: 1 });
    const seen = watch(page);
    await page.goto(`${url}/graphql`, { waitUntil: 'networkidle' });
    await waitFor(page, '.graphiql-query-editor', /query|\{/);
    const picture = async (name: string): Promise<void> => {
      if (folder !== null) await page.screenshot({ path: `${folder}/${name}.png` });
    };
    await askWithToken(page, await printToken('maker'));
    await openTab(page, 'Creator');
    await tabTo(page, /^Execute query/);
    await page.keyboard.press('Enter');
    await waitFor(page, '.result-window', /"promisedDate"/);
    await tabTo(page, /Show Plan|Plan/);
    await page.keyboard.press('Enter');
    await waitFor(page, '.plan', /F1 root/);
    await picture('graphiql');
    if (seen.problems.length > 0) throw new Failed(seen.problems.join('\n'));
    const others = [...seen.hosts].filter((host) => host !== new URL(url).host);
    if (others.length > 0) throw new Failed(`the page asked other hosts: ${others.join(', ')}`);
  } finally {
    await browser.close();
  }
}

// The token box takes a member's token; the answer is then that member's. Cleared, it is the visitor's again.
async function askWithToken(page: Page, token: string): Promise<void> {
  await tabTo(page, /^Token$/);
  await page.keyboard.type(token);
  await openTab(page, 'WhoAmI');
  await tabTo(page, /^Execute query/);
  await page.keyboard.press('Enter');
  await waitFor(page, '.result-window', /"kinds": \[\s*"MAKER"/);
  await tabTo(page, /^Clear$/);
  await page.keyboard.press('Enter');
}

// Each example stands in a tab that bears the name of its operation.
async function openTab(page: Page, operation: string): Promise<void> {
  await tabTo(page, new RegExp(`^${operation}$`));
  await page.keyboard.press('Enter');
  await waitFor(page, '.graphiql-query-editor', new RegExp(operation));
}

async function main(): Promise<void> {
  const folder = process.argv.includes('--check') ? null : fromRoot('docs', 'images');
  if (folder !== null) await mkdir(folder, { recursive: true });
  const hub = await startOwnHub();
  try {
    await takePictures(hub, folder);
    process.stdout.write(
      folder === null ? 'GraphiQL works by keyboard, without console errors and without other hosts\n' : `Pictures are in ${folder}\n`,
    );
  } finally {
    await hub.stop();
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Failed ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
