/** Files of others that nobody in his senses writes: each is read at once, whatever reads it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Watch } from '../../src/backends/host/foreign.ts';
import { backendOf } from '../../src/backends/registry.ts';
import { inOrder } from '../../src/install/order.ts';
import { parseCidr, parseIp } from '../../src/model/ip.ts';
import { sizeOf } from '../long.ts';
import { processorMs } from '../processor.ts';
import { findingsOf, HOSTS } from './judged.ts';

/** What is quadratic takes a minute for so much; what is linear, no time. */
const MUCH = sizeOf(160_000);
const MANY = sizeOf(4_000);

/** Settings in the sections that are looked at, in the grammar of each. */
const settings = (value: string): string =>
  [
    '[Match]',
    `Name=${value}`,
    `Type=${value}`,
    `MACAddress=${value}`,
    '[NetDev]',
    `Name=${value}`,
    '[Network]',
    `Bridge=${value}`,
    `VLAN=${value}`,
    '[keyfile]',
    `unmanaged-devices=${value}`,
    '[device-x]',
    `match-device=${value}`,
    'managed=0',
    '[.config]',
    `enable=${value}`,
    '[connection]',
    'type=ethernet',
    'autoconnect-priority=200',
    `master=${value}`,
    '[match]',
    `interface-name=${value}`,
    '[ipv4]',
    `address1=${value}`,
    '',
  ].join('\n');

const HOSTILE: readonly string[] = [
  `a${' '.repeat(MUCH)}b`,
  `a${' '.repeat(MUCH)}=${' '.repeat(MUCH)}b`,
  ' '.repeat(MUCH),
  '='.repeat(MUCH),
  '\\\n'.repeat(MUCH),
  '[\n'.repeat(MUCH),
  `SUBSYSTEM=="net", ${'a'.repeat(MUCH)}`,
  '"'.repeat(MUCH),
  'a{'.repeat(MUCH),
  ...[
    '*'.repeat(MANY),
    '*a'.repeat(MANY),
    '['.repeat(MANY),
    '[z-a]*',
    '!'.repeat(MANY),
    'a '.repeat(MANY),
    'a;'.repeat(MANY),
    ' ;'.repeat(MANY),
    '\\'.repeat(MANY),
    '"a" '.repeat(MANY),
    'except:'.repeat(MANY),
    `except:interface-name:${'*a'.repeat(MANY)}`,
    `interface-name:${'?*'.repeat(MANY)}`,
    '00:'.repeat(MANY),
    ':'.repeat(MANY),
    '1.'.repeat(MANY),
  ].map(settings),
];

/** A name that the watch lets through. */
function nameFor({ name }: Watch): string {
  const names = ['00-a', 'NetworkManager', 'cloud', 'interfaces', 'a'].flatMap((base) =>
    ['.network', '.netdev', '.link', '.conf', '.state', '.rules', '.nmconnection', ''].map(
      (ending) => base + ending,
    ),
  );
  const found = [...names, 'ifcfg-a'].find((item) => name.test(item));
  return found ?? '';
}

// Of YAML there is more to say: it is read by a library.
const isYaml = ({ folder }: Watch): boolean => /netplan|cloud/.test(folder);

test('no text of a file takes long, wherever it lies', () => {
  for (const backend of HOSTS) {
    const watches = backendOf(backend, 'networkd').watches.filter((watch) => !isYaml(watch));
    const places = watches.flatMap((watch) => {
      const folder = watch.below
        ? ['00-macvtap-eth0.network.d', '00-a.network.d'].find((item) => watch.below?.test(item))
        : undefined;
      const name = nameFor(watch);
      return name === '' || (watch.below && !folder)
        ? []
        : [`${watch.folder}${folder === undefined ? '' : `/${folder}`}/${name}`];
    });
    assert.ok(places.length > 10);
    for (const text of HOSTILE) {
      const start = processorMs();
      findingsOf(backend, Object.fromEntries(places.map((place) => [place, text])));
      const took = processorMs() - start;
      assert.ok(took < 10_000, `${backend}: ${took} ms for ${JSON.stringify(text.slice(0, 60))}`);
    }
  }
});

test('nor does a text that looks like an address', () => {
  const start = processorMs();
  for (const text of [':', '1', '1:', '1.', '/', 'a:/'].map((part) => part.repeat(MUCH))) {
    assert.is(parseIp(text), undefined);
    assert.is(parseCidr(`${text}/64`), undefined);
    // What was there before is anybody's: our files may have been edited.
    const target = '/etc/systemd/network/00-macvtap-eth0.network';
    inOrder([{ target, before: `=${text}`, after: '=192.0.2.1/24' }]);
  }
  assert.ok(processorMs() - start < 10_000, `${processorMs() - start} ms`);
});

test.run();
