/**
 * Conditions in files of other programs, asked of the daemons themselves: the program's answer for a
 * tree must be what networkd and NetworkManager do. Where it says that only the host knows, nothing
 * is asked.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LISTS, MATCHES } from '../../host/foreign-tables.ts';
import { startNetworkd } from '../drive/networkd.ts';
import { startNetworkManager } from '../drive/networkmanager.ts';
import { openScene } from '../drive/scene.ts';
import { furnish, type TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { must, type Place } from '../place.ts';
import type { Trial, Verdict } from '../trial.ts';

export const PART = 'foreign';

/** A NIC with an alternative name, and a macvlan that is there already. */
const LINKS = [
  'link add eth0 type veth peer name far0',
  'link property add dev eth0 altname enp9s9',
  'link add link far0 name veth0 address ce:56:b6:6f:2b:36 type macvlan mode bridge',
  'link set far0 up',
];

export const foreignTrials = (images: readonly Image[], backends: readonly string[]): Trial[] =>
  images.flatMap((image) =>
    [
      { backend: 'networkd', run: () => askNetworkd(image) },
      { backend: 'networkmanager', run: () => askNetworkManager(image) },
    ]
      .filter(({ backend }) => backends.includes(backend))
      .map(({ backend, run }) => ({
        part: PART,
        words: [backend, image.suite],
        repeat: ['--tier', '1', '--only', PART, '--backend', backend, '--suite', image.suite],
        run,
      })),
  );

/** Runs something on a host that has some files, with a daemon that ends with the host. */
async function onHost<T>(
  image: Image,
  files: readonly TargetFile[],
  ask: (host: Place) => Promise<T>,
): Promise<T> {
  const scene = await openScene(image.root);
  try {
    await furnish(scene.host, 'kvm1', files);
    await must(scene.host.run(['ip', '-batch', '-'], `${LINKS.join('\n')}\n`), LINKS);
    return await ask(scene.host);
  } finally {
    await scene.end();
  }
}

/** Asks again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() - begin > 20_000) throw new Error('no answer within 20 s');
    await sleep(50);
  }
}

async function askNetworkd(image: Image): Promise<Verdict> {
  const failures: string[] = [];
  let asked = 0;
  for (const [match, ofNic, ofShim, since = 0] of MATCHES) {
    if (Number(image.versions.systemd) < since) continue;
    const text = `[Match]\n${match}\n\n[Network]\nLinkLocalAddressing=no\n`;
    const file = { path: '/etc/systemd/network/10-a.network', mode: 0o644, text };
    const seen = await onHost(image, [file], async (host) => {
      startNetworkd(host);
      return { eth0: await isTaken(host, 'eth0'), veth0: await isTaken(host, 'veth0') };
    });
    for (const [name, answer] of [
      ['eth0', ofNic],
      ['veth0', ofShim],
    ] as const) {
      if (answer === 'maybe') continue;
      asked += 1;
      // The one that is asked has an alternative name.
      const isExpected = answer === 'yes' || answer === 'unlikely';
      if (seen[name] !== isExpected) {
        failures.push(`${name}: ${JSON.stringify(match)} is ${answer}, networkd: ${seen[name]}`);
      }
    }
  }
  return { failures, notes: [`${asked} conditions`] };
}

/** Whether networkd has a file for a link, once it has looked at it. */
const isTaken = (host: Place, link: string): Promise<boolean> =>
  until(() => {
    try {
      const index = readFileSync(`${host.root}/sys/class/net/${link}/ifindex`, 'utf8').trim();
      const text = readFileSync(`${host.root}/run/systemd/netif/links/${index}`, 'utf8');
      if (/^NETWORK_FILE=/m.test(text)) return true;
      return /^ADMIN_STATE=(?:unmanaged|failed)$/m.test(text) ? false : undefined;
    } catch {
      return undefined;
    }
  });

async function askNetworkManager(image: Image): Promise<Verdict> {
  const failures: string[] = [];
  let asked = 0;
  for (const [list, answer] of LISTS) {
    // A veth has no permanent MAC.
    if (answer === 'maybe' || /[0-9a-f]{2}[:-][0-9]/i.test(list)) continue;
    const text = `[keyfile]\nunmanaged-devices=${list}\n`;
    const file = { path: '/etc/NetworkManager/conf.d/10-a.conf', mode: 0o644, text };
    const isUnmanaged = await onHost(image, [file], async (host) => {
      await startNetworkManager(host);
      return until(async () => {
        const { status, stdout } = await host.runInside(
          ['nmcli', '--terse', '--fields', 'DEVICE,STATE', 'device'],
          undefined,
          20,
        );
        const state = /^eth0:(.*)$/m.exec(stdout)?.[1];
        return status === 0 && state !== undefined ? state === 'unmanaged' : undefined;
      });
    });
    asked += 1;
    if (isUnmanaged !== (answer === 'match')) {
      failures.push(`${JSON.stringify(list)} is ${answer}, unmanaged: ${isUnmanaged}`);
    }
  }
  return { failures, notes: [`${asked} lists`] };
}
