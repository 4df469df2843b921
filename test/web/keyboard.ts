/** Without a pointer: every control is reached by Tab, and nothing keeps the focus. */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { asking, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

/** What has the focus: an id, or what stands for it. */
const FOCUSED = `(() => {
  const at = document.activeElement;
  if (at.shadowRoot) return at.id;
  return at.id || at.getAttribute('role') || at.tagName.toLowerCase();
})()`;

const focused = (page: Page): Promise<unknown> => page.evaluate(FOCUSED);

async function tabTo(page: Page, id: string): Promise<void> {
  for (let count = 0; count < 60; count++) {
    if ((await focused(page)) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${id} is not reached by Tab`);
}

export const keyboardTrials: readonly Trial[] = [
  {
    name: 'keyboard: Tab goes through all of the page, in the order of reading',
    run: () =>
      withPage(async ({ page }) => {
        const order: unknown[] = [];
        for (let count = 0; count < 40; count++) {
          await page.keyboard.press('Tab');
          const at = await focused(page);
          if (at === 'body') break;
          if (at !== order.at(-1)) order.push(at);
        }
        const names = ['a', 'form-open', 'file-open', 'file-save', 'link-copy', 'editor'];
        assert.equal(order.slice(0, names.length), names);
        const after = ['target-choice', 'backend-choice', 'tab-files', 'option'];
        const at = order.indexOf('target-choice');
        assert.equal(order.slice(at, at + after.length), after);
      }),
  },
  {
    name: 'keyboard: the focus is seen',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'file-open');
        const outline = 'getComputedStyle(document.activeElement).outlineStyle';
        assert.is(await page.evaluate(outline), 'solid');
      }),
  },
  {
    name: 'keyboard: the form is opened, filled, sent, and the intent is compiled',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'form-open');
        await page.keyboard.press('Enter');
        await page.keyboard.type('kvm9');
        await page.keyboard.press('Tab');
        await page.keyboard.type('enp3s0');
        await tabTo(page, 'form-fixed');
        await page.keyboard.press('ArrowRight');
        await tabTo(page, 'form-target');
        await page.keyboard.type('Ubuntu 24');
        await asking(page, async () => {
          await tabTo(page, 'form-backend');
          for (let count = 0; count < 2; count++) await page.keyboard.press('Tab');
          await page.keyboard.press('Enter');
        });
        assert.is(await page.locator('#form').isVisible(), false);
        const text = await page.locator('.cm-content').innerText();
        assert.match(text, /host: kvm9\nshims:\n {2}veth0:\n {4}parent: enp3s0\n {4}dhcp4: true/);
        assert.is(await page.locator('#target-choice').inputValue(), 'ubuntu-24.04');
        assert.is(await page.locator('#backend-choice').inputValue(), 'netplan-networkd');
        assert.match(await page.locator('#status').innerText(), /^\d+ files · 0 errors/);
      }),
  },
  {
    name: 'keyboard: Escape closes the form, and the focus is back at its button',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'form-open');
        await page.keyboard.press('Enter');
        await page.keyboard.press('Escape');
        assert.is(await focused(page), 'form-open');
      }),
  },
  {
    name: 'keyboard: arrows move between tabs, and show them',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'tab-files');
        await page.keyboard.press('ArrowRight');
        assert.is(await focused(page), 'tab-picture');
        assert.ok(await page.locator('#picture svg').isVisible());
        await page.keyboard.press('End');
        assert.is(await focused(page), 'tab-guides');
        assert.ok(await page.locator('#guide-intent').isVisible());
        await page.keyboard.press('ArrowRight');
        assert.is(await focused(page), 'tab-files');
      }),
  },
  {
    name: 'keyboard: arrows move between the lines of a file; Enter goes to where one comes from',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'option');
        for (let count = 0; count < 9; count++) await page.keyboard.press('ArrowDown');
        assert.match(await page.locator('#reason').innerText(), /Mode=bridge is from line 5/);
        await page.keyboard.press('Enter');
        assert.is(await focused(page), 'editor');
        await page.keyboard.press('Home');
        await page.keyboard.type('# here ');
        assert.match(await page.locator('.cm-content').innerText(), /\n {2}# here veth0:/);
      }),
  },
  {
    name: 'keyboard: Tab leaves the editor',
    run: () =>
      withPage(async ({ page }) => {
        await tabTo(page, 'editor');
        await page.keyboard.press('Tab');
        assert.is.not(await focused(page), 'editor');
      }),
  },
];
