/** Which interfaces of domains are moved, and what they become. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bridgeNetworkOf, type Domain, domainOf, wordOf } from '../../src/domains/domain.ts';
import { type Aim, exchange } from '../../src/domains/exchange.ts';
import { type AimOf, planMoves } from '../../src/domains/plan.ts';
import { moveSteps, reversed } from '../../src/domains/steps.ts';
import { bridged, direct, domainXml, MAC, UUID } from './domains.ts';

const TO: Aim = { type: 'direct', source: 'eth0', mode: 'bridge', trustGuestRxFilters: true };
const BACK: Aim = { type: 'bridge', source: 'br0' };

const missing = (): never => {
  throw new Error('nothing was read');
};
const read = (text: string, networks?: ReadonlyMap<string, string>): Domain =>
  domainOf(text, networks) ?? missing();
const nicOf = (xml: string) => read(domainXml(xml)).nics[0] ?? missing();
const xmlOf = (xml: string, aim: Aim): string => {
  const made = exchange(nicOf(xml), aim);
  return typeof made === 'string' ? made : made.xml;
};
const leftOf = (xml: string, aim: Aim): readonly string[] | string => {
  const made = exchange(nicOf(xml), aim);
  return typeof made === 'string' ? made : made.left;
};

const ADDRESS = `<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>`;

test('MAC, model, driver, boot order, bandwidth, rom and address stay, there and back', () => {
  const kept = `<driver name='vhost' queues='4'/><boot order='2'/><rom bar='off'/><link state='up'/>${ADDRESS}`;
  const there = xmlOf(bridged(1, kept), TO);
  assert.is(
    there,
    `<interface type="direct" trustGuestRxFilters="yes"><mac address="${MAC}1"/><source dev="eth0" mode="bridge"/><model type="virtio"/>${kept.replaceAll("'", '"')}</interface>`,
  );
  assert.is(
    xmlOf(there, BACK),
    `<interface type="bridge"><mac address="${MAC}1"/><source bridge="br0"/><model type="virtio"/>${kept.replaceAll("'", '"')}</interface>`,
  );
});

test('mode, device and trust are those of the aim', () => {
  const aim: Aim = { ...TO, mode: 'private', trustGuestRxFilters: false, target: 'vm1-lan' };
  const xml = xmlOf(bridged(), aim);
  assert.match(xml, /trustGuestRxFilters="no"/);
  assert.match(xml, /<source dev="eth0" mode="private"\/><target dev="vm1-lan"\/>/);
});

test("what libvirt gives by itself is left to it, and a user's own names stay", () => {
  const given = `<target dev='vnet3'/><alias name='net0'/><backend vhost='/dev/vhost-net'/>`;
  assert.not.match(xmlOf(bridged(1, given), TO), /vnet3|net0|backend/);
  assert.equal(leftOf(bridged(1, given), TO), []);
  const own = `<target dev='lan1'/><alias name='ua-lan'/>`;
  assert.match(xmlOf(bridged(1, own), TO), /<target dev="lan1"\/>.*<alias name="ua-lan"\/>/);
  assert.not.match(xmlOf(bridged(1, `<target dev='-x y'/>`), TO), /target/);
});

test('what libvirt refuses on a macvtap is left out and named, or keeps the interface where it is', () => {
  const left = `<mtu size='9000'/><coalesce><rx><frames max='7'/></rx></coalesce>`;
  assert.equal(leftOf(bridged(1, left), TO), ['mtu', 'coalesce']);
  for (const needed of [
    `<filterref filter='clean-traffic'/>`,
    `<vlan><tag id='42'/></vlan>`,
    `<virtualport type='openvswitch'/>`,
    `<port isolated='yes'/>`,
  ]) {
    assert.match(String(leftOf(bridged(1, needed), TO)), /does not exist on a macvtap\.$/);
  }
});

const allTo: AimOf = (_, { attachment }) => (attachment.source === 'br0' ? TO : undefined);

test('stored and running definitions each keep their own settings', () => {
  const stored = read(domainXml(bridged(1, ADDRESS)));
  const live = read(
    domainXml(bridged(1, `<target dev='vnet0'/>${ADDRESS.replace("bus='0x01'", "bus='0x02'")}`)),
  );
  const { moves, stays } = planMoves([{ stored, live }], allTo);
  assert.is(moves.length, 1);
  assert.equal(stays, []);
  assert.match(moves[0]?.stored?.after ?? '', /bus="0x01"/);
  assert.match(moves[0]?.live?.after ?? '', /bus="0x02"/);
  assert.match(moves[0]?.live?.before ?? '', /^<interface type="bridge">/);
  assert.not.match(moves[0]?.live?.before ?? '', /vnet0/);
});

test('a domain that does not run, one that is not stored, and one that was moved by hand already', () => {
  const stored = read(domainXml(bridged()));
  const moved = read(domainXml(direct()));
  const kinds = (known: { stored?: Domain; live?: Domain }) =>
    planMoves([known], allTo).moves.map((move) => [!!move.stored, !!move.live]);
  assert.equal(kinds({ stored }), [[true, false]]);
  assert.equal(kinds({ live: stored }), [[false, true]]);
  assert.equal(kinds({ stored: moved, live: moved }), []);
});

test('a definition and what runs are each moved, or reported, by where they are', () => {
  const stored = read(domainXml(direct()));
  const one = planMoves([{ stored, live: read(domainXml(bridged())) }], allTo);
  assert.equal(
    one.moves.map((move) => [move.from.source, !!move.stored, !!move.live, move.isRunning]),
    [['br0', false, true, true]],
  );
  const filtered = read(domainXml(bridged(1, `<filterref filter='x'/>`)));
  assert.is(planMoves([{ stored, live: filtered }], allTo).stays.length, 1);
  const both: AimOf = (_, { attachment: { type, source } }) =>
    type === 'bridge' ? { ...TO, source: source === 'br0' ? 'eth0' : 'eth9' } : undefined;
  const two = planMoves(
    [{ stored: read(domainXml(bridged(1, '', 'br9'))), live: read(domainXml(bridged())) }],
    both,
  );
  assert.equal(
    two.moves.map((move) => [move.from.source, move.to.source, !!move.stored, !!move.live]),
    [
      ['br9', 'eth9', true, false],
      ['br0', 'eth0', false, true],
    ],
  );
  assert.ok(two.moves.every(({ isRunning }) => isRunning));
});

test('other bridges and other types are ignored', () => {
  const user = `<interface type='user'><mac address='${MAC}9'/></interface>`;
  const domain = read(domainXml(`${bridged(2, '', 'virbr0')}${user}${direct(3)}`));
  assert.equal(planMoves([{ stored: domain }], allTo), { moves: [], stays: [] });
});

test('an interface on a network over the bridge is on the bridge', () => {
  const network = bridgeNetworkOf(
    `<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`,
  );
  assert.equal(network, ['lan', 'br0']);
  assert.is(
    bridgeNetworkOf(
      `<network><name>default</name><forward mode='nat'/><bridge name='virbr0'/></network>`,
    ),
    undefined,
  );
  const networks = new Map(network ? [network] : []);
  const nic = `<interface type='network'><mac address='${MAC}1'/><source network='lan'/></interface>`;
  const live = `<interface type='bridge'><mac address='${MAC}1'/><source network='lan' portid='x' bridge='br0'/></interface>`;
  const { moves } = planMoves(
    [{ stored: read(domainXml(nic), networks), live: read(domainXml(live), networks) }],
    allTo,
  );
  assert.match(moves[0]?.stored?.before ?? '', /type="network".*<source network="lan"\/>/);
  assert.match(moves[0]?.live?.before ?? '', /type="bridge".*<source bridge="br0"\/>/);
  assert.match(moves[0]?.live?.after ?? '', /type="direct".*<source dev="eth0" mode="bridge"\/>/);
});

test('two interfaces with one MAC are one to virsh, and stay', () => {
  const { moves, stays } = planMoves(
    [{ stored: read(domainXml(`${bridged(1)}${bridged(1)}`)) }],
    allTo,
  );
  assert.equal(moves, []);
  assert.match(stays[0]?.why ?? '', /Two interfaces/);
});

test('names that virsh could take for something else are replaced by the UUID', () => {
  const uuid = `${UUID}1`;
  for (const name of ['3', '-x', '--all', 'a b', "a'b", `${UUID}2`, 'é', '$(id)', '.x']) {
    assert.is(wordOf({ name, uuid }), uuid, name);
    assert.is(wordOf({ name }), undefined, name);
  }
  assert.is(wordOf({ name: 'vm-1.lan_2', uuid }), 'vm-1.lan_2');
});

test('hostile values of a domain never reach a command', () => {
  const evil = [`'; touch /x; '`, '$(id)', '`id`', '--config', '-x'].map((text) =>
    text.replaceAll("'", '&apos;'),
  );
  for (const text of evil) {
    const domains = [
      { stored: read(domainXml(bridged(1, `<driver name='${text}'/>`), text)) },
      { stored: read(domainXml(bridged(1, '', text), 'vm2', `${UUID}2`)) },
      { stored: read(domainXml(bridged(1, `<target dev='${text}'/>`), 'vm3', `${UUID}3`)) },
    ];
    const plan = planMoves(domains, (_, { attachment }) =>
      attachment.type === 'bridge' ? TO : undefined,
    );
    const host = { text: 'the host', commands: [] };
    for (const { commands } of [
      ...moveSteps(plan, host, false),
      ...moveSteps(reversed(plan), host, false),
    ]) {
      for (const command of commands) {
        assert.match(
          command,
          /^(?:echo '<interface [^'\n]*<\/interface>' \| )?virsh [a-z-]+ [A-Za-z0-9][A-Za-z0-9-]*(?: [a-z/]+)?(?: --?[a-z]+(?: [0-9a-f:]+)?)*$/,
        );
      }
    }
  }
  assert.is(domainOf(domainXml(bridged(), 'a&#10;b'))?.name, 'a\nb');
});

const host = { text: 'The host.', commands: ['apply'] };
const summary = (steps: ReturnType<typeof moveSteps>): string[] =>
  steps.map(({ text, commands }) => `${text.split(' ')[0]} ${commands.length}`);

test('the order: to macvtap the host first, the guests first in the other direction', () => {
  const plan = planMoves(
    [
      { stored: read(domainXml(bridged(1))), live: read(domainXml(bridged(1))) },
      { stored: read(domainXml(bridged(2), 'vm2', `${UUID}2`)) },
    ],
    allTo,
  );
  assert.equal(summary(moveSteps(plan, host, true)), ['The 1', 'Replace 2', 'Detach 3']);
  assert.equal(summary(moveSteps(reversed(plan), host, true)), [
    'Detach 2',
    'Replace 2',
    'The 1',
    'Attach 1',
  ]);
  // Of a tree nobody knows what runs.
  assert.equal(summary(moveSteps(plan, host, false)), ['The 1', 'Replace 2', 'Detach 6']);
});

test('who stays, and what is left out, is at the end', () => {
  const plan = planMoves(
    [
      { stored: read(domainXml(bridged(1, `<mtu size='1400'/>`))) },
      { stored: read(domainXml(bridged(2, `<filterref filter='x'/>`), 'vm2', `${UUID}2`)) },
    ],
    allTo,
  );
  const texts = moveSteps(plan, host, true).map(({ text }) => text);
  assert.match(
    texts.at(-2) ?? '',
    /^`vm2` \(.*\) is not moved from bridge `br0`, and loses the LAN\./,
  );
  assert.match(texts.at(-1) ?? '', /`<mtu>` of `vm1`/);
});

test.run();
