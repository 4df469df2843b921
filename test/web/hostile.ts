/** Hostile intents change nothing of the page: no element, attribute, script or title that was not there. */
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { print } from '../properties/intents/print.ts';
import { poison, poisoned } from '../properties/poison.ts';
import { HOSTILE } from '../properties/texts.ts';
import { asking, openIntent, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

const MARKUP = [
  '<img src=x onerror=hit()>',
  '<script>hit()</script>',
  '</script><script>hit()</script>',
  '</style><style>*{display:none}</style>',
  '"><svg onload=hit()>',
  "'><a href=javascript:hit()>x</a>",
  '</text></svg><iframe srcdoc="<script>parent.hit()</script>">',
  '<!--',
  ']]>',
  '&lt;img src=x onerror=hit()&gt;',
  '&#60;script&#62;hit()&#60;/script&#62;',
  '$' + '{hit()}',
  'javascript:hit()',
];

/** What the page is made of but texts, and what no part of it may have. */
const SHAPE = `(() => {
  const bad = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      // The editor's own, beside widgets.
      if (element.className === 'cm-widgetBuffer' && !element.hasAttribute('src')) continue;
      if (/^(script|style|link|meta|base|iframe|object|embed|img|image|use|foreignObject|animate|set)$/i.test(element.localName)) bad.push(element.localName);
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name) || /^\\s*javascript:/i.test(value)) bad.push(name + '=' + value);
      }
    }
  };
  walk(document);
  const own = [...document.querySelectorAll('[id]')].map(({ id }) => id).join(' ');
  return JSON.stringify([bad, own, document.title, document.querySelectorAll('main, header, footer, section, dialog').length - document.querySelectorAll('.file').length, typeof window.hit]);
})()`;

const TABS = ['picture', 'changes', 'install', 'files'];

async function checkShape(page: Page, expected: unknown, text: string): Promise<void> {
  for (const tab of TABS) {
    await page.locator(`#tab-${tab}`).click();
    assert.is(await page.evaluate(SHAPE), expected, `${tab}:\n${text}`);
  }
}

/** Intents in which a text is in places that are shown as names: of hosts, links, guests; and in errors. */
const intentsWith = (text: string): string[] => {
  const own = JSON.stringify(text);
  return [
    `version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, dhcp4: true}}\nguests: {${own}: {parent: eth0}}\n`,
    `version: 1\nhost: ${own}\nshims: {${own}: {parent: ${own}, addresses: [${own}], mode: ${own}, ${own}: 1}}\n`,
    `${text}\nversion: ${text}\n`,
  ];
};

const ENOUGH = 12;
const SEEN = 'poisoned intents that have files';

export const hostileTrials: readonly Trial[] = [
  {
    name: 'hostile: texts of the property tests, and markup, in names, values, keys and as they are',
    run: () =>
      withPage(async ({ page }) => {
        const shape = await page.evaluate(SHAPE);
        for (const [index, text] of [...MARKUP, ...HOSTILE].entries()) {
          const all = intentsWith(text);
          // Markup in each place, other texts in one.
          for (const intent of index < MARKUP.length ? all : [all[index % all.length] ?? '']) {
            await openIntent(page, intent);
            assert.is(await page.evaluate(SHAPE), shape, intent);
          }
        }
        await checkShape(page, shape, 'the last');
      }),
  },
  {
    name: 'hostile: poisoned intents, on every tab',
    run: () =>
      withPage(async ({ page }) => {
        const shape = await page.evaluate(SHAPE);
        let opened = 0;
        let rendered = 0;
        for (const drawn of fc.sample(poisoned, { numRuns: 1500, seed: 1 })) {
          // Most are refused: drawn until enough were opened of both kinds, whatever their share is.
          if (opened >= 120 && rendered >= ENOUGH) break;
          opened += 1;
          const text = print(poison(drawn), drawn.style);
          // A lone surrogate is not UTF-8: such a file is refused.
          await openIntent(page, text);
          assert.is(await page.evaluate(SHAPE), shape, text);
          if (!(await page.locator('#stale').isHidden())) continue;
          rendered += 1;
          await checkShape(page, shape, text);
        }
        assert.ok(rendered >= ENOUGH, `${rendered} of ${opened} ${SEEN}`);
      }),
  },
  {
    name: 'hostile: a picture becomes no other elements than those of pictures',
    run: () =>
      withPage(async ({ page }) => {
        const name = '<img src=x onerror=hit()>';
        await openIntent(
          page,
          `version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, dhcp4: true}}\nguests: {${JSON.stringify(name)}: {parent: eth0}}\n`,
        );
        await page.locator('#tab-picture').click();
        assert.match((await page.locator('#picture svg').textContent()) ?? '', /LAN/);
        const kinds = await page.evaluate(
          "[...new Set([...document.getElementById('picture').shadowRoot.querySelectorAll('*')].map((e) => e.localName))].sort().join(' ')",
        );
        assert.is(kinds, 'desc path rect svg text title');
      }),
  },
  {
    name: 'hostile: another element, attribute or title would be noticed',
    run: () =>
      withPage(async ({ page }) => {
        const shape = await page.evaluate(SHAPE);
        for (const act of [
          "document.getElementById('files').append(document.createElement('img'))",
          "document.getElementById('picture').shadowRoot?.append(document.createElement('iframe')) ?? document.body.append(document.createElement('iframe'))",
          "document.getElementById('status').id = 'other'",
          "document.title = 'x'",
          'window.hit = () => {}',
        ]) {
          const before = await page.evaluate(SHAPE);
          await page.evaluate(`{ ${act}; }`);
          assert.is.not(await page.evaluate(SHAPE), before, act);
        }
        assert.ok(shape);
      }),
  },
  {
    name: 'hostile: a file that is not text is refused, and the intent stays',
    run: () =>
      withPage(async ({ page }) => {
        await page.locator('#file').setInputFiles({
          name: 'x',
          mimeType: 'text/yaml',
          buffer: Buffer.from([0xff, 0xfe, 0x00]),
        });
        await page.locator('#message:not(:empty)').waitFor();
        assert.match(await page.locator('.cm-content').innerText(), /host: kvm1/);
        await asking(page, () => page.locator('#backend-choice').selectOption('ifupdown'));
      }),
  },
];
