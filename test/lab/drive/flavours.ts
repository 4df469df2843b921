/** ifupdown, ifupdown-ng and ifupdown2, as Debian installs each of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetFile } from '../image/host.ts';
import { hasTree, type Image } from '../image/images.ts';
import type { Resolver } from '../judge/observed.ts';

export const FLAVOURS = ['ifupdown', 'ifupdown-ng', 'ifupdown2'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** What starts each of them at boot. */
export const SERVICE = 'networking.service';

/** The three exclude each other as packages: each lies in a tree of its own in the image. */
const tree = (name: string): string => `/opt/lab/${name}`;

/** Whether it is started at boot: from trixie on Debian's ifupdown-ng has no service of its own. */
export const hasService = ({ root }: Pick<Image, 'root'>, flavour: Flavour): boolean =>
  ['lib', 'usr/lib'].some((lib) =>
    existsSync(join(root, tree(flavour), lib, 'systemd/system', SERVICE)),
  );

/** As each is installed: how it reads the folder of generated files. */
const INTERFACES: Readonly<Record<Flavour, string>> = {
  ifupdown: 'source /etc/network/interfaces.d/*',
  'ifupdown-ng': 'source-directory /etc/network/interfaces.d',
  ifupdown2: 'source /etc/network/interfaces.d/*',
};

/** In the place of resolvconf: records its input. */
const RECORDER = `#!/bin/sh
[ -d /run/lab ] || mkdir /run/lab
for server in $IF_DNS_NAMESERVERS; do echo "nameserver $server"; done >>/run/lab/resolver
for domain in $IF_DNS_SEARCH; do echo "search $domain"; done >>/run/lab/resolver
`;

/** As resolvconf has it of dhclient (dhclient-script(8)). */
const OF_DHCLIENT = `make_resolv_conf() {
  [ -d /run/lab ] || mkdir /run/lab
  for server in $new_domain_name_servers $new_dhcp6_name_servers; do
    echo "nameserver $server" >>/run/lab/resolver
  done
}
`;

/** From trixie on they are called `ifup-ng` and so on, so that they can lie beside classic ifupdown. */
const NG_COMMAND =
  'if [ -e /usr/sbin/$name-ng ]; then printf "#!/bin/sh\\nexec /usr/sbin/%s-ng \\"\\$@\\"\\n" $name >/usr/sbin/$name; chmod +x /usr/sbin/$name; else ln -sf ifupdown /sbin/$name; fi';

/** Lines for a shell of the host, which has the image's files: they install the package. */
export function installLines(image: Pick<Image, 'root'>, flavour: Flavour): string[] {
  const trees = [flavour, ...(hasTree(image, 'dhclient') ? ['dhclient'] : [])];
  return [
    ...trees.map((name) => `tar -C ${tree(name)} -c . | tar -C / -x --keep-directory-symlink`),
    'rm -f /etc/network/if-*.d/.placeholder',
    ...(flavour === 'ifupdown-ng'
      ? [`for name in ifup ifdown ifquery; do ${NG_COMMAND}; done`]
      : []),
    ...(flavour === 'ifupdown2' ? ['chmod +x /usr/share/ifupdown2/__main__.py'] : []),
  ];
}

/** What it reads besides our files, and what it reports of name servers. */
export const installedFiles = (flavour: Flavour): TargetFile[] => [
  {
    path: '/etc/network/interfaces',
    mode: 0o644,
    text: `${INTERFACES[flavour]}\n\nauto lo\niface lo inet loopback\n`,
  },
  { path: '/etc/network/if-up.d/lab', mode: 0o755, text: RECORDER },
  { path: '/etc/dhcp/dhclient-enter-hooks.d/lab', mode: 0o644, text: OF_DHCLIENT },
];

/** The input of resolvconf; nothing of ifupdown2, which runs no scripts of others. */
export function readResolver(
  { root }: { readonly root: string },
  flavour: Flavour,
): Resolver | undefined {
  if (flavour === 'ifupdown2') return undefined;
  const path = `${root}/run/lab/resolver`;
  // Both clients of a link may have reported one server to it.
  const lines = existsSync(path) ? [...new Set(readFileSync(path, 'utf8').split('\n'))] : [];
  const of = (key: string): string[] =>
    lines
      .map((line) => line.split(' '))
      .filter(([word]) => word === key)
      .flatMap(([, ...rest]) => rest);
  return { servers: of('nameserver'), domains: of('search'), knowsRouting: false };
}
