/** The page requests nothing, and its policy refuses what a hostile intent and a mistake would need. */
import * as assert from 'uvu/assert';
import { addressOf, asking, openPage, PAGE, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>/;

/** What each tries, and whether it worked. */
const ATTEMPTS = `(async () => {
  const tried = {};
  window.hit = undefined;
  try { document.body.insertAdjacentHTML('beforeend', '<p id="hit">'); } catch {}
  tried.html = document.getElementById('hit') !== null;
  const script = document.createElement('script');
  try { script.textContent = 'window.hit = 1'; document.body.append(script); } catch {}
  tried.script = window.hit === 1;
  try { document.querySelector('h1').setAttribute('onclick', 'window.hit = 2'); } catch {}
  document.querySelector('h1').click();
  tried.handler = window.hit === 2;
  // The devtools protocol allows eval itself while it evaluates this.
  try { setTimeout('window.hit = 3'); } catch {}
  await new Promise((settle) => setTimeout(settle, 50));
  tried.eval = window.hit === 3;
  try { tried.fetch = (await fetch('http://127.0.0.1:9/')).ok || true; } catch { tried.fetch = false; }
  const image = new Image();
  const loaded = new Promise((settle) => { image.onload = () => settle(true); image.onerror = () => settle(false); });
  image.src = URL.createObjectURL(new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'], { type: 'image/svg+xml' }));
  tried.image = await loaded;
  const style = document.createElement('style');
  style.textContent = 'h1 { letter-spacing: 7px }';
  document.head.append(style);
  tried.style = getComputedStyle(document.querySelector('h1')).letterSpacing === '7px';
  return tried;
})()`;

export const closedTrials: readonly Trial[] = [
  {
    name: 'closed: no request is made, whatever is shown',
    run: () =>
      withPage(async ({ page, requests }) => {
        for (const tab of ['picture', 'changes', 'install', 'guides', 'files']) {
          await page.locator(`#tab-${tab}`).click();
        }
        assert.equal(requests, []);
      }),
  },
  {
    name: 'closed: offline, it is the same page',
    run: () =>
      withPage(
        async ({ page }) => assert.match(await page.locator('#status').innerText(), /^7 files/),
        { offline: true },
      ),
  },
  {
    name: 'closed: where a browser starts no worker, the page compiles by itself',
    run: async () => {
      const without = PAGE.replace('worker-src blob:', "worker-src 'none'");
      const { page, problems } = await openPage({ address: addressOf(without, 'without.html') });
      assert.match(problems.join(), /worker-src 'none'/);
      assert.match(await page.locator('#status').innerText(), /^7 files/);
      await asking(page, () => page.locator('#backend-choice').selectOption('ifupdown'));
      assert.match(await page.locator('#files').innerText(), /\/etc\/network\//);
      await page.context().close();
    },
  },
  {
    name: 'closed: a request would be noticed',
    run: async () => {
      const leaky = PAGE.replace(POLICY, '').replace(
        '<main',
        '<img src="https://example.com/x" alt=""><main',
      );
      const { page, requests } = await openPage({ address: addressOf(leaky, 'leaky.html') });
      assert.equal(requests, ['https://example.com/x']);
      await page.context().close();
    },
  },
  {
    name: 'closed: the policy refuses HTML, scripts, handlers, eval, requests, images and styles',
    run: async () => {
      const refused = {
        html: false,
        script: false,
        handler: false,
        eval: false,
        fetch: false,
        image: false,
        style: false,
      };
      const { page } = await openPage();
      assert.equal(await page.evaluate(ATTEMPTS), refused);
      await page.context().close();
      // Without the policy they all work, but for a request to where nobody answers.
      const open = addressOf(PAGE.replace(POLICY, ''), 'open.html');
      const other = await openPage({ address: open });
      const done = (await other.page.evaluate(ATTEMPTS)) as typeof refused;
      assert.equal(
        Object.entries(done).filter(([, worked]) => !worked),
        [['fetch', false]],
      );
      await other.page.context().close();
    },
  },
];
