/** Faults in what is made by commands: ifupdown's file, and the script for a trial. */
import type { Model } from '../../../../src/model/types.ts';
import {
  CUT_OFF_FROM_GUESTS,
  type Negative,
  type Negatives,
  need,
  noSuchLink,
  WRONG_MAC,
  withLine,
  withoutLine,
  wrongMac,
} from './negative.ts';

const INTERFACES = '/etc/network/interfaces.d/60-macvtap';
const SCRIPT = '/usr/local/sbin/macvtap-trial';

export const OF_IFUPDOWN: Negatives = new Map([['original', ofInterfaces]]);
export const OF_IPROUTE2: Negatives = new Map([['original', ofScript]]);

function ofInterfaces({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  const own = need(shim.addresses[0]);
  const { name, parent } = shim;
  const made = new RegExp(`^ +pre-up .*ip link add ${name} `);
  const change = (from: string, to: string): Negative['mutate'] => {
    return (files) => {
      const line = need(
        files
          .find(({ path }) => path === INTERFACES)
          ?.text.split('\n')
          .find((text) => made.test(text)),
      );
      return withLine(files, INTERFACES, made, line.replace(from, to));
    };
  };
  return [
    {
      name: '`mode bridge` removed',
      mutate: change(' mode bridge', ''),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: 'the `pre-up` that makes the shim missing',
      mutate: (files) => withoutLine(files, INTERFACES, made),
      fails: [noSuchLink(name), /^router → host .*: no answer/],
    },
    {
      name: `the address left on ${parent.name}, and no shim`,
      mutate: (files) =>
        files.map((file) =>
          file.path === INTERFACES
            ? {
                ...file,
                text: `auto ${parent.name}\niface ${parent.name} inet static\n    address ${own.address}/${own.prefix}\n`,
              }
            : file,
        ),
      fails: CUT_OFF_FROM_GUESTS,
      spares: [/router/],
    },
    {
      name: '`disable_ipv6` of the parent removed',
      mutate: (files) =>
        withoutLine(files, INTERFACES, new RegExp(`^ +pre-up .*/${parent.name}/disable_ipv6`)),
      fails: [new RegExp(`^${parent.name}, link-local \\(fe80:.*: ipv6, must be none`)],
    },
    {
      name: 'another MAC',
      mutate: change(`address ${shim.macaddress}`, `address ${WRONG_MAC}`),
      fails: [wrongMac(name)],
    },
  ];
}

function ofScript({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  const { name, parent } = shim;
  const made = new RegExp(`^ip_link_add ${name} `);
  return [
    {
      name: '`mode bridge` removed',
      mutate: (files) =>
        files.map((file) => ({
          ...file,
          text: file.text.replace(/^(ip_link_add .*) mode bridge$/m, '$1'),
        })),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: 'the step that makes the shim missing',
      mutate: (files) => withLine(files, SCRIPT, made, ':'),
      fails: [noSuchLink(name), /^router → host .*: no answer/],
    },
    {
      name: `the step that takes the addresses from ${parent.name} missing`,
      mutate: (files) =>
        withoutLine(files, SCRIPT, new RegExp(`^ip_address_flush ${parent.name}$`)),
      // What the lab has left there before.
      fails: [new RegExp(`^${parent.name}, addresses: 192\\.0\\.2\\.77/24, must be none`)],
    },
    {
      name: 'the step that brings the shim up missing',
      mutate: (files) => withoutLine(files, SCRIPT, new RegExp(`^ip_link_up ${name}$`)),
      // The route is refused, and all is as it was before.
      fails: [
        noSuchLink(name),
        /^warning: macvtap-trial: .*it failed; undoing everything/,
        new RegExp(`^${parent.name}, addresses: 192\\.0\\.2\\.77/24, must be none`),
      ],
    },
  ];
}
