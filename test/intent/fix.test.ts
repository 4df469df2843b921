/** `lint --fix`: each fix that there is, what is never edited, and what stays as it is written. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFleet } from '../../src/compile-fleet.ts';
import { type DiagnosticCode, fixableCodes } from '../../src/diagnostics/codes.ts';
import { type FixedTexts, fixTexts } from '../../src/fix-texts.ts';
import { caseNames, intentOf } from '../golden/cases.ts';

const fixed = (text: string, codes: readonly string[] = []): FixedTexts =>
  fixTexts([{ file: 'macvtap.yaml', text }], {
    backends: [],
    only: ({ code }) => codes.length === 0 || codes.includes(code),
  });

/** The text of a host, with lines of its shim. */
const shim = (...lines: readonly string[]): string =>
  `version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n${lines.map((line) => `    ${line}\n`).join('')}`;

const ADDRESS = 'addresses: [198.51.100.50/24]';
const routed = (route: string): string => shim(ADDRESS, `routes: [{${route}}]`);
const two = (veth1: string): string => `${shim(ADDRESS)}  veth1: ${veth1}\n`;

/** By code: a text, and what is in the place of one part of it afterwards. */
const CASES: readonly (readonly [DiagnosticCode, text: string, from: string, to: string])[] = [
  [
    'duplicate-key',
    shim(ADDRESS, 'mtu: 1400', 'mtu: 1400'),
    '    mtu: 1400\n    mtu: 1400\n',
    '    mtu: 1400\n',
  ],
  ['yaml-1-1-habit', shim(ADDRESS, 'optional: Yes'), 'Yes', 'true'],
  ['yaml-1-1-habit', shim(ADDRESS, 'mtu: 1_400'), '1_400', '1400'],
  ['unknown-key', shim('adresses: [198.51.100.50/24]'), 'adresses', 'addresses'],
  [
    'unknown-key',
    shim(ADDRESS, '"motu": 1400'.replace('motu', 'optoinal').replace('1400', 'true')),
    'optoinal',
    'optional',
  ],
  ['unknown-key', shim('ADDRESSES: [198.51.100.50/24]'), 'ADDRESSES', 'addresses'],
  [
    'unknown-key',
    shim(ADDRESS, 'gateway4: 198.51.100.254'),
    'gateway4: 198.51.100.254',
    'routes: [{to: default, via: 198.51.100.254}]',
  ],
  [
    'unknown-key',
    shim('address: 198.51.100.50/24'),
    'address: 198.51.100.50/24',
    'addresses: [198.51.100.50/24]',
  ],
  [
    'unknown-key',
    shim(ADDRESS, 'dns: [198.51.100.1, 198.51.100.2]'),
    'dns: [198.51.100.1, 198.51.100.2]',
    'nameservers: {addresses: [198.51.100.1, 198.51.100.2]}',
  ],
  ['unknown-key', shim(ADDRESS, 'critical: true'), '    critical: true\n', ''],
  [
    'unknown-key',
    '{"version":1,"host":"kvm1","shims":{"veth0":{"parent":"eth0","addresses":["198.51.100.50/24"],"gateway":"198.51.100.254"}}}',
    '"gateway":"198.51.100.254"',
    '"routes": [{"to": "default", "via": "198.51.100.254"}]',
  ],
  [
    'missing-key',
    shim(ADDRESS).replace('version: 1\n', ''),
    'host: kvm1',
    'version: 1\nhost: kvm1',
  ],
  [
    'missing-key',
    '{\n  "host": "kvm1", "shims": {"veth0": {"parent": "eth0", "addresses": ["198.51.100.50/24"]}}}',
    '"host"',
    '"version": 1,\n  "host"',
  ],
  ['wrong-type', shim(ADDRESS, 'mtu: "1400"'), '"1400"', '1400'],
  ['wrong-type', shim(ADDRESS, "optional: 'yes'"), "'yes'", 'true'],
  ['wrong-type', shim('addresses: 198.51.100.50/24'), '198.51.100.50/24', '[198.51.100.50/24]'],
  ['wrong-type', shim(ADDRESS).replace('kvm1', '[kvm1]'), '[kvm1]', 'kvm1'],
  [
    'wrong-type',
    shim(ADDRESS).replace('host: kvm1', 'host:\n  - kvm1'),
    'host:\n  - kvm1',
    'host: kvm1',
  ],
  ['wrong-value', shim(ADDRESS, 'mode: Bridge'), 'Bridge', 'bridge'],
  ['wrong-value', shim(ADDRESS, "mode: 'brigde'"), "'brigde'", "'bridge'"],
  ['version-unsupported', shim(ADDRESS).replace('version: 1', 'version: "1"'), '"1"', '1'],
  [
    'shim-on-shim',
    two('{parent: veth0, addresses: [192.0.2.50/24]}'),
    'parent: veth0',
    'parent: eth0',
  ],
  [
    'guest-on-shim',
    `${shim(ADDRESS)}guests:\n  web: {parent: veth0}\n`,
    'parent: veth0',
    'parent: eth0',
  ],
  [
    'mac-malformed',
    shim(ADDRESS, 'macaddress: 02-00-00-51-00-50'),
    '02-00-00-51-00-50',
    '02:00:00:51:00:50',
  ],
  [
    'mac-malformed',
    shim(ADDRESS, 'macaddress: 0200.0051.00AB'),
    '0200.0051.00AB',
    '02:00:00:51:00:ab',
  ],
  [
    'mac-malformed',
    shim(ADDRESS, 'macaddress: 2:0:0:51:0:50'),
    '2:0:0:51:0:50',
    '02:00:00:51:00:50',
  ],
  ['address-malformed', shim('addresses: [198.51.100.50/255.255.255.0]'), '/255.255.255.0', '/24'],
  ['address-malformed', shim('addresses: ["198.51.100.50 / 24"]'), '50 / 24', '50/24'],
  [
    'address-malformed',
    routed('to: default, via: 198.51.100.254, from: 198.51.100.50/24'),
    'from: 198.51.100.50/24',
    'from: 198.51.100.50',
  ],
  [
    'address-taken',
    shim('addresses: [198.51.100.50/24, 198.51.100.51/24, 198.51.100.50/24]'),
    ', 198.51.100.50/24]',
    ']',
  ],
  [
    'address-taken',
    shim('addresses:', '  - 198.51.100.50/24', '  - 198.51.100.50/24 # again'),
    '      - 198.51.100.50/24 # again\n',
    '      # again\n',
  ],
  ['route-malformed', routed('to: Default, via: 198.51.100.254'), 'Default', 'default'],
  [
    'route-malformed',
    routed('to: 192.0.2.0/255.255.255.0, via: 198.51.100.254'),
    '192.0.2.0/255.255.255.0',
    '192.0.2.0/24',
  ],
  [
    'route-host-bits',
    routed('to: 192.0.2.9/24, via: 198.51.100.254'),
    '192.0.2.9/24',
    '192.0.2.0/24',
  ],
  [
    'route-host-bits',
    shim(
      'addresses: ["2001:db8:51::50/64"]',
      'routes: [{to: "2001:db8:1::5/48", via: "2001:db8:51::1"}]',
    ),
    '"2001:db8:1::5/48"',
    '"2001:db8:1::/48"',
  ],
  ['gateway-malformed', routed('to: default, via: 198.51.100.254/24'), '254/24', '254'],
  [
    'nameserver-malformed',
    shim(ADDRESS, 'nameservers: {addresses: [198.51.100.1/24]}'),
    '100.1/24',
    '100.1',
  ],
  [
    'rule-malformed',
    shim(ADDRESS, 'routing-policy: [{from: 192.0.2.0/255.255.255.0, table: 100}]'),
    '/255.255.255.0',
    '/24',
  ],
  [
    'duplicate-route',
    shim(
      ADDRESS,
      'routes:',
      '  - to: default',
      '    via: 198.51.100.254',
      '  - via: 198.51.100.254',
      '    to: default',
    ),
    '      - via: 198.51.100.254\n        to: default\n',
    '',
  ],
  [
    'duplicate-rule',
    shim(
      ADDRESS,
      'routing-policy: [{from: 192.0.2.0/24, table: 100}, {table: 100, from: 192.0.2.0/24}]',
    ),
    ', {table: 100, from: 192.0.2.0/24}',
    '',
  ],
  [
    'backend-unknown',
    `backend: [NetworkManager, libvirt]\n${shim(ADDRESS)}`,
    'NetworkManager',
    'networkmanager',
  ],
  ['target-unknown', `target: debian12\n${shim(ADDRESS)}`, 'debian12', 'debian-12'],
  ['hostname-malformed', shim('dhcp4: true', 'dhcp4-overrides: {hostname: KVM1}'), 'KVM1', 'kvm1'],
];

