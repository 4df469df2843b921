/** The browser, and the page in it as a reader has it: a file, opened from the disk. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { webPage } from '../../src/build/web.ts';
import { temporaryFolder } from '../command.ts';

/** Where Debian has it. */
const CHROMIUM = '/usr/bin/chromium';

let browser: Promise<Browser> | undefined;

/** @throws Error where there is none */
export const launched = (): Promise<Browser> => {
  browser ??= chromium.launch({
    executablePath: CHROMIUM,
    // Chromium has no sandbox for root; the page is this repository's own.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  return browser;
};

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

/** The page's bytes, built once. */
export const PAGE = await webPage();

const folder = temporaryFolder();

/** @returns the address of a file with this text */
export function addressOf(html: string, name = 'index.html'): string {
  const path = join(folder, name);
  writeFileSync(path, html);
  return pathToFileURL(path).href;
}

export const ADDRESS = addressOf(PAGE);

export interface Opened {
  readonly page: Page;
  /** Every request, but those of the page itself and of what it made (`blob:`). */
  readonly requests: readonly string[];
  /** What was thrown, and what the browser refused or complained about. */
  readonly problems: readonly string[];
}

type Options = BrowserContextOptions & { readonly address?: string };

/** Opens the page, gives it to `use`, and closes it; what it has requested or thrown fails the trial. */
export async function withPage(
  use: (opened: Opened) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const opened = await openPage(options);
  try {
    await use(opened);
    checkQuiet(opened);
  } finally {
    await opened.page.context().close();
  }
}

/** @throws Error for what the page has requested, thrown or complained about */
export function checkQuiet({ requests, problems }: Opened): void {
  if (requests.length + problems.length > 0) {
    throw new Error(`requests and problems: ${[...requests, ...problems].join('\n')}`);
  }
}

/** Opens the page; it is answered. */
export async function openPage({ address = ADDRESS, ...options }: Options = {}): Promise<Opened> {
  const context = await (await launched()).newContext({
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const requests: string[] = [];
  const problems: string[] = [];
  await context.route(/^(?!file:|blob:|data:)/, (route) => route.abort());
  const [own = ''] = address.split('#');
  context.on('request', (request) => {
    const url = request.url();
    // Whole: a fragment that were sent would be seen.
    if (url !== own && !/^(?:blob|data):/.test(url)) requests.push(url);
  });
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.setDefaultTimeout(20_000);
  await page.goto(address);
  await answered(page);
  return { page, requests, problems };
}

/** Until what was last typed or chosen has been answered. */
export async function answered(page: Page): Promise<void> {
  await page.locator('#main[aria-busy=false]').waitFor({ state: 'attached' });
}

/** Does something that leads to a question, and waits for its answer. */
export async function asking(page: Page, act: () => Promise<unknown>): Promise<void> {
  await answered(page);
  await page.evaluate("document.getElementById('status').textContent = ''");
  await act();
  await page.locator('#status:not(:empty)').waitFor({ state: 'attached' });
  await answered(page);
}

/** Opens an intent as a reader does: by the button for files. */
export const openIntent = (
  page: Page,
  text: string | Buffer,
  name = 'intent.yaml',
): Promise<void> =>
  asking(page, () =>
    page.locator('#file').setInputFiles({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) }),
  );

export interface SeenFile {
  readonly path: string;
  readonly mode: string;
  readonly text: string;
}

/** The files as they are shown. */
export const seenFiles = (page: Page): Promise<SeenFile[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('#files .file')].map((file) => ({
      path: file.querySelector('.path')?.textContent ?? '',
      mode: file.querySelector('.mode')?.textContent ?? '',
      text: [...file.querySelectorAll('[role=option]')]
        .map((line) => `${line.textContent}\n`)
        .join(''),
    })),
  );

/** The diagnostics as they are listed. */
export const seenFindings = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('#findings .finding')].map((item) =>
      ['.head', '.message', '.hint']
        .map((part) => item.querySelector(part)?.textContent ?? '')
        .join(' | '),
    ),
  );
