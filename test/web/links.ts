/** A link holds the intent, in the fragment: it comes back whole, and is never sent. */
import * as assert from 'uvu/assert';
import { HOSTILE } from '../properties/texts.ts';
import { ADDRESS, answered, asking, openIntent, withPage } from './browser.ts';
import { downloaded } from './downloads.ts';
import type { Trial } from './trial.ts';

const INTENT = `version: 1
host: kvm1
# ${HOSTILE.filter((text) => !/[\n\r\0\ud800]/.test(text)).join(' ')} <script>alert(1)</script> &amp; %41 + ü
shims: {veth0: {parent: eth0, dhcp4: true}}
`;

export const linkTrials: readonly Trial[] = [
  {
    name: 'links: an intent, its back end and target come back whole',
    run: async () => {
      let link = '';
      await withPage(async ({ page }) => {
        await openIntent(page, INTENT);
        await asking(page, () => page.locator('#backend-choice').selectOption('ifupdown'));
        await asking(page, () => page.locator('#target-choice').selectOption('debian-12'));
        await page.locator('#link-copy').click();
        await page.locator('#message:not(:empty)').waitFor();
        link = page.url();
      });
      assert.ok(link.startsWith(`${ADDRESS}#intent=`), link);
      // As it is pasted into mail: no character ends it.
      assert.match(link, /^[A-Za-z0-9:/.%=&#_-]+$/);
      await withPage(
        async ({ page, requests }) => {
          const { bytes } = await downloaded(page, () => page.locator('#file-save').click());
          assert.is(bytes.toString(), INTENT);
          assert.is(await page.locator('#backend-choice').inputValue(), 'ifupdown');
          assert.is(await page.locator('#target-choice').inputValue(), 'debian-12');
          assert.equal(requests, []);
        },
        { address: link },
      );
    },
  },
  {
    name: 'links: one that is followed within the page replaces the intent',
    run: () =>
      withPage(async ({ page }) => {
        await asking(page, () =>
          page.evaluate("location.hash = '#intent=version%3A%201%0Ahost%3A%20other%0A'"),
        );
        await answered(page);
        assert.match(await page.locator('.cm-content').innerText(), /host: other/);
      }),
  },
  {
    name: 'links: a broken or unknown fragment changes nothing',
    run: async () => {
      for (const fragment of ['#intent=%E0%A4%A', '#other', '#intent', '#__proto__=1']) {
        await withPage(
          async ({ page }) => assert.match(await page.locator('#status').innerText(), /^7 files/),
          { address: `${ADDRESS}${fragment}` },
        );
      }
    },
  },
  {
    name: 'links: an unknown back end is ignored, an unknown target is reported',
    run: () =>
      withPage(
        async ({ page }) => {
          assert.is(await page.locator('#backend-choice').inputValue(), '');
          assert.match(await page.locator('#findings').innerText(), /target-unknown/);
        },
        { address: `${ADDRESS}#intent=version%3A%201&backend=nothing&target=%3Cimg%3E` },
      ),
  },
  {
    name: 'links: an intent that is too long for one is reported',
    run: () =>
      withPage(async ({ page }) => {
        await openIntent(page, `version: 1\n${'# x\n'.repeat(10_000)}`);
        await page.locator('#link-copy').click();
        assert.match(await page.locator('#message').innerText(), /too long for a link/);
      }),
  },
];
