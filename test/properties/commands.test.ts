/**
 * What is written as commands and as XML says what the intent says, as the files of the daemons do:
 * ifupdown's stanzas, the plan of the trial script, and what libvirt is given.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkAnswer, checkExplained, fingerprint, pretty, run, same } from './checks.ts';
import { type Files, fail, type Link } from './description.ts';
import { describe } from './expected/describe.ts';
import { isManaged, nodesOf } from './expected/nodes.ts';
import type { IntentData } from './intents/data.ts';
import { intent } from './intents/intent.ts';
import { print, style } from './intents/print.ts';
import { poison, poisoned } from './poison.ts';
import { readIfupdown } from './readers/ifupdown.ts';
import type { Kernel, MadeLink } from './readers/ip.ts';
import { readTrial } from './readers/iproute2.ts';
import { type Element, readLibvirt } from './readers/libvirt.ts';
import { check, RUNS } from './runs.ts';

const sorted = (texts: readonly string[]): string[] => [...texts].sort();

/** The order of the commands has no meaning in these. */
const shown = (link: MadeLink) => ({
  ...link,
  sources: sorted(link.sources),
  addresses: sorted(link.addresses),
  routes: sorted(link.routes),
});

function meant(link: Link): Omit<MadeLink, 'settings'> {
  const {
    kind,
    parent,
    vlanId,
    master,
    mode,
    mac,
    mtu,
    ipv4,
    ipv6,
    queue,
    threshold,
    allMulticast,
    access,
  } = link;
  return {
    kind,
    ...(parent !== undefined && { parent }),
    ...(vlanId !== undefined && { vlanId }),
    ...(master !== undefined && { master }),
    ...(mode !== undefined && { mode }),
    sources: sorted(link.sources ?? []),
    parameters: { ...link.parameters },
    ...(mac !== undefined && { mac }),
    ...(mtu !== undefined && { mtu }),
    ...(queue !== undefined && { queue }),
    ...(threshold !== undefined && { threshold }),
    ...(allMulticast && { allMulticast }),
    ...(access !== undefined && { access }),
    isUp: true,
    addresses: sorted([...ipv4.addresses, ...ipv6.addresses]),
    routes: sorted([...ipv4.routes, ...ipv6.routes]),
  };
}

/** Whether a link has IPv6 at all; a link without it has none of the kernel's own either. */
const hasIpv6 = ({ ipv6, linkLocal, autoconf, dhcp6 }: Link): boolean =>
  ipv6.addresses.length > 0 ||
  linkLocal.includes('ipv6') ||
  autoconf !== 'none' ||
  dhcp6 !== undefined;

function tokenOf({ interfaceId }: Link): Record<string, string> {
  if (interfaceId === undefined || interfaceId === 'eui64') return {};
  if (interfaceId !== 'stable-privacy') return { 'ipv6 token': interfaceId };
  return { 'ipv6 stable_secret': 'machine-id' };
}

/** The settings of the kernel that keep a link as in the intent. */
function meantSettings(name: string, link: Link, data: IntentData): Record<string, string> {
  const { kernel } = describe('networkd', data);
  const accepts = link.autoconf === 'ra' || link.autoconf === 'ra-only';
  return {
    ...(kernel.arpIgnore.includes(name) && { 'ipv4 arp_ignore': '1' }),
    ...(kernel.looseRpFilter.includes(name) && { 'ipv4 rp_filter': '2' }),
    'ipv6 disable_ipv6': hasIpv6(link) ? '0' : '1',
    ...(hasIpv6(link) && { 'ipv6 accept_ra': accepts ? '2' : '0' }),
    ...(accepts && { 'ipv6 use_tempaddr': link.privacy ? '2' : '0' }),
    ...(accepts && { 'ipv6 addr_gen_mode': '0' }),
    ...(accepts && tokenOf(link)),
    ...(hasIpv6(link) && !link.linkLocal.includes('ipv6') && { 'ipv6 addr_gen_mode': '1' }),
  };
}

const ADVERTISED = [
  'ipv6 autoconf',
  'ipv6 accept_ra_pinfo',
  'ipv6 accept_ra_defrtr',
  'ipv6 accept_ra_rt_info_max_plen',
];

