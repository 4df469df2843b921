/** Intents that grow: hosts, shims, faults. */

/** Hosts of one shim each; defaults say the rest. */
export const fleetOf = (hosts: number): string =>
  [
    'version: 1\ndefaults:\n  shims:\n    veth0:\n      parent: eth0\n',
    '      routes: [{to: default, via: 10.255.255.254}]\n',
    '      nameservers: {addresses: [10.255.255.253], search: [example.net]}\nhosts:\n',
    ...Array.from({ length: hosts }, (_, index) => hostOf(index)),
  ].join('');

const hostOf = (index: number): string =>
  `  kvm${index}:\n    shims:\n      veth0: {addresses: [10.${index >> 14}.${(index >> 6) & 255}.${(index & 63) + 1}/8]}\n`;

/** One host with so many shims, each in a subnet of its own. */
export const shimsOf = (shims: number): string =>
  [
    'version: 1\nhost: kvm1\nshims:\n',
    ...Array.from(
      { length: shims },
      (_, index) =>
        `  v${index}: {parent: eth0, addresses: [10.${index >> 6}.${(index & 63) * 4}.1/30]}\n`,
    ),
  ].join('');

/** One host with so many unknown keys. */
export const faultsOf = (faults: number): string =>
  [
    'version: 1\nhost: kvm1\nshims:\n  veth0:\n    parent: eth0\n    addresses: [10.0.0.1/8]\n',
    ...Array.from({ length: faults }, (_, index) => `    wrong${index}: 1\n`),
  ].join('');