test('each fix is applied, and the text is free of the diagnostic and otherwise as it was', () => {
  for (const [code, text, from, to] of CASES) {
    assert.is(text.split(from).length, 2, `${code}: ${from} is there once`);
    const result = fixed(text);
    assert.is(result.texts[0]?.text, text.replace(from, to), code);
    assert.equal(
      result.fixed.map(({ diagnostic }) => diagnostic.code),
      [code],
    );
    assert.not.ok(result.fleet.diagnostics.some((item) => item.code === code));
  }
});

test('the catalogue says of each code whether it may have a fix', () => {
  const tested = new Set(CASES.map(([code]) => code));
  assert.equal([...tested].sort(), [...fixableCodes()].sort());
  const found = caseNames().flatMap((name) => {
    const texts = [{ file: 'intent.yaml', text: intentOf(name) }];
    return compileFleet(texts, { backends: [] }).diagnostics.filter(({ fix }) => fix);
  });
  assert.ok(found.length > 20, `${found.length} fixes in golden intents`);
  const codes: readonly DiagnosticCode[] = fixableCodes();
  assert.equal(
    found.filter(({ code }) => !codes.includes(code)),
    [],
  );
});

test('comments, quotes, line breaks and the byte order mark stay', () => {
  const text = [
    '\ufeff# host of rack 4',
    'host: kvm1 # its name',
    '',
    '# the shim',
    'shims:',
    '  # on the NIC',
    '  veth0: &shim',
    '    "parnet": eth0   # uplink',
    "    'adresses': # static",
    '      - 198.51.100.50/24',
    '    critical: true   # as in netplan',
    '    optional: yes#no',
    '',
  ].join('\r\n');
  const [item] = fixed(text.replace('yes#no', 'yes')).texts;
  assert.is(
    item?.text,
    text
      .replace('host: kvm1', 'version: 1\r\nhost: kvm1')
      .replace('"parnet"', '"parent"')
      .replace("'adresses'", "'addresses'")
      .replace('yes#no', 'true'),
  );
});