function checkKernel(kernel: Kernel, data: IntentData): void {
  const { links } = describe('networkd', data);
  const names = sorted(Object.keys(links));
  same(sorted([...kernel.links.keys()]).join('\n'), names.join('\n'), 'links');
  for (const [name, link] of Object.entries(links)) {
    const is = kernel.links.get(name) ?? fail(`no ${name}`);
    const { settings, ...own } = shown(is);
    const must = meant(link);
    if (!isDeepStrictEqual(own, must)) same(pretty(own), pretty(must), name);
    const advertised = ADVERTISED.filter((key) => key in settings);
    const accepts = link.autoconf === 'ra' || link.autoconf === 'ra-only';
    if (advertised.length > 0 !== accepts) fail(`${name}: ${advertised.join(' ')}`);
    const kept = Object.fromEntries(
      Object.entries(settings).filter(([key]) => !ADVERTISED.includes(key)),
    );
    same(pretty(kept), pretty(meantSettings(name, link, data)), `settings of ${name}`);
  }
  const rules = Object.values(links).flatMap(({ ipv4, ipv6 }) => [...ipv4.rules, ...ipv6.rules]);
  same(sorted(kernel.rules).join('\n'), sorted(rules).join('\n'), 'rules');
}

function checkIfupdown(files: Files, data: IntentData): void {
  const { kernel, methods, order } = readIfupdown(files);
  checkKernel(kernel, data);
  const { links } = describe('networkd', data);
  for (const [name, { parent, dhcp4, dhcp6 }] of Object.entries(links)) {
    const asks = (family: string): boolean => methods.includes(`${name} ${family} dhcp`);
    if (asks('inet') !== (dhcp4 !== undefined)) fail(`${name}: DHCPv4`);
    if (asks('inet6') !== (dhcp6 !== undefined)) fail(`${name}: DHCPv6`);
    if (parent !== undefined && order.indexOf(parent) > order.indexOf(name))
      fail(`${name} comes before ${parent}`);
  }
}

function checkTrial(files: Files, data: IntentData): void {
  const { kernel, nics, silent } = readTrial(files);
  checkKernel(kernel, data);
  const { links } = describe('networkd', data);
  const ethernets = Object.entries(links).filter(([, { kind }]) => kind === 'ethernet');
  // Whatever they are, they are there.
  const others = nodesOf(data).flatMap((node) => (isManaged(node) ? [] : [node.name]));
  same(
    sorted(nics).join('\n'),
    sorted(
      ethernets
        .map(([name, { permanentMac }]) => (permanentMac ? `${name} ${permanentMac}` : name))
        .concat(others),
    ).join('\n'),
    'NICs',
  );
  for (const name of silent) {
    const { ipv4, ipv6 } = links[name] ?? fail(`silent: ${name}`);
    if (ipv4.addresses.length + ipv6.addresses.length > 0) fail(`${name} is to fall silent`);
  }
}

function checkLibvirt(files: Files, data: IntentData): void {
  const read = readLibvirt(files);
  const nodes = nodesOf(data);
  const guests = [...(data.guests ?? [])];
  const nameOf = (called: string): string =>
    (nodes.find(({ id, name }) => id === called || name === called) ?? fail(called)).name;
  const isGuest = (name: string): boolean => name.startsWith('macvtap-guest-');
  same(
    sorted([...read.keys()].filter(isGuest)).join('\n'),
    sorted(guests.map(([name]) => `macvtap-guest-${name}`)).join('\n'),
    'guests',
  );
  for (const [name, guest] of guests) {
    const parent = nameOf(guest.parent);
    const must = new Map([
      ['interface@type', 'direct'],
      ['interface@trustGuestRxFilters', guest['trust-guest-rx-filters'] === false ? 'no' : 'yes'],
      ...(guest.macaddress
        ? [['interface/mac@address', guest.macaddress.toLowerCase()] as const]
        : []),
      ['interface/source@dev', parent],
      ['interface/source@mode', guest.mode ?? 'bridge'],
      ...(guest.target ? [['interface/target@dev', guest.target] as const] : []),
      ['interface/model@type', guest.model ?? 'virtio'],
      ['interface/alias@name', `ua-macvtap-${parent.replace(/[^A-Za-z0-9_-]/g, '-')}`],
    ]);
    const is = read.get(`macvtap-guest-${name}`) ?? fail(name);
    same(lines(is), lines(must), `guest ${name}`);
  }
  for (const [name, element] of [...read].filter(([key]) => !isGuest(key))) {
    const dev = element.get('network/forward/interface@dev') ?? fail(`${name}: no interface`);
    if (!nodes.some((node) => node.name === dev)) fail(`${name}: whose is ${dev}?`);
    const { uuid, ...others } = Object.fromEntries(
      [...element].map(([key, value]) => [key.replace('network/', ''), value]),
    );
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid ?? ''))
      fail(`${name}: ${uuid}`);
    same(
      pretty({ file: name, ...others }),
      pretty({
        file: `macvtap-network-${dev}`,
        'network@trustGuestRxFilters': 'yes',
        name: `macvtap-${dev}`,
        'forward@mode': 'bridge',
        'forward/interface@dev': dev,
      }),
      name,
    );
  }
}

