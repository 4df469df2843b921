/** Every golden intent by every back end: what the page shows is what the command writes and reports. */
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { caseNames, intentOf } from '../golden/cases.ts';
import { TARGETS } from '../golden/options.ts';
import {
  answered,
  asking,
  checkQuiet,
  type Opened,
  openIntent,
  openPage,
  seenFiles,
  seenFindings,
} from './browser.ts';
import { expectedFrom } from './command.ts';
import type { Trial } from './trial.ts';

async function chooseTarget(page: Page, target: string): Promise<void> {
  const listed = await page.locator(`#target-choice option[value="${target}"]`).count();
  if (listed > 0) {
    if ((await page.locator('#target-choice').inputValue()) === target) return;
    await asking(page, () => page.locator('#target-choice').selectOption(target));
    return;
  }
  await asking(page, () => page.locator('#target-choice').selectOption('versions'));
  await asking(page, () => page.locator('#versions').fill(target));
}

async function checkCase(page: Page, name: string): Promise<void> {
  const target = TARGETS[name] ?? '';
  await openIntent(page, intentOf(name));
  await chooseTarget(page, target);
  for (const { id } of backends) {
    if ((await page.locator('#backend-choice').inputValue()) !== id) {
      await asking(page, () => page.locator('#backend-choice').selectOption(id));
    }
    await answered(page);
    const words = [`golden/${name}/intent.yaml`, '--backend', id];
    const { files, findings } = await expectedFrom(
      ...words,
      ...(target === '' ? [] : ['--target', target]),
    );
    const label = `${name}, ${id}`;
    assert.equal(await seenFindings(page), findings, label);
    assert.is(await page.locator('#stale').isHidden(), files !== undefined, label);
    if (files) assert.equal(await seenFiles(page), files, label);
  }
}

/** One page for all of them: that a case leaves nothing behind for the next is part of what is tried. */
let shared: Promise<Opened> | undefined;
const sharedPage = (): Promise<Opened> => {
  shared ??= openPage();
  return shared;
};

export const goldenTrials: readonly Trial[] = [
  ...caseNames().map((name) => ({
    name: `golden: ${name}`,
    run: async () => checkCase((await sharedPage()).page, name),
  })),
  {
    name: 'golden: nothing was requested or thrown',
    run: async () => checkQuiet(await sharedPage()),
  },
];
