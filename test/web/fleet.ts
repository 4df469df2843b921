/** A fleet: its hosts are offered, and each has the files of the command's `--host`. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { commandHere } from '../command-here.ts';
import { asking, openIntent, seenFiles, withPage } from './browser.ts';
import type { Trial } from './trial.ts';

const FLEET = `version: 1
defaults: {shims: {veth0: {parent: eth0}}, backend: networkd}
hosts:
  kvm1: {shims: {veth0: {addresses: [192.0.2.1/24]}}}
  kvm2: {shims: {veth0: {addresses: [192.0.2.2/24]}}}
  kvm3: {shims: {veth0: {addresses: [192.0.2.300/24]}}}
`;

export const fleetTrials: readonly Trial[] = [
  {
    name: 'fleet: each host has the files of the command, and errors of others are named',
    run: () =>
      withPage(async ({ page }) => {
        const file = join(temporaryFolder(), 'fleet.yaml');
        writeFileSync(file, FLEET);
        await openIntent(page, FLEET);
        assert.equal(await page.locator('#host-choice option').allInnerTexts(), [
          'kvm1',
          'kvm2',
          'kvm3',
        ]);
        assert.is(await page.locator('#elsewhere').innerText(), 'Errors in other hosts: kvm3.');
        for (const host of ['kvm2', 'kvm1']) {
          await asking(page, () => page.locator('#host-choice').selectOption(host));
          const { stdout } = await commandHere([
            'render',
            file,
            '--host',
            host,
            '--format',
            'json',
          ]);
          const { hosts } = JSON.parse(stdout) as { hosts: { files: { text: string }[] }[] };
          assert.equal(
            (await seenFiles(page)).map(({ text }) => text),
            hosts[0]?.files.map(({ text }) => text),
          );
        }
        await asking(page, () => page.locator('#host-choice').selectOption('kvm3'));
        assert.match(await page.locator('#findings').innerText(), /192\.0\.2\.300/);
      }),
  },
];
