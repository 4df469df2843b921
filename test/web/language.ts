/** Typing an intent: completion, diagnostics and their fixes, explanations, reasons. */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { commandHere } from '../command-here.ts';
import { asking, openIntent, seenFiles, withPage } from './browser.ts';
import { expectedFrom } from './command.ts';
import type { Trial } from './trial.ts';

const content = '.cm-content';
const editorText = (page: Page): Promise<string> => page.locator(content).innerText();

async function replaceAll(page: Page, text: string): Promise<void> {
  await page.locator(content).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
}

/** The original's intent as it is typed: the editor indents, and Backspace ends a block. */
const TYPED: readonly string[] = [
  'version: 1',
  'host: kvm1',
  'shims:',
  'veth0:',
  'parent: eth0',
  'addresses: [198.51.100.50/24]',
  'routes:',
  '- {to: default, via: 198.51.100.254}',
];

export const languageTrials: readonly Trial[] = [
  {
    name: 'typing: the original, key by key, gives the files of the command',
    run: () =>
      withPage(async ({ page }) => {
        await replaceAll(page, '');
        for (const line of TYPED) {
          await page.keyboard.type(line);
          // Completion offers words; what is typed is not one of them.
          await page.keyboard.press('Escape');
          await asking(page, () => page.keyboard.press('Enter'));
        }
        const { files } = await expectedFrom('golden/original/intent.yaml', '-b', 'networkd');
        const names = (all: typeof files) => all?.map(({ path, text }) => `${path}\n${text}`);
        assert.equal(names(await seenFiles(page)), names(files));
      }),
  },
  {
    name: 'typing: a key and a value are completed, from the schema',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(
          page,
          'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    dhcp4: true\n',
        );
        await page.locator(content).click();
        await page.keyboard.press('Control+End');
        await page.keyboard.type('    mod');
        const list = page.locator('.cm-tooltip-autocomplete');
        await list.getByRole('option', { name: /^mode/ }).waitFor();
        await page.waitForTimeout(150);
        await page.keyboard.press('Enter');
        await page.keyboard.type('ve');
        await list.getByRole('option', { name: 'vepa' }).waitFor();
        await page.waitForTimeout(150);
        await asking(page, () => page.keyboard.press('Enter'));
        assert.match(await editorText(page), /\n {4}mode: vepa/);
        const offered = (await seenFiles(page)).map(({ text }) => text).join('');
        assert.match(offered, /^Mode=vepa$/m);
      }),
  },
  {
    name: 'typing: an error is listed with its place, and its fix applied',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(
          page,
          'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    dhcp4: yes\n',
        );
        const finding = page.locator('#findings .finding').first();
        assert.match(await finding.innerText(), /error[\s\S]*6:12/);
        assert.is(await page.locator('.cm-lintRange-error').count(), 1);
        await asking(page, () => finding.getByRole('button', { name: /^Fix/ }).click());
        assert.match(await editorText(page), /dhcp4: true/);
        assert.is(await page.locator('#findings .error').count(), 0);
      }),
  },
  {
    name: 'typing: F1 and the code of a diagnostic print what `explain` does',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(
          page,
          'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    adresses: []\n',
        );
        await page.locator('#findings').getByRole('button', { name: 'unknown-key' }).click();
        const explained = page.locator('#reference');
        const page1 = await commandHere(['explain', 'unknown-key']);
        assert.is(await explained.innerText(), page1.stdout.trim());
        await page.locator(content).click();
        await page.keyboard.press('Control+Home');
        for (let line = 1; line < 5; line++) await page.keyboard.press('ArrowDown');
        await page.keyboard.press('F1');
        const page2 = await commandHere(['explain', 'shims.veth0.parent']);
        assert.is(await explained.innerText(), page2.stdout.trim());
      }),
  },
  {
    name: 'typing: a key is explained where the pointer is',
    run: () =>
      withPage(async ({ page }) => {
        await page.locator('.cm-line', { hasText: 'addresses' }).getByText('addresses').hover();
        const shown = page.locator('.cm-tooltip-hover .explained');
        await shown.waitFor();
        assert.match(await shown.innerText(), /^shims\.<name>\.addresses/);
      }),
  },
  {
    name: 'typing: each line has the reason, authority and origin that `explain` prints',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(
          page,
          'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    dhcp4: true\n',
        );
        const line = page.getByRole('option', { name: 'DHCP=ipv4' });
        await line.hover();
        const reason = page.locator('#reason');
        assert.match(await reason.innerText(), /DHCP=ipv4 is from line 6 of the intent/);
        assert.match(await reason.innerText(), /systemd\.network\(5\)/);
        assert.is(await page.locator('.cm-line.pointed').innerText(), '    dhcp4: true');
      }),
  },
];
