/** What changes against the state that was opened or kept. */
import * as assert from 'uvu/assert';
import { commandHere } from '../command-here.ts';
import { intentOf } from '../golden/cases.ts';
import { asking, openIntent, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

interface DiffDocument {
  readonly hosts: readonly {
    readonly changes: readonly { readonly subject: string; readonly message: string }[];
    readonly patches: readonly { readonly patch: string }[];
  }[];
}

export const changeTrials: readonly Trial[] = [
  {
    name: 'changes: those that `diff` prints, against what was opened',
    run: () =>
      withPage(async ({ page }) => {
        const [old, now] = ['original', 'mode-vepa'];
        await openIntent(page, intentOf(old));
        await page.locator('#tab-changes').click();
        const changes = page.locator('#changes');
        assert.is(await changes.innerText(), 'Nothing has changed.');
        await page.locator('.cm-content').click();
        await page.keyboard.press('Control+A');
        await page.keyboard.press('Delete');
        await asking(page, () => page.keyboard.insertText(intentOf(now)));
        const words = ['diff', `golden/${old}/intent.yaml`, `golden/${now}/intent.yaml`];
        const { stdout } = await commandHere([...words, '-b', 'networkd', '--format', 'json']);
        const [host] = (JSON.parse(stdout) as DiffDocument).hosts;
        const shown = await changes.locator('.changes li').allInnerTexts();
        assert.is(shown.length, host?.changes.length);
        for (const [index, { subject, message }] of (host?.changes ?? []).entries()) {
          assert.ok(shown[index]?.startsWith(subject), shown[index]);
          assert.ok(shown[index]?.includes(message.replaceAll('`', '')), shown[index]);
        }
        const patch = await changes.locator('pre').textContent();
        assert.is(patch?.trimEnd(), host?.patches[0]?.patch.trimEnd());
        assert.match((await changes.locator('svg').textContent()) ?? '', /veth0 \(changed\)/);
        await asking(page, () => page.locator('#keep').click());
        assert.is(await changes.innerText(), 'Nothing has changed.');
      }),
  },
  {
    name: 'changes: files that the change removes are in the steps',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(page, intentOf('two-shims'));
        await page.locator('#tab-install').click();
        await page.locator('.cm-content').click();
        await page.keyboard.press('Control+A');
        await page.keyboard.press('Delete');
        await asking(page, () => page.keyboard.insertText(intentOf('original')));
        const steps = await page.locator('#steps').innerText();
        assert.match(steps, /keep .*\/etc\/systemd\/network\/00-macvtap-/);
        assert.match(steps, /confirm/);
        assert.match(steps, /rollback/);
      }),
  },
];