const lines = (element: Element): string =>
  [...element].map(([key, value]) => `${key}=${value}\n`).join('');

const CHECKS: Readonly<Record<string, (files: Files, data: IntentData) => void>> = {
  ifupdown: checkIfupdown,
  iproute2: checkTrial,
  libvirt: checkLibvirt,
};

for (const [backend, checkFiles] of Object.entries(CHECKS)) {
  test(`${backend}: what the files say is what the intent says`, () => {
    let rendered = 0;
    const runs = RUNS / 3;
    check(
      runs,
      fc.record({ data: intent, style, other: style }),
      ({ data }) => print(data, { notation: 'block', seed: 1 }),
      ({ data, style: as, other }) => {
        const text = print(data, as);
        const compiled = run(text, [backend]);
        checkAnswer(text, compiled, [backend]);
        for (const set of compiled.sets ?? []) {
          rendered += 1;
          checkFiles(new Map(set.files.map(({ path, text: own }) => [path, own])), data);
          if (rendered % 20 === 0) checkExplained(compiled, set);
        }
        if (rendered % 5 > 0) return;
        const again = print(data, other);
        same(fingerprint(run(again, [backend]).sets), fingerprint(compiled.sets), again);
      },
    );
    console.log(`\n  ${backend}: ${rendered} of ${Math.round(runs)}`);
    assert.ok(rendered > runs / 20, `only ${rendered} rendered by ${backend}`);
  });

  test(`${backend}: hostile values are refused, or change only the value`, () => {
    check(
      RUNS / 5,
      poisoned,
      (drawn) => print(poison(drawn), drawn.style),
      (drawn) => {
        const data = poison(drawn);
        const text = print(data, drawn.style);
        const compiled = run(text, [backend]);
        checkAnswer(text, compiled, [backend]);
        for (const { files } of compiled.sets ?? [])
          checkFiles(new Map(files.map(({ path, text: own }) => [path, own])), data);
      },
    );
  });
}

const FAULTS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  ifupdown: [
    [/mode bridge/, 'mode vepa'],
    [/pre-up ip link set dev veth0 up\n/, 'pre-up true\n'],
    [/ {4}address .*\n/, ''],
    [/198\.51\.100\.254 dev/, '198.51.100.253 dev'],
    [/echo 1 (> \S+eth0\/arp_ignore\n)/, 'echo 0 $1'],
    [/address ce:/, 'address ca:'],
    [/auto veth0\n/, ''],
    [/link eth0/, 'link eth1'],
    [/inet static/, 'inet dhcp'],
  ],
  iproute2: [
    [/mode bridge\nip/, 'mode vepa\nip'],
    [/ip_link_up veth0\n/, ''],
    [/ip_address_add .*\n/, ''],
    [/ip_route_add (.*)254\n/, 'ip_route_add $1253\n'],
    [/(arp_ignore) 1/, '$1 0'],
    [/need_nic eth0\n/, ''],
    [/falls_silent eth0/, 'falls_silent veth0'],
    [/ip_address_flush eth0/, 'reboot'],
  ],
  libvirt: [
    [/mode='bridge'\/>/, "mode='vepa'/>"],
    [/<source dev='eth0'/, "<source dev='veth0'"],
    [/52:54:00:00:00:01/, '52:54:00:00:00:02'],
    [/<model [^>]*>\n/, ''],
    [/<interface dev='eth0'/, "<interface dev='eth1'"],
    [/<name>macvtap-eth0</, '<name>macvtap-eth1<'],
    [/<model /, '<x/><model '],
  ],
};

for (const [backend, faults] of Object.entries(FAULTS)) {
  test(`${backend}: each fault is noticed`, () => {
    const data: IntentData = {
      version: 1,
      host: 'kvm1',
      shims: new Map([
        [
          'veth0',
          {
            parent: 'eth0',
            addresses: ['198.51.100.50/24'],
            routes: [{ to: 'default', via: '198.51.100.254' }],
          },
        ],
      ]),
      guests: new Map([['vm1', { parent: 'eth0', macaddress: '52:54:00:00:00:01' }]]),
    };
    const { sets } = run(print(data, { notation: 'block', seed: 1 }), [backend]);
    const files = (sets?.[0]?.files ?? []).map(({ path, text }) => [path, text] as const);
    const checkFiles = CHECKS[backend] ?? fail(backend);
    checkFiles(new Map(files), data);
    for (const [find, put] of faults) {
      const broken = files.map(([path, text]) => [path, text.replace(find, put)] as const);
      assert.not.equal(broken, files, `${find} is nowhere`);
      assert.throws(() => checkFiles(new Map(broken), data), undefined, `${find} is not noticed`);
    }
  });
}

test.run();
