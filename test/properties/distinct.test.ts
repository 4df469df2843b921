/** What a kernel or a LAN has once cannot be had twice; and what neither takes is refused. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BACKENDS } from './backends.ts';
import { asJson, checkAnswer, checkSet, isAccepted, run } from './checks.ts';
import { fail, type Link } from './description.ts';
import { isIpv6 } from './expected/addressing.ts';
import { describe } from './expected/describe.ts';
import type { IntentData } from './intents/data.ts';
import { intent } from './intents/intent.ts';
import { withText } from './intents/texts.ts';
import { check, RUNS } from './runs.ts';
import { flatTexts } from './texts.ts';

/** What two texts must have in common for one to stand in the place of the other. */
const kindOf = (text: string): string => {
  if (/^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}$/.test(text)) return 'mac';
  if (/^[0-9A-Fa-f.:]+\/[0-9]+$/.test(text)) return isIpv6(text) ? 'network6' : 'network4';
  if (/^[0-9]+(?:\.[0-9]+){3}$/.test(text)) return 'ipv4';
  return text.includes(':') ? 'ipv6' : 'name';
};

/** One text of the intent in the place of another: a MAC, an address or a name that is taken. */
const doubled = fc
  .record({ data: intent, from: fc.nat(), to: fc.nat() })
  .map(({ data, from, to }) => {
    const texts = [...flatTexts(data)];
    const source = from % texts.length;
    const text = texts[source] ?? '';
    const alike = texts.flatMap((other, index) =>
      index !== source && kindOf(other) === kindOf(text) ? [index] : [],
    );
    const target = alike[to % alike.length];
    return target === undefined ? data : withText(data, target, text);
  });

const reversed = <T>(map: Map<string, T>): Map<string, T> => new Map([...map].reverse());

/** What the kernel, or a LAN, has once only. */
function checkDistinct(data: IntentData): void {
  const named = describe('networkd', data).links;
  const links = Object.values(named);
  const distinct = (what: string, texts: readonly string[]): void => {
    const twice = texts.find((text, index) => texts.indexOf(text) !== index);
    if (twice !== undefined) fail(`two have the ${what} ${twice}`);
  };
  const guests = [...(data.guests?.values() ?? [])];
  const macOf = ({ mac, permanentMac }: Link): string | undefined => mac ?? permanentMac;
  // A VLAN may have its link's MAC, and a bond or bridge that of a member.
  const isShared = (link: Link): boolean =>
    [link.kind === 'vlan' ? link.parent : undefined, link.master].some((name) => {
      const related = name === undefined ? undefined : named[name];
      return related !== undefined && macOf(related) === macOf(link);
    });
  distinct('MAC', [
    ...links.filter((link) => !isShared(link)).flatMap((link) => macOf(link) ?? []),
    ...guests.flatMap(({ macaddress }) => macaddress?.toLowerCase() ?? []),
  ]);
  distinct('name', [...Object.keys(named), ...guests.flatMap(({ target }) => target ?? [])]);
  distinct(
    'VLAN',
    links.flatMap(({ parent, vlanId }) => (vlanId === undefined ? [] : [`${parent} ${vlanId}`])),
  );
  distinct(
    'permanent MAC',
    links.flatMap(({ permanentMac }) => permanentMac ?? []),
  );
  const families = links.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
  distinct(
    'rule',
    families.flatMap(({ rules }) => rules),
  );
  // A side shim may have its parent's address, and no other may.
  const shared = ({ kind, parent, ipv4, ipv6 }: Link): string[] => {
    const below = kind === 'macvlan' && parent !== undefined ? named[parent] : undefined;
    const own = below ? [...below.ipv4.addresses, ...below.ipv6.addresses].map(bare) : [];
    return [...ipv4.addresses, ...ipv6.addresses].filter(
      (text) => /[.].*\/32$|\/128$/.test(text) && own.includes(bare(text)),
    );
  };
  distinct(
    'address',
    links.flatMap((link) => {
      const twins = shared(link);
      return [...link.ipv4.addresses, ...link.ipv6.addresses]
        .filter((text) => !twins.includes(text))
        .map(bare);
    }),
  );
  distinct(
    'address of a side shim',
    links.flatMap((link) => shared(link).map(bare)),
  );
  const keys = families
    .flatMap(({ routes }) => routes)
    .map((route) => {
      const [to = ''] = route.split(' ');
      const metric = Number(/ metric ([0-9]+)/.exec(route)?.[1] ?? 0);
      const table = / table ([0-9]+)/.exec(route)?.[1] ?? '254';
      return `${to} ${isIpv6(to) && metric === 0 ? 1024 : metric} ${table}`;
    });
  distinct('route', keys);
}

const bare = (address: string): string => address.split('/')[0] ?? '';

test('what is there once cannot be had twice, in whichever order', () => {
  check(RUNS / 10, doubled, asJson, (data) => {
    const text = asJson(data);
    const compiled = run(text);
    checkAnswer(text, compiled);
    const backwards = run(
      asJson({
        ...data,
        ...(data.parents && { parents: reversed(data.parents) }),
        ...(data.shims && { shims: reversed(data.shims) }),
        ...(data.taps && { taps: reversed(data.taps) }),
        ...(data.guests && { guests: reversed(data.guests) }),
      }),
    );
    if (isAccepted(compiled) !== isAccepted(backwards)) fail('refused in one order only');
    if (!isAccepted(compiled)) return;
    checkDistinct(data);
    for (const { backend, files } of compiled.sets ?? []) {
      const known =
        BACKENDS.find((candidate) => candidate === backend) ?? fail(`what is ${backend}?`);
      checkSet(files, known, data);
    }
  });
});

const shimOf = (settings: string): string =>
  `version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, ${settings}}}\n`;

const bridgeOf = (parameters: string): string =>
  `version: 1\nhost: kvm1\nparents: {br0: {type: bridge, interfaces: [eth0], parameters: {${parameters}}, dhcp4: true}}\n`;

/** What the schema lets through, and no kernel or daemon. */
const REFUSED: Readonly<Record<string, string>> = {
  'a gateway that is the broadcast address': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.255}]',
  ),
  "a gateway that is the subnet's own address": shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 198.51.100.0}]',
  ),
  'a gateway of the loopback': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 127.0.0.1, on-link: true}]',
  ),
  'an IPv4 link-local gateway that no address reaches': shimOf(
    'addresses: [198.51.100.50/24], routes: [{to: default, via: 169.254.1.1}]',
  ),
  'a bridge that forgets before it hears (max-age is 6 at least)': bridgeOf('max-age: 5'),
  'a bridge that says hello all the time (hello-time is 1 at least)': bridgeOf('hello-time: 0'),
  'a bridge with STP that does not listen (forward-delay is 2 at least)': bridgeOf(
    'stp: true, forward-delay: 1',
  ),
  'a VLAN with IPv6 on a link with an MTU too small for it':
    "version: 1\nparents: {eth0: {mtu: 600}, v5: {id: 5, link: eth0, addresses: ['2001:db8::5/64']}}\n",
  'a guest in passthrough beside a shim':
    'version: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, dhcp4: true}}\nguests: {g: {parent: eth0, mode: passthrough}}\n',
  'a name that /sys/class/net has already':
    'version: 1\nhost: kvm1\nshims: {bonding_masters: {parent: eth0, addresses: [198.51.100.50/24]}}\n',
};

for (const [what, text] of Object.entries(REFUSED)) {
  test(`is refused: ${what}`, () => assert.not(isAccepted(run(text))));
}

test.run();