/** Texts in which a fix would be a guess, or would take something with it. */
const UNTOUCHED: readonly (readonly [why: string, text: string])[] = [
  ['two keys are near', shim(ADDRESS, 'dhcp5: true')],
  ['the key is there already', shim(ADDRESS, 'adresses: [198.51.100.51/24]')],
  [
    'two keys would become the same',
    shim('adresses: [198.51.100.50/24]', 'addreses: [198.51.100.51/24]'),
  ],
  [
    'two keys of netplan would become the same',
    shim(ADDRESS, 'gateway4: 198.51.100.254', 'gateway6: 2001:db8:51::1'),
  ],
  ['two letters off', shim('adreses: [198.51.100.50/24]')],
  ['a short key is near to anything', routed('to: default, vie: 198.51.100.254')],
  ['an octal number may be meant as decimal', shim(ADDRESS, 'mtu: 01400')],
  ['no prefix length is known', shim('addresses: [198.51.100.50]')],
  ['the second value is another', shim(ADDRESS, 'mtu: 1400', 'mtu: 1401')],
  ['another prefix length', shim('addresses: [198.51.100.50/24, 198.51.100.50/25]')],
  [
    'another gateway',
    shim(
      ADDRESS,
      'routes: [{to: default, via: 198.51.100.254}, {to: default, via: 198.51.100.253}]',
    ),
  ],
  ['a network is not a gateway', routed('to: default, via: 198.51.100.0/24')],
  ['a mask with holes', shim('addresses: [198.51.100.50/255.0.255.0]')],
  ['a group address has no other spelling', shim(ADDRESS, 'macaddress: 01:00:5e:00:00:01')],
  ['two items', shim(ADDRESS).replace('kvm1', '[kvm1, kvm2]')],
  [
    'a comment inside of the list',
    shim(ADDRESS).replace('host: kvm1', 'host:\n  - # name\n    kvm1'),
  ],
  ['another number is another release', `target: debian-19\n${shim(ADDRESS)}`],
  ['another version', shim(ADDRESS).replace('version: 1', 'version: 2')],
  [
    'a shim on a shim on itself',
    two(
      '{parent: veth2, addresses: [192.0.2.50/24]}\n  veth2: {parent: veth1, addresses: [203.0.113.5/24]}',
    ),
  ],
];

test('what would be a guess is not edited', () => {
  for (const [why, text] of UNTOUCHED) {
    const { texts, fixed: done, fleet } = fixed(text);
    assert.ok(fleet.diagnostics.length > 0, why);
    assert.is(texts[0]?.text, text, why);
    assert.equal(done, [], why);
  }
});

test('a fix that leads to another error is not applied, and the error is reported', () => {
  const text = shim('adresses: [198.51.100.50]', 'optional: yes');
  const result = fixed(text);
  assert.is(result.texts[0]?.text, text.replace('yes', 'true'));
  const [refused] = result.refused;
  assert.is(refused?.diagnostic.code, 'unknown-key');
  assert.is(refused?.error.code, 'address-without-prefix');
  assert.is(result.refused.length, 1);
});

