/** axe-core finds nothing: in light and dark, on a phone and on a desk, on every tab and with errors. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { openIntent, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly {
    readonly target: readonly unknown[];
    readonly failureSummary: string;
  }[];
}

/** Everything that axe has rules for, its best practices included. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )) as readonly Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  );
}

const ERRORS = `version: 1
host: kvm1
shims:
  veth0: {parent: eth0, mode: privat, adresses: [192.0.2.1/24]}
guests: {vm1: {parent: eth0, mode: private}}
`;

/** What is shown, by name. */
const VIEWS: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  ['files', async (page) => page.getByRole('option', { name: 'Mode=bridge' }).first().hover()],
  ...['picture', 'changes', 'install', 'guides'].map(
    (tab) => [tab, (page: Page) => page.locator(`#tab-${tab}`).click()] as const,
  ),
  [
    'explanation',
    async (page) => {
      await page.locator('#reference-word').fill('mtu');
      await page.keyboard.press('Enter');
    },
  ],
  ['form', (page) => page.locator('#form-open').click()],
  [
    'errors',
    async (page) => {
      await page.locator('#form-cancel').click();
      await page.locator('#tab-files').click();
      await openIntent(page, ERRORS);
    },
  ],
];

export const accessibleTrials: readonly Trial[] = [
  ...(['light', 'dark'] as const).flatMap((colorScheme) =>
    [390, 1280].map((width) => ({
      name: `accessible: axe finds nothing, ${colorScheme}, ${width} pixels`,
      run: () =>
        withPage(
          async ({ page }) => {
            for (const [name, show] of VIEWS) {
              await show(page);
              assert.equal(await violations(page), [], name);
            }
          },
          { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' },
        ),
    })),
  ),
  {
    name: 'accessible: axe finds what is wrong',
    run: () =>
      withPage(async ({ page }) => {
        await page.evaluate("document.querySelector('#intent-title').style.color = '#ddd'");
        await page.evaluate("document.querySelector('[for=target-choice]').removeAttribute('for')");
        await page.evaluate(
          "document.querySelector('#target-choice').closest('label').replaceWith(document.querySelector('#target-choice'))",
        );
        const found = (await violations(page)).map((text) => text.split(':')[0]);
        assert.equal([...new Set(found)].sort(), ['color-contrast', 'select-name']);
      }),
  },
];
