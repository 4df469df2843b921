/** Downloads: byte for byte what the command writes. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { commandHere } from '../command-here.ts';
import { intentOf } from '../golden/cases.ts';
import { asking, openIntent, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

/** The button, and the words of the command. */
const DOWNLOADS: readonly (readonly [string, readonly string[]])[] = [
  ['Archive', ['render', '--format', 'tar']],
  ['Change script', ['steps', '--script']],
  ['Ansible role', ['render', '--format', 'ansible']],
  ['cloud-init user-data', ['render', '--format', 'cloud-init']],
  ['Ignition', ['render', '--format', 'ignition']],
];

export async function downloaded(
  page: Page,
  act: () => Promise<void>,
): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function checkDownloads(page: Page, name: string, backend: string): Promise<void> {
  await openIntent(page, intentOf(name));
  await asking(page, () => page.locator('#backend-choice').selectOption(backend));
  await page.locator('#tab-install').click();
  for (const [title, words] of DOWNLOADS) {
    const button = page.locator('#downloads').getByRole('button', { name: title });
    const { bytes } = await downloaded(page, () => button.click());
    const { stdout, stderr } = await commandHere([
      ...words,
      `golden/${name}/intent.yaml`,
      '-b',
      backend,
    ]);
    assert.ok(stdout.length > 100, stderr);
    assert.ok(bytes.equals(Buffer.from(stdout)), `${title} of ${name}, ${backend}`);
  }
}

export const downloadTrials: readonly Trial[] = [
  ...(
    [
      ['original', 'networkd'],
      ['dual-stack', 'ifupdown'],
      ['two-shims', 'netplan-networkd'],
      ['dhcp', 'networkmanager'],
    ] as const
  ).map(([name, backend]) => ({
    name: `downloads: ${name}, ${backend}, are the bytes of the command`,
    run: () => withPage(({ page }) => checkDownloads(page, name, backend)),
  })),
  {
    name: 'downloads: a back end of no network of a host has an archive alone',
    run: () =>
      withPage(async ({ page }) => {
        await asking(page, () => page.locator('#backend-choice').selectOption('libvirt'));
        await page.locator('#tab-install').click();
        const titles = await page.locator('#downloads button').allInnerTexts();
        assert.equal(titles, ['Archive']);
      }),
  },
  {
    name: 'downloads: the intent is saved as it was opened, byte for byte',
    run: () =>
      withPage(async ({ page }) => {
        const text =
          '\ufeffversion: 1\r\nhost: kvm1\r\n# \u2028 \u0085 é 𝕏 \t\r\nshims: {veth0: {parent: eth0, dhcp4: true}}';
        await openIntent(page, text);
        const { name, bytes } = await downloaded(page, () => page.locator('#file-save').click());
        assert.is(name, 'kvm1.yaml');
        assert.is(bytes.toString(), text);
      }),
  },
];
