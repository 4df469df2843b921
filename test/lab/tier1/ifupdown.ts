/** ifupdown, ifupdown-ng and ifupdown2: `ifup -a`, `ifdown -a`, and `ifup -a` again. */
import { existsSync, readFileSync } from 'node:fs';
import { HARMLESS } from '../harmless.ts';
import { putFiles } from '../host.ts';
import type { Resolver } from '../observed.ts';
import { must, type Place } from '../place.ts';
import { startCommands } from './commands.ts';
import type { Daemon } from './daemon.ts';

export const FLAVOURS = ['ifupdown', 'ifupdown-ng', 'ifupdown2'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** The three exclude each other as packages: each lies in a tree of its own in the image. */
const tree = (name: string): string => `/opt/lab/${name}`;

/** As each is installed: how it reads the folder of ours. */
const INTERFACES: Readonly<Record<Flavour, string>> = {
  ifupdown: 'source /etc/network/interfaces.d/*',
  'ifupdown-ng': 'source-directory /etc/network/interfaces.d',
  ifupdown2: 'source /etc/network/interfaces.d/*',
};

/** In the place of resolvconf: keeps what it would be told. */
const RECORDER = `#!/bin/sh
for server in $IF_DNS_NAMESERVERS; do echo "nameserver $server"; done >>/run/lab/resolver
for domain in $IF_DNS_SEARCH; do echo "search $domain"; done >>/run/lab/resolver
`;

/** As resolvconf has it of dhclient (dhclient-script(8)). */
const OF_DHCLIENT = `make_resolv_conf() {
  for server in $new_domain_name_servers $new_dhcp6_name_servers; do
    echo "nameserver $server" >>/run/lab/resolver
  done
}
`;

/** Both ways: nothing of ours is left after `ifdown -a`. */
const BOTH_WAYS = [
  'before=$(ls /sys/class/net)',
  'ifup -a && ifdown -a || exit 1',
  '[ "$(ls /sys/class/net)" = "$before" ] || { echo "left after ifdown: $(ls /sys/class/net)"; exit 2; }',
  '[ -z "$(ip -o address show scope global)" ] || { ip -o address show scope global; exit 3; }',
  'rm -f /run/lab/resolver',
  'ifup -a',
].join('; ');

/** From trixie on they are called `ifup-ng` and so on, so that they can lie beside classic ifupdown. */
const NG_COMMAND =
  'if [ -e /usr/sbin/$name-ng ]; then printf "#!/bin/sh\\nexec /usr/sbin/%s-ng \\"\\$@\\"\\n" $name >/usr/sbin/$name; chmod +x /usr/sbin/$name; else ln -sf ifupdown /sbin/$name; fi';

/** Starts it in the host's namespace. */
export async function startIfupdown(
  host: Place,
  flavour: Flavour,
  { isThorough, hasDhcp }: { readonly isThorough: boolean; readonly hasDhcp: boolean },
): Promise<Daemon> {
  const trees = [flavour, ...(hasDhcp ? ['dhclient'] : [])];
  const unpack = trees.map(
    (name) => `tar -C ${tree(name)} -c . | tar -C / -x --keep-directory-symlink`,
  );
  const steps = [
    // ifupdown2 sets the MTU there.
    'mount -o remount,rw /sys',
    ...unpack,
    'rm -f /etc/network/if-*.d/.placeholder',
    ...(flavour === 'ifupdown-ng'
      ? [`for name in ifup ifdown ifquery; do ${NG_COMMAND}; done`]
      : []),
    ...(flavour === 'ifupdown2' ? ['chmod +x /usr/share/ifupdown2/__main__.py'] : []),
  ];
  await must(host.runInside(['sh', '-c', steps.join('; ')]), [flavour]);
  putFiles(host.root, [
    {
      path: '/etc/network/interfaces',
      mode: 0o644,
      text: `${INTERFACES[flavour]}\n\nauto lo\niface lo inet loopback\n`,
    },
    { path: '/run/network/ifstate', mode: 0o644, text: '' },
    { path: '/etc/network/if-up.d/lab', mode: 0o755, text: RECORDER },
    { path: '/etc/dhcp/dhclient-enter-hooks.d/lab', mode: 0o644, text: OF_DHCLIENT },
  ]);
  return startCommands(
    host,
    flavour,
    isThorough ? BOTH_WAYS : 'ifup -a',
    'up',
    HARMLESS.ifupdown,
    async () =>
      // ifupdown2 runs no scripts of others, as it is installed.
      flavour === 'ifupdown2' ? undefined : readResolver(host),
  );
}

function readResolver({ root }: Place): Resolver {
  const path = `${root}/run/lab/resolver`;
  // Both clients of a link may have told it of one server.
  const lines = existsSync(path) ? [...new Set(readFileSync(path, 'utf8').split('\n'))] : [];
  const of = (key: string): string[] =>
    lines
      .map((line) => line.split(' '))
      .filter(([word]) => word === key)
      .flatMap(([, ...rest]) => rest);
  return { servers: of('nameserver'), domains: of('search'), knowsRouting: false };
}
