/** Two models → what happens on the machine, for whoever reviews the change of an intent. */
import { CONDITIONS } from './changes-links.ts';
import type { Address, Addressing, Model, Parent, Route, Shim, Tap } from './model/types.ts';

/** The worst that a change may do; the first is to be seen at once. */
export const SEVERITIES = ['may-lock-out', 'drops-connections', 'harmless'] as const;
export type ChangeSeverity = (typeof SEVERITIES)[number];

export interface Change {
  readonly severity: ChangeSeverity;
  /** The link, or what else it is about. */
  readonly subject: string;
  /** Whole sentences. */
  readonly message: string;
}

/** Every difference of two models, the worst first. None exactly where they render the same. */
export function changesBetween(before: Model, after: Model): Change[] {
  const changes = [
    ...ofHost(before, after),
    ...ofAddresses(before, after),
    ...ofDynamic(before, after),
    ...ofRoutes(before, after),
    ...ofRules(before, after),
    ...ofLinks('parent', before.parents, after.parents),
    ...ofLinks('shim', before.shims, after.shims),
    ...ofLinks('tap', before.taps, after.taps),
    ...ofGuests(before, after),
  ];
  const rank = ({ severity }: Change): number => SEVERITIES.indexOf(severity);
  return changes.sort((a, b) => rank(a) - rank(b));
}

const change = (severity: ChangeSeverity, subject: string, message: string): Change => ({
  severity,
  subject,
  message,
});

function ofHost(before: Model, after: Model): Change[] {
  const found: Change[] = [];
  if (before.host !== after.host) {
    found.push(
      change(
        'drops-connections',
        'host',
        `The host is called \`${after.host}\`, not \`${before.host}\`: every derived MAC and every profile's UUID is another; files of the other name are replaced with \`--force\` only.`,
      ),
    );
  }
  if (before.renderer !== after.renderer) {
    found.push(
      change(
        'may-lock-out',
        'renderer',
        `netplan's renderer becomes ${after.renderer}: with \`--backend netplan\` another daemon has the network, which must be installed and enabled.`,
      ),
    );
  }
  return found;
}

type Addressed = Addressing & { readonly name: string; readonly macaddress?: string };

const addressed = ({ parents, shims }: Model): Addressed[] => [...parents, ...shims];

const holders = (model: Model): Map<string, { link: string; prefix: number }[]> => {
  const map = new Map<string, { link: string; prefix: number }[]>();
  for (const { name, addresses } of addressed(model)) {
    for (const { address, prefix } of addresses) {
      map.set(address, [...(map.get(address) ?? []), { link: name, prefix }]);
    }
  }
  return map;
};

function ofAddresses(before: Model, after: Model): Change[] {
  const had = holders(before);
  const has = holders(after);
  const found: Change[] = [];
  for (const [address, then] of had) {
    const now = has.get(address) ?? [];
    if (now.length === 0) {
      const links = then.map(({ link }) => link).join(', ');
      found.push(change('may-lock-out', links, `${links} loses the address ${address}.`));
    }
    for (const { link, prefix } of then) {
      const same = now.find((one) => one.link === link);
      const other = now.find((one) => !then.some((held) => held.link === one.link));
      if (!same && other) {
        const message = `The address ${address} moves from ${link} to ${other.link}.`;
        found.push(change('may-lock-out', other.link, message));
      } else if (!same && now.length > 0) {
        found.push(change('may-lock-out', link, `${link} loses the address ${address}.`));
      }
      if (same && same.prefix !== prefix) {
        const message = `${address} on ${link} becomes a /${same.prefix} (was /${prefix}): which neighbours it reaches without a gateway is another.`;
        found.push(change('may-lock-out', link, message));
      }
    }
  }
  for (const [address, now] of has) {
    const then = had.get(address) ?? [];
    for (const { link, prefix } of now) {
      const isMoved = then.length > 0 && !then.some((one) => now.some((n) => n.link === one.link));
      if (then.some((one) => one.link === link) || isMoved) continue;
      found.push(change('harmless', link, `${link} gets the address ${address}/${prefix}.`));
    }
  }
  return [...found, ...ofAddressOrder(before, after)];
}

/** The first address of a family is the source of what the host sends. */
function ofAddressOrder(before: Model, after: Model): Change[] {
  const listed = (list: readonly Address[]): string => list.map(({ address }) => address).join(' ');
  return addressed(after).flatMap(({ name, addresses }) => {
    const old = addressed(before).find((link) => link.name === name);
    const now = listed(addresses);
    const then = listed(old?.addresses ?? []);
    const isReordered =
      now !== then && now.split(' ').sort().join(' ') === then.split(' ').sort().join(' ');
    return isReordered
      ? [
          change(
            'drops-connections',
            name,
            `The addresses of ${name} are in another order: the host may send from another one.`,
          ),
        ]
      : [];
  });
}

const DYNAMIC = [
  { what: 'DHCP', has: ({ dhcp4 }: Addressing): boolean => dhcp4 !== undefined },
  { what: 'DHCPv6', has: ({ dhcp6 }: Addressing): boolean => dhcp6 !== undefined },
  { what: 'router advertisements', has: ({ acceptRa }: Addressing): boolean => acceptRa },
] as const;

