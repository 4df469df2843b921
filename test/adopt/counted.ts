/**
 * Counts the settings of a host by lines, knowing no system's meaning: each line of a network file is the source of
 * a value, or named by a finding, or in a list of lines that set nothing. What is none of these is lost.
 */

export interface Answer {
  readonly values: readonly {
    readonly path: readonly (string | number)[];
    readonly value: unknown;
    readonly file?: string;
    readonly line?: number;
    readonly endLine?: number;
  }[];
  readonly findings: readonly {
    readonly code: string;
    readonly path: string;
    readonly line?: number;
    readonly message: string;
  }[];
}

/** Lines that set nothing by themselves: structure, names, and what is the default everywhere. */
const NEUTRAL: readonly (readonly [folder: RegExp, line: RegExp])[] = [
  [/./, /^\s*(?:[#;].*)?$/],
  // YAML: keys without a value, closing brackets, what a definition matches, clients that are off.
  [
    /^\/etc\/(?:netplan|cloud)\/|network-config$/,
    /^\s*(?:- )?(?:"?[\w.-]+"?:\s*(?:\{\}|\[\]|\{dhcp4: (?:false|no)\}|&\w+)?|[\]}]+|(?:network: )?\{?version: [12]\}?|renderer: \w+|"?name"?: .*|type: (?:physical|vlan|bond|bridge|nameserver|static6?)|network: 0\.0\.0\.0|dhcp[46]: (?:no|false)|match: \{ ?name: .*\}|optional: (?:false|no)|accept-ra: (?:no|false)|critical: (?:no|false)|config: disabled|netmask: .*|config:)\s*(?:#.*)?$/i,
  ],
  [/^\/etc\/cloud\//, /^(?:datasource_list|users|manage_etc_hosts|disable_root)\b/],
  // systemd: sections, and what names or describes a link.
  [
    /^\/etc\/systemd\/network\//,
    /^(?:\[.*\]|(?:Original)?Name=.*|Kind=.*|Description=.*|Type=ether|DHCP=(?:no|none|false)|ClientIdentifier=mac|RequiredForOnline=(?:yes|true)|IPv6AcceptRA=(?:no|false)|IPv6PrivacyExtensions=(?:no|false)|UseMTU=(?:yes|true)|LinkLocalAddressing=(?:no|ipv6)|Scope=global|Type=unicast|(?:VLAN|MACVLAN)=.*)$/,
  ],
  // Keyfiles: the profile's identity, and methods that add nothing to what else is there.
  [
    /^\/etc\/NetworkManager\//,
    /^(?:\[.*\]|(?:id|uuid|type|interface-name|timestamp|autoconnect|autoconnect-\w+|permissions|slave-type|port-type)=.*|method=(?:manual|disabled)|addr-gen-mode=(?:default|eui64|default-or-eui64|0|3)|may-fail=true|plugins=.*|managed=.*|never-default=false|ip6-privacy=(?:0|-1)|flags=1|mac-address-blacklist=|(?:m|interface-)?tu=0|dns=(?:default|systemd-resolved)|no-auto-default=.*|wake-on-lan=1|org\.freedesktop\.NetworkManager\.origin=.*|[\w-]+=)$/,
  ],
  // ifupdown: what is brought up, loopback, and words that follow from the address.
  [
    /^\/etc\/network\//,
    /^\s*(?:(?:auto|allow-\w+|source(?:-directory)?|broadcast|network|netmask|bond-master)\s.*|bond-slaves none|iface \S+ inet6? (?:static|manual)|iface lo .*|(?:pre-|post-)?down .*\bdel\b.*|(?:pre-|post-)?up ip link set (?:dev )?\S+ up|bridge[_-](?:maxwait 0|waitport .*)|scope global|metric \d+)$/,
  ],
  [
    /^\/etc\/sysconfig\//,
    /^(?:(?:TYPE|PROXY_METHOD|BROWSER_ONLY|NAME|UUID|DEVICE|ONBOOT|NM_CONTROLLED|USERCTL|BONDING_MASTER|SLAVE|VLAN|NETWORK|BROADCAST|NETMASK\d*|PREFIX\d*|GATEWAY\d+|HOTPLUG|REORDER_HDR|AUTOCONNECT_PRIORITY)=.*|BOOTPROTO="?(?:none|static)?"?|(?:ONPARENT|DEFROUTE|PEERDNS|PEERROUTES|IPV6_DEFROUTE|IPV6_PEERDNS|IPV6_PEERROUTES|IPV6_AUTOCONF)=yes|IPV[46]_FAILURE_FATAL=no|IPV6INIT="?no"?|IPV6_AUTOCONF=no|IPV6_ADDR_GEN_MODE=(?:eui64|default)|ZONE=)$/,
  ],
  [
    /^\/etc\/dhcpcd\.conf$/,
    /^(?:(?:interface|profile) \S+|noipv6|option .*|require .*|hostname|controlgroup .*|clientid)$/,
  ],
  [/^\/etc\/libvirt\//, /./],
];

const isNetworkFile = (path: string): boolean =>
  /^\/etc\/(?:netplan|cloud\/cloud\.cfg\.d|systemd\/network\/|NetworkManager\/system-connections|network\/interfaces|sysconfig\/network-scripts|dhcpcd\.conf)|network-config$/.test(
    path,
  );

const indent = (line: string): number => line.length - line.trimStart().length;

const STANZA = /^\s*iface\s+(\S+)/;

/** Lines that a definition has below its first one; without a line, the file. */
function blockOf(path: string, lines: readonly string[], first: number | undefined): Set<number> {
  const all = lines.map((_, index) => index + 1);
  if (first === undefined || /NetworkManager|sysconfig|systemd/.test(path)) return new Set(all);
  const isYaml = /netplan|cloud|network-config/.test(path);
  const head = lines[first - 1] ?? '';
  const isEnd = (line: string): boolean =>
    isYaml
      ? line.trim() !== '' && indent(line) <= indent(head)
      : /^\s*(?:iface|auto|allow-\w+|source|mapping)\b/.test(line);
  const name = STANZA.exec(head)?.[1];
  // A link may have several stanzas, one for each family.
  const heads = all.filter(
    (number) =>
      number === first || (!isYaml && STANZA.exec(lines[number - 1] ?? '')?.[1] === (name ?? '')),
  );
  const found = new Set(heads);
  for (const start of heads) {
    for (const number of all.slice(start)) {
      if (isEnd(lines[number - 1] ?? '')) break;
      found.add(number);
    }
  }
  return found;
}

/** Findings that are about a whole file. */
const WHOLE = /^(?:setting-not-adopted|host-file-not-read)$/;

/** A YAML alias has the lines of its anchor. */
const ALIAS = /:\s*\*(\w+)\s*$/;

const IP = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])/gi;
const NUMBER =
  /(?:mtu|metric|table|priority|MTUBytes|Metric|Table|Priority|RouteMetric|FirewallMark|VLAN_ID|vlan_id)["']?\s*[:= ]\s*["']?(\d+)\b/g;

/** @returns `path:line: text` of each line that is lost, and of each value on a line that is nowhere */
export function lostIn(files: ReadonlyMap<string, string>, { values, findings }: Answer): string[] {
  const everything = JSON.stringify(values.map(({ value }) => value));
  return [...files].flatMap(([path, text]) => {
    if (!isNetworkFile(path)) return [];
    const lines = text.split('\n');
    const covered = new Set(
      findings
        .filter(
          (item) =>
            item.path === path &&
            (item.code === 'link-not-adopted' ||
              (WHOLE.test(item.code) && item.line === undefined)),
        )
        .flatMap((item) => [...blockOf(path, lines, item.line)]),
    );
    return lines.flatMap((line, index) => {
      const number = index + 1;
      const anchor = ALIAS.exec(line)?.[1];
      if (anchor !== undefined && lines.some((item) => item.includes(`&${anchor}`))) return [];
      if (covered.has(number)) return [];
      if (NEUTRAL.some(([folder, neutral]) => folder.test(path) && neutral.test(line))) return [];
      const here = values.filter(
        ({ file, line: first = 0, endLine = first }) =>
          file === path && first <= number && number <= endLine,
      );
      const isYaml = /netplan|cloud|network-config/.test(path);
      // In YAML a finding names a mapping at its first line, in one line.
      const named = findings.filter(
        (item) =>
          item.path === path &&
          (item.line === number ||
            (isYaml &&
              blockOf(path, lines, item.line).has(number) &&
              item.message.includes(line.trim().replace(/["']/g, '')))),
      );
      const shown = `${path}:${number}: ${line.trim()}`;
      if (here.length + named.length === 0) return [shown];
      const messages = named.map(({ message }) => message).join(' ');
      const addresses = [...line.matchAll(IP)].map(([ip]) => canonical(ip));
      const numbers = [...line.matchAll(NUMBER)].map(([, value = '']) => value);
      const own = `${JSON.stringify(here.map(({ value }) => value))} ${messages}`;
      return [
        ...addresses.filter(
          (ip) => !isMask(ip) && !everything.includes(ip) && !messages.includes(ip),
        ),
        ...numbers.filter(
          (value) => !new RegExp(`\\b${value}\\b`).test(own) && value !== '0' && !isMainTable(line),
        ),
      ].map((value) => `${shown}: ${value}`);
    });
  });
}

/** As a URL has it (RFC 5952). */
const canonical = (ip: string): string =>
  URL.canParse(`http://[${ip}]`)
    ? new URL(`http://[${ip}]`).hostname.slice(1, -1)
    : ip.toLowerCase();

const isMainTable = (line: string): boolean => /^route\d*_options=table=254$/.test(line);

const isMask = (ip: string): boolean => /^(?:255\.|0\.0\.0\.0$|::$)/.test(ip);
