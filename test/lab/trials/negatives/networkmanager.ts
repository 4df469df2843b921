/** Faults in what NetworkManager is given. */
import type { Model, Shim } from '../../../../src/model/types.ts';
import {
  CUT_OFF_FROM_GUESTS,
  type Negative,
  type Negatives,
  need,
  noSuchLink,
  SYSCTL,
  WRONG_MAC,
  withFile,
  withLine,
  withMode,
  without,
  withoutLine,
  wrongMac,
} from './negative.ts';

export const OF_NETWORKMANAGER: Negatives = new Map([
  ['original', ofShim],
  ['ipv6-address-generation', ofGeneration],
  ['dynamic-tables', ofTables],
  ['leases-in-tables', ofInterfaceRules],
]);

const PROFILES = '/etc/NetworkManager/system-connections';
const CONF = '/etc/NetworkManager/conf.d';

const profileOf = ({ name }: Pick<Shim, 'name'>): string =>
  `${PROFILES}/macvtap-${name}.nmconnection`;

/** An address that does not show the MAC. */
function ofGeneration({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      // Without the line, the default depends on the version.
      name: '`addr-gen-mode=eui64`',
      mutate: (files) =>
        withLine(files, profileOf(shim), /^addr-gen-mode=stable-privacy$/, 'addr-gen-mode=eui64'),
      fails: [new RegExp(`^${shim.name}, addresses: `)],
    },
  ];
}

/** Routes by a lease and by advertisements, each in a table of its own. */
function ofTables({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [101, 102].map((table) => ({
    name: `\`route-table=${table}\` removed`,
    mutate: (files) => withoutLine(files, profileOf(shim), new RegExp(`^route-table=${table}$`)),
    fails: [new RegExp(`^no route \\S+ via \\S+ dev ${shim.name} .*table ${table}$`)],
  }));
}

/** Rules that select by interface. */
function ofInterfaceRules({ shims }: Model): Negative[] {
  const shim = need(shims.find(({ rules }) => rules.some(({ iif, oif }) => iif && !oif)));
  return (['oif', 'iif'] as const).map((word) => ({
    name: `the rule by \`${word} ${shim.name}\` removed`,
    mutate: (files) =>
      withoutLine(files, profileOf(shim), new RegExp(`^routing-rule\\d=.* ${word} ${shim.name} `)),
    fails: [new RegExp(`^no rule ipv4 101: .*${word} ${shim.name}`)],
  }));
}

/** One shim with an IPv4 address. */
function ofShim({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  const own = need(shim.addresses[0]);
  const { name } = shim;
  const nic = shim.parent.name;
  const profile = `${PROFILES}/macvtap-${name}.nmconnection`;
  const ofParent = `${PROFILES}/macvtap-${nic}.nmconnection`;
  const noShim = noSuchLink(name);
  // NetworkManager then makes a profile of its own, for DHCP.
  const notSilent = new RegExp(`^${nic}, (?:the daemon's state|link-local)`);
  return [
    {
      name: '`mode=1`, which is vepa',
      mutate: (files) => withLine(files, profile, /^mode=2$/, 'mode=1'),
      fails: [/, mode: vepa, must be bridge/, ...CUT_OFF_FROM_GUESTS],
      spares: [/router/],
    },
    {
      name: '`mode=bridge`, which is a number',
      mutate: (files) => withLine(files, profile, /^mode=2$/, 'mode=bridge'),
      fails: [noShim],
    },
    {
      name: "the shim's profile readable for all (0644)",
      mutate: (files) => withMode(files, profile, 0o644),
      fails: [noShim],
    },
    {
      name: 'no shim at all',
      mutate: (files) => without(files, [profile]),
      fails: [noShim, /^no route default/, /^router → host .*: no answer/],
    },
    {
      name: "the parent's profile missing",
      mutate: (files) => without(files, [ofParent]),
      fails: [notSilent],
    },
    {
      name: `the address left on ${nic}, and no shim`,
      mutate: (files) =>
        withFile(
          without(files, [profile]),
          ofParent,
          [
            `[connection]\nid=${nic}\nuuid=8cd55d86-d267-54ba-83cb-95c05d2079b0\ntype=ethernet\ninterface-name=${nic}\n`,
            `[ipv4]\nmethod=manual\naddress1=${own.address}/${own.prefix}\n`,
            '[ipv6]\nmethod=disabled\n',
          ].join('\n'),
          0o600,
        ),
      fails: CUT_OFF_FROM_GUESTS,
      spares: [/router/],
    },
    {
      name: 'another MAC',
      mutate: (files) =>
        withLine(files, profile, /^cloned-mac-address=/, `cloned-mac-address=${WRONG_MAC}`),
      fails: [wrongMac(name)],
    },
    {
      name: 'a host whose NetworkManager manages nothing, without our list',
      mutate: (files) =>
        withFile(
          without(files, [`${CONF}/90-macvtap.conf`]),
          `${CONF}/10-globally-managed-devices.conf`,
          '[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm,except:type:cdma\n',
        ),
      fails: [noShim],
    },
    {
      name: 'the sysctl file missing',
      mutate: (files) => without(files, [SYSCTL]),
      fails: [new RegExp(`^the LAN's neighbour ${own.address}: 52:54:`)],
    },
    {
      name: "`method=disabled` removed from the parent's IPv6",
      mutate: (files) => withoutIpv6(files, ofParent),
      fails: [notSilent],
    },
  ];
}

/** The section with its only line. */
function withoutIpv6(
  files: Parameters<Negative['mutate']>[0],
  path: string,
): ReturnType<Negative['mutate']> {
  return withoutLine(
    files.map((file) =>
      file.path === path
        ? {
            ...file,
            text: file.text.replace(/\[ipv6\]\nmethod=disabled\n/, '[ipv6]\nmethod-removed\n'),
          }
        : file,
    ),
    path,
    /^method-removed$/,
  );
}