function ofDynamic(before: Model, after: Model): Change[] {
  return DYNAMIC.flatMap(({ what, has }) => {
    const then = addressed(before).filter(has);
    const now = addressed(after).filter(has);
    const lost = then.filter(({ name }) => !now.some((link) => link.name === name));
    const gained = now.filter(({ name }) => !then.some((link) => link.name === name));
    const [from] = lost;
    const [to] = gained;
    if (from && to && lost.length === 1 && gained.length === 1) {
      const isSameClient =
        from.identifier === 'mac' &&
        from.macaddress !== undefined &&
        from.macaddress === to.macaddress;
      const lease =
        what === 'router advertisements'
          ? 'the address made from its MAC is another'
          : isSameClient
            ? 'the server sees the same client'
            : 'the server sees another client, and a reserved address is lost';
      return [
        change('may-lock-out', to.name, `${what} moves from ${from.name} to ${to.name}: ${lease}.`),
      ];
    }
    return [
      ...lost.map(({ name }) =>
        change('may-lock-out', name, `${name} takes no address by ${what} any more.`),
      ),
      ...gained.map(({ name }) =>
        change('harmless', name, `${name} takes an address by ${what}, too.`),
      ),
    ];
  });
}

const routeKey = ({ family, to, table, metric, isDefault }: Route): string =>
  `${isDefault ? `default route (${family === 'ipv4' ? 'IPv4' : 'IPv6'})` : `route to ${to}`}${table === undefined ? '' : ` of table ${table}`}${metric === 0 || metric === 1024 ? '' : ` with metric ${metric}`}`;

const routeText = ({ via, from, onLink }: Route, link: string): string =>
  [
    via === undefined ? 'without gateway' : `via ${via}`,
    `on ${link}`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(onLink ? ['(on-link)'] : []),
  ].join(' ');

function ofRoutes(before: Model, after: Model): Change[] {
  const all = (model: Model): Map<string, { text: string; link: string; isDefault: boolean }> =>
    new Map(
      addressed(model).flatMap(({ name, routes }) =>
        routes.map((route) => [
          routeKey(route),
          { text: routeText(route, name), link: name, isDefault: route.isDefault },
        ]),
      ),
    );
  const had = all(before);
  const has = all(after);
  const found: Change[] = [];
  for (const [key, then] of had) {
    const now = has.get(key);
    const severity = then.isDefault ? 'may-lock-out' : 'drops-connections';
    if (!now) found.push(change(severity, then.link, `The ${key} ${then.text} is gone.`));
    else if (now.text !== then.text) {
      found.push(change(severity, now.link, `The ${key} goes ${now.text} (was ${then.text}).`));
    }
  }
  for (const [key, now] of has) {
    if (had.has(key)) continue;
    const severity = now.isDefault ? 'drops-connections' : 'harmless';
    found.push(change(severity, now.link, `There is a new ${key} ${now.text}.`));
  }
  return found;
}

function ofRules(before: Model, after: Model): Change[] {
  const all = (model: Model): Map<string, string> =>
    new Map(
      addressed(model).flatMap(({ name, rules }) =>
        rules.map(({ from, to, table, priority, typeOfService, mark, family }) => {
          const says = [
            family,
            from && `from ${from}`,
            to && `to ${to}`,
            typeOfService !== undefined && `type of service ${typeOfService}`,
            mark !== undefined && `mark ${mark}`,
            `→ table ${table}`,
            `(priority ${priority}, with ${name})`,
          ];
          return [says.filter(Boolean).join(' '), name];
        }),
      ),
    );
  const had = all(before);
  const has = all(after);
  const told = (map: Map<string, string>, other: Map<string, string>, what: string): Change[] =>
    [...map]
      .filter(([rule]) => !other.has(rule))
      .map(([rule, link]) =>
        change('may-lock-out', link, `Rule ${what}: ${rule}. It decides which way answers go.`),
      );
  return [...told(had, has, 'gone'), ...told(has, had, 'new')];
}

type AnyLink = Parent | Shim | Tap;

function ofLinks(
  kind: keyof typeof CONDITIONS,
  before: readonly AnyLink[],
  after: readonly AnyLink[],
): Change[] {
  const { added, removed, aspects } = CONDITIONS[kind];
  const named = (list: readonly AnyLink[], name: string): AnyLink | undefined =>
    list.find((link) => link.name === name);
  return [
    ...before.filter(({ name }) => !named(after, name)).map((link) => removed(link as never)),
    ...after.flatMap((link) => {
      const old = named(before, link.name);
      if (!old) return [added(link as never)];
      return Object.values(aspects).flatMap((aspect) =>
        aspect ? aspect(old as never, link as never) : [],
      );
    }),
  ];
}

function ofGuests(before: Model, after: Model): Change[] {
  const says = ({ guests }: Model): Map<string, string> =>
    new Map(
      guests.map(({ name, origin: _, parent, ...rest }) => [
        name,
        JSON.stringify({ ...rest, parent: parent.name }),
      ]),
    );
  const had = says(before);
  const has = says(after);
  const when = 'It takes effect when the guest is started anew.';
  return [
    ...[...had.keys()]
      .filter((name) => !has.has(name))
      .map((name) => change('harmless', name, `The guest ${name} is described no more. ${when}`)),
    ...[...has].flatMap(([name, text]) => {
      if (had.get(name) === text) return [];
      const what = had.has(name) ? "The guest's interface changes" : 'There is a new guest';
      return [
        change(had.has(name) ? 'drops-connections' : 'harmless', name, `${what}: ${name}. ${when}`),
      ];
    }),
  ];
}
