/** The word of the daemon that owns the network, for each link. */
import { parseIp } from '../model/ip.ts';
import type { ManagedLink, Manager } from './types.ts';

/** Who configures the links of a back end: the last of what it needs. @param needs of the back end */
export function managerOf({ needs }: { readonly needs: readonly string[] }): Manager {
  const last = needs.at(-1);
  return MANAGERS.find((id) => id === last) ?? 'none';
}

const MANAGERS: readonly Manager[] = ['networkd', 'networkmanager', 'ifupdown'];

type Verdict = ManagedLink['verdict'];

/** networkctl(1), SETUP. */
const OF_NETWORKD: ReadonlyMap<string, Verdict> = new Map([
  ['pending', 'working'],
  ['initialized', 'working'],
  ['configuring', 'working'],
  ['configured', 'ready'],
  ['failed', 'failed'],
  ['unmanaged', 'unmanaged'],
  ['linger', 'unmanaged'],
]);

/**
 * What networkd writes of a link below `/run/systemd/netif/links`, which `networkctl`, wait-online
 * and systemd-resolved read (sd-network). `networkctl` itself needs a bus from 250 on, and does not
 * print the state as JSON before.
 */
export function readNetworkdLink(text: string): ManagedLink | undefined {
  const fields = new Map(
    text
      .split('\n', MAX_LINES)
      .map((line) => line.split(/=(.*)/s))
      .map(([key = '', value = '']) => [key, value] as const),
  );
  const state = fields.get('ADMIN_STATE');
  if (state === undefined) return undefined;
  const file = fields.get('NETWORK_FILE');
  return {
    state,
    verdict: OF_NETWORKD.get(state) ?? 'working',
    nameservers: addressesIn((fields.get('DNS') ?? '').split(' ')),
    ...(file && { file }),
  };
}

const MAX_LINES = 1000;

/** Without the name and the port that may stand behind: `9.9.9.9:53%eth0#dns.quad9.net`. */
const addressesIn = (words: readonly string[]): string[] =>
  words.flatMap((word) => {
    const plain = /^\[?([0-9a-fA-F:.]+?)\]?(?::\d+)?(?:%[^#]*)?(?:#.*)?$/.exec(word)?.[1] ?? '';
    return (parseIp(word) ?? parseIp(plain))?.text ?? [];
  });

/**
 * `nmcli -t -f GENERAL.DEVICE,GENERAL.STATE,GENERAL.CONNECTION,IP4.DNS,IP6.DNS device show`: a block
 * a device, a line a value. The number of a state is NMDeviceState's.
 */
export function readNetworkManager(text: string): Map<string, ManagedLink> {
  const found = new Map<string, ManagedLink>();
  for (const block of text.split(/\n{2,}/, MAX_DEVICES)) {
    const lines = block.split('\n').map((line) => line.split(/:(.*)/s));
    const of = (wanted: RegExp): string[] =>
      lines.flatMap(([key = '', value = '']) => (wanted.test(key) ? value : []));
    const [name] = of(/^GENERAL\.DEVICE$/);
    const [state = ''] = of(/^GENERAL\.STATE$/);
    const [profile] = of(/^GENERAL\.CONNECTION$/);
    if (name === undefined || name === '') continue;
    const [, number = '', words = ''] = /^(\d+)(?: \((.*)\))?$/.exec(state) ?? [];
    found.set(name, {
      state: words || state,
      verdict: verdictOf(Number(number), words),
      nameservers: addressesIn(of(/^IP[46]\.DNS\[\d+\]$/)),
      ...(profile && { file: profile }),
    });
  }
  return found;
}

const MAX_DEVICES = 10_000;

/** NMDeviceState: 10 unmanaged, 20 unavailable, 30 disconnected, 40 to 90 on its way, 100, 110, 120 failed. */
function verdictOf(state: number, words: string): Verdict {
  if (words.includes('externally')) return 'unmanaged';
  if (state === 100) return 'ready';
  if (state <= 10) return 'unmanaged';
  return state >= 40 && state < 100 ? 'working' : 'failed';
}

/**
 * `ifquery --state`: `eth0=eth0`, of ifupdown-ng with more words behind. Undefined where it is
 * ifupdown2's, which has no such option.
 */
export function readIfupdown(text: string): Map<string, ManagedLink> {
  const names = text
    .split('\n', MAX_DEVICES)
    .flatMap((line) => /^([^\s=]+)=[^\s=]+(?: .*)?$/.exec(line)?.[1] ?? []);
  return new Map(names.map((name) => [name, { state: 'up', verdict: 'ready', nameservers: [] }]));
}
