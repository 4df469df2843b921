/** The file itself: its size, its bytes, and what it is to a browser. */
import * as assert from 'uvu/assert';
import { webPage } from '../../src/build/web.ts';
import { PAGE, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

const LARGEST = 1_500_000;

/** Widths of a small phone, a tablet and a desk. */
const WIDTHS = [360, 768, 1440];
const TABS = ['files', 'picture', 'changes', 'install', 'guides'];

/** Whether something is wider than the window. */
const OVERFLOW = 'document.documentElement.scrollWidth - innerWidth';

export const pageTrials: readonly Trial[] = [
  {
    name: 'page: at most 1.5 MB, and two builds give the same bytes',
    run: async () => {
      const size = Buffer.byteLength(PAGE);
      console.log(`page: ${size} bytes`);
      assert.ok(size <= LARGEST, String(size));
      assert.ok((await webPage()) === PAGE, 'another build differs');
    },
  },
  {
    name: 'page: no path of the building machine',
    run: async () => {
      assert.not.ok(PAGE.includes(process.cwd()));
    },
  },
  ...WIDTHS.map((width) => ({
    name: `page: nothing is wider than ${width} pixels`,
    run: () =>
      withPage(
        async ({ page }) => {
          for (const tab of TABS) {
            await page.locator(`#tab-${tab}`).click();
            assert.ok((await page.evaluate(OVERFLOW)) === 0, `${tab} at ${width}`);
          }
          await page.locator('#form-open').click();
          assert.ok((await page.evaluate(OVERFLOW)) === 0, `form at ${width}`);
          // The check can fail.
          await page.evaluate("document.querySelector('h1').style.minWidth = '3000px'");
          assert.ok(Number(await page.evaluate(OVERFLOW)) > 0);
        },
        { viewport: { width, height: 800 } },
      ),
  })),
  {
    name: 'page: nothing moves where motion is to be reduced',
    run: async () => {
      const moving = "getComputedStyle(document.querySelector('button')).transitionDuration";
      await withPage(async ({ page }) => assert.is(await page.evaluate(moving), '0s'), {
        reducedMotion: 'reduce',
      });
      await withPage(async ({ page }) => assert.is.not(await page.evaluate(moving), '0s'), {
        reducedMotion: 'no-preference',
      });
    },
  },
];
