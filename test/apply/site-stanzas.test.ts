/** Files of ifupdown that a change is given: what goes, what stays byte for byte, and what is refused. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostFile } from '../../src/backends/host/foreign.ts';
import { replaceStanzas } from '../../src/backends/ifupdown/site-stanzas.ts';
import { parse } from '../../src/intent/parse.ts';
import { resolve } from '../../src/model/resolve.ts';
import type { Model } from '../../src/model/types.ts';
import { intentOf } from '../golden/cases.ts';

const MAIN = '/etc/network/interfaces';
const BR0 = '/etc/network/interfaces.d/br0';

function modelOf(text: string): Model {
  const { intent } = parse('intent.yaml', text);
  const model = intent && resolve(intent).value;
  if (!model) throw new Error('no model');
  return model;
}
const MODEL = modelOf(intentOf('original'));

const files = (texts: Readonly<Record<string, string>>): HostFile[] =>
  Object.entries(texts).map(([path, text]) => {
    const at = path.lastIndexOf('/');
    return { path, folder: path.slice(0, at), name: path.slice(at + 1), text };
  });

const replace = (
  texts: Readonly<Record<string, string>>,
  named: readonly string[] = [MAIN],
  model = MODEL,
) => replaceStanzas(files(texts), model, named);

const OTHERS = `# kept
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback
`;
const BRIDGE = `auto br0
iface br0 inet static
    address 198.51.100.50/24
    gateway 198.51.100.254
    bridge_ports eth0
    bridge_stp off
`;
const PORT = 'iface eth0 inet manual\n';

test('a bridge and its port go from a file with others, whose bytes stay', () => {
  const eth7 = 'auto eth7\niface eth7\tinet dhcp   \n    metric 7';
  const { texts, moved, links, problem } = replace({ [MAIN]: OTHERS + PORT + BRIDGE + eth7 }) ?? {};
  assert.is(problem, undefined);
  assert.is(texts?.get(MAIN), OTHERS + eth7);
  assert.equal(moved, []);
  assert.equal(links, ['eth0', 'br0'], 'the bridge after its port');
});

test('a file with nothing else is moved, and `auto` of the bridge goes from the main file, too', () => {
  const { texts, moved, links } =
    replace({ [MAIN]: `${OTHERS}auto br0\n`, [BR0]: `# lan\n${PORT}${BRIDGE}` }, [BR0]) ?? {};
  assert.is(texts?.get(MAIN), OTHERS);
  assert.equal(moved, [BR0]);
  assert.equal(links, ['eth0', 'br0']);
});

test('the main file is never moved, whatever is left of it', () => {
  const { texts, moved } = replace({ [MAIN]: BRIDGE }) ?? {};
  assert.is(texts?.get(MAIN), '');
  assert.equal(moved, []);
  const { problem } = replace({ [MAIN]: OTHERS }) ?? {};
  assert.match(problem?.message ?? '', /interfaces has no stanza of the intent's links/);
});

test('without a bridge no link goes down by it; what is not of ifupdown is not its business', () => {
  const { texts, links } = replace({ [MAIN]: `${OTHERS}iface eth0 inet dhcp\n` }) ?? {};
  assert.is(texts?.get(MAIN), OTHERS);
  assert.equal(links, []);
  assert.is(replace({ [MAIN]: OTHERS + BRIDGE }, ['/etc/systemd/network/br0.netdev']), undefined);
  for (const path of ['/etc/network/interfaces.d/60-macvtap', '/etc/network/ifupdown-ng.conf'])
    assert.is(replace({ [MAIN]: OTHERS, [path]: BRIDGE }, [path]), undefined, path);
});

test('a bridge that the intent itself has on the port stays', () => {
  const model = modelOf(intentOf('bridge-parent'));
  const { links } = replace({ [MAIN]: OTHERS + PORT + BRIDGE }, [MAIN], model) ?? {};
  assert.equal(links, []);
});

test('refused: what needs the bridge, another port, another file with it, a bond', () => {
  const refusals: readonly (readonly [string, RegExp])[] = [
    ['auto br0.5\niface br0.5 inet manual\n', /interfaces:\d+ needs the bridge br0/],
    ['iface lan5 inet manual\n    vlan-raw-device br0\n', /needs the bridge br0/],
    ['iface br0:1 inet static\n    address 192.0.2.1/24\n', /needs the bridge br0/],
    [
      'iface x inet manual\n    up ip route add 192.0.2.0/24 dev br0;true\n',
      /needs the bridge br0/,
    ],
    ['auto br0=office\n', /needs the bridge br0/],
  ];
  for (const [more, message] of refusals)
    assert.match(
      replace({ [MAIN]: OTHERS + BRIDGE + more })?.problem?.message ?? '',
      message,
      more,
    );
  const [[vlan]] = refusals as [readonly [string, RegExp]];
  const another = replace({ [MAIN]: OTHERS + BRIDGE + vlan.replaceAll('br0', 'br01') });
  assert.is(another?.problem, undefined, 'another bridge, whose name begins with it');
  const ports = (words: string) =>
    replace({ [MAIN]: OTHERS + BRIDGE.replace('ports eth0', `ports ${words}`) })?.problem
      ?.message ?? '';
  assert.match(ports('eth0 eth1'), /br0 has `bridge-ports` that the intent does not have: eth1$/);
  assert.match(ports('all'), /does not have: all$/);
  assert.is(ports('none eth0'), '');
  const apart = replace({ [MAIN]: OTHERS, [BR0]: BRIDGE, [`${BR0}-6`]: 'iface br0 inet6 auto\n' }, [
    BR0,
  ]);
  assert.match(apart?.problem?.message ?? '', /br0-6:1 has the bridge br0, too/);
  assert.is(apart?.problem?.hint, `Add \`--move ${BR0}-6\`.`);
  const heir = { [MAIN]: OTHERS, [BR0]: BRIDGE, [`${BR0}-x`]: 'iface x inet dhcp inherits br0\n' };
  assert.match(replace(heir, [BR0])?.problem?.message ?? '', /br0-x:1 needs the bridge br0/);
  for (const name of ['*', '../br0', '-br0', 'a$(id)', 'br0;id'])
    assert.match(
      replace({ [MAIN]: PORT + BRIDGE.replaceAll('br0', name) })?.problem?.message ?? '',
      /is not a bridge that the change can remove/,
      name,
    );
  const bond = 'iface bond0 inet manual\n    bond-slaves eth0\niface eth0 inet manual\n';
  assert.match(
    replace({ [MAIN]: bond })?.problem?.message ?? '',
    /interfaces:1 makes a link .* and is not a bridge/,
  );
});

test.run();