test('a fix that uncovers what another fixes is applied with it, or neither is', () => {
  const text = shim('adresses: 198.51.100.50/255.255.255.0');
  assert.is(fixed(text).texts[0]?.text, shim('addresses: [198.51.100.50/24]'));
  const only = fixed(text, ['unknown-key', 'wrong-type']);
  assert.is(only.texts[0]?.text, text);
  assert.is(only.refused[0]?.error.code, 'address-malformed');
});

test('keys that would become the same are reported together', () => {
  const twoKeys = shim('adresses: [198.51.100.50/24]', 'optional: yes', 'addreses: [192.0.2.5/24]');
  const { texts, fleet } = fixed(twoKeys);
  assert.is(texts[0]?.text, twoKeys.replace('yes', 'true'), 'another fix is applied');
  const hint = 'Did you mean `addresses`? Write it once, in place of `adresses` and `addreses`.';
  assert.equal(
    fleet.diagnostics.flatMap(({ code, hint }) => (code === 'unknown-key' ? [[code, hint]] : [])),
    [
      ['unknown-key', hint],
      ['unknown-key', hint],
    ],
  );
  const [many] = fixed(
    shim('ddresses: [a]', 'adresses: [b]', 'addreses: [c]', 'addressess: [d]', 'ADDRESSES: [e]'),
  ).fleet.diagnostics;
  assert.match(many?.hint ?? '', /of `ddresses`, `adresses`, `addreses` and 2 more\.$/);
});

test('--only fixes the named codes alone', () => {
  const text = shim('adresses: [198.51.100.50/24]', 'optional: yes');
  assert.is(fixed(text, ['yaml-1-1-habit']).texts[0]?.text, text.replace('yes', 'true'));
});

const FLEET = `version: 1
defaults:
  shims: &shims
    veth0: {parent: eth0}
    veth1: {parent: veth0, addresses: [192.0.2.1/24]}
hosts:
  kvm1: {shims: {veth0: {adresses: [198.51.100.50/24]}}}
  kvm2: {host: kvm2, version: 1, shims: {veth0: {addresses: [198.51.100.51/24]}, veth1: {addresses: [192.0.2.2/24]}}}
`;

test('a fleet: the defaults change only where it is right for every host', () => {
  const anchored = fixed(FLEET);
  const own = FLEET.replace('adresses', 'addresses').replace('host: kvm2, version: 1, ', '');
  assert.is(anchored.texts[0]?.text, own);
  const plain = own.replace('&shims', '').replace('  shims: \n', '  shims:\n');
  assert.is(fixed(plain).texts[0]?.text, plain.replace('parent: veth0', 'parent: eth0'));
  const partial = plain.replace('veth1: {addresses', 'veth1: {parent: eth1, addresses');
  assert.is(fixed(partial).texts[0]?.text, partial);
});

test('several files: each edit goes to its own', () => {
  const texts = [
    {
      file: 'a.yaml',
      text: '\ufeffversion: 1\nhost: kvm1\nshims: {veth0: {parent: eth0, adresses: [198.51.100.50/24]}}\n',
    },
    {
      file: 'b.yaml',
      text: 'host: kvm2\nshims: {veth0: {parent: eth0, addresses: 198.51.100.51/24}}\n',
    },
  ];
  const result = fixTexts(texts, { backends: [] });
  assert.equal(result.texts, [
    { file: 'a.yaml', text: texts[0]?.text.replace('adresses', 'addresses') },
    {
      file: 'b.yaml',
      text: `version: 1\n${texts[1]?.text.replace('198.51.100.51/24', '[198.51.100.51/24]')}`,
    },
  ]);
  assert.equal(
    result.fleet.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
});

test('golden intents: no fix adds an error, and there is nothing to fix twice', () => {
  for (const name of caseNames()) {
    const text = intentOf(name);
    const before = compileFleet([{ file: 'intent.yaml', text }], { backends: [] });
    const result = fixTexts([{ file: 'intent.yaml', text }], { backends: [] });
    const errors = (all: readonly { readonly severity: string }[]): number =>
      all.filter(({ severity }) => severity === 'error').length;
    const done = result.fixed.filter(({ diagnostic }) => diagnostic.severity === 'error').length;
    assert.ok(errors(result.fleet.diagnostics) <= errors(before.diagnostics), name);
    assert.ok(done === 0 || errors(result.fleet.diagnostics) < errors(before.diagnostics), name);
    assert.equal(fixTexts(result.texts, { backends: [] }).texts, result.texts, name);
    const comments = (of: string): string[] => of.match(/#.*/g) ?? [];
    assert.equal(comments(result.texts[0]?.text ?? ''), comments(text), name);
  }
});

test.run();
