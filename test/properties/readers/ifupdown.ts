/**
 * Reads `interfaces.d` as `ifup -a` does: stanzas in their order, options and commands. Words of the
 * shell are read as written; anything but the few forms below is a failure.
 *
 *     interfaces(5), ifup(8); POSIX.1, Shell Command Language
 */
import { type Files, fail, type Link } from '../description.ts';
import { addAddress, ip, type Kernel, kernel, linkOf, setKernel } from './ip.ts';
import { withRules } from './others.ts';

export interface Brought {
  readonly kernel: Kernel;
  /** Links in the order in which they are brought up. */
  readonly order: readonly string[];
  /** `eth0 inet dhcp`, as written. */
  readonly methods: readonly string[];
  /** `eth0 dns-nameservers 198.51.100.53`: options of no consequence for the kernel. */
  readonly options: readonly string[];
}

const STANZAS = '/etc/network/interfaces.d/60-macvtap';

/** Words of a simple command; single quotes alone quote. */
function shellWords(text: string): string[] {
  if (!/^(?:[A-Za-z0-9_./:@%+=,-]+|'[^']*'| )+$/.test(text)) fail(`shell: ${text}`);
  return [...text.matchAll(/(?:[^' ]|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** A name that is a path, quoted or not. */
const unquoted = (text: string): string => shellWords(text).join(' ');

const WAIT =
  /^for second in 1 2 3 4 5 6 7 8 9 10; do (?:! )?ip -6 address show dev \S+ scope (?:global|link) -?tentative \| grep -q inet6 && break; sleep 1; done$/;

const IFUP = /^\$\(command -v ifup \|\| echo ifup-ng\) (\S+) \|\| true$/;

/** A command as the shell runs it where no link is there yet, and IPv6 is. */
function run(to: Kernel, command: string): void {
  if (WAIT.test(command)) return;
  const unless = /^\[ (!?) ?-e (\S+|'[^']*') \] \|\| (.*)$/.exec(command);
  if (unless) {
    const [, not, path = '', rest = ''] = unless;
    const isThere = unquoted(path).startsWith('/proc/sys/net/ipv6/');
    if (isThere !== (not === '!')) fail(`never run: ${command}`);
    // A parent of the site, whose stanza may be read later.
    const [, parent] = IFUP.exec(rest) ?? [];
    if (parent !== undefined) {
      if (unquoted(path) !== `/sys/class/net/${unquoted(parent)}`) fail(`brings up: ${command}`);
      return;
    }
    run(to, rest);
    return;
  }
  // The machine-id as an address, which the kernel takes for a secret.
  const secret =
    /^\[ ! -s \/etc\/machine-id \] \|\| sed 's\/\.\.\.\.\/&:\/g; s\/:\$\/\/' \/etc\/machine-id > (\S+|'[^']*')$/.exec(
      command,
    );
  if (secret) {
    const [, name = ''] =
      /^\/proc\/sys\/net\/ipv6\/conf\/(.+)\/stable_secret$/.exec(unquoted(secret[1] ?? '')) ??
      fail(`written: ${command}`);
    linkOf(to, name).settings['ipv6 stable_secret'] = 'machine-id';
    return;
  }
  const write = /^echo ([0-9]+) > (\S+|'[^']*')$/.exec(command);
  if (write) {
    const path = unquoted(write[2] ?? '');
    if (!path.startsWith('/proc/sys/')) fail(`written: ${path}`);
    setKernel(to, path.slice('/proc/sys/'.length), write[1] ?? '');
    return;
  }
  // A rule that may be there already is deleted first.
  const again = /^ip (-[46] rule) del (.*) 2>\/dev\/null \|\| true$/.exec(command);
  if (again) {
    shellWords(again[2] ?? '');
    return;
  }
  // An older kernel has no such queue.
  const may =
    /^(ip link set .* (?:bcqueuelen [0-9]+|bclim (?:-1|[0-9]+))) 2>\/dev\/null \|\| true$/.exec(
      command,
    );
  const [program, ...words] = shellWords(may?.[1] ?? command);
  if (program !== 'ip') fail(`runs ${program}`);
  ip(to, words);
}

const OPTIONS = new Set([
  'accept_ra',
  'client',
  'dns-nameservers',
  'dns-search',
  'ipv6-addrgen',
  'metric',
  'requires',
]);

export function readIfupdown(files: Files): Brought {
  const text = files.get(STANZAS) ?? fail('no stanzas');
  const to = kernel();
  const order: string[] = [];
  const methods: string[] = [];
  const options: string[] = [];
  const last: string[] = [];
  /** A stanza `static` has one address, and no other has any (interfaces(5)). */
  const statics: string[] = [];
  let name: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, auto] = /^auto (\S+)$/.exec(line) ?? [];
    const [, iface, family, method] =
      /^iface (\S+) (inet6?) (static|dhcp|manual)$/.exec(line) ?? [];
    if (auto !== undefined) {
      for (const command of last.splice(0)) run(to, command);
      if (order.includes(auto)) fail(`${auto} twice`);
      order.push(auto);
    } else if (iface !== undefined) {
      if (iface !== order.at(-1)) fail(`${iface} is not brought up`);
      name = iface;
      methods.push(`${name} ${family} ${method}`);
      if (method === 'static') statics.push(name);
    } else if (name !== undefined && line.startsWith('    ')) {
      if (line.startsWith('    address ') && statics.pop() !== name) fail(`${name}: ${line}`);
      option(to, name, line.trim(), { last, options });
    } else fail(`${STANZAS}: ${line}`);
  }
  for (const command of last) run(to, command);
  for (const [name, { access }] of Object.entries(withRules(asTaps(to), files))) {
    if (access !== undefined) linkOf(to, name).access = access;
  }
  if (statics.length > 0) fail(`${statics.join(' ')}: static, without an address`);
  return { kernel: to, order, methods, options };
}

/** As much of links as rules of udev need. */
const asTaps = ({ links }: Kernel): Record<string, Link> =>
  Object.assign(Object.create(null), Object.fromEntries(links)) as Record<string, Link>;

function option(
  to: Kernel,
  name: string,
  line: string,
  { last, options }: { last: string[]; options: string[] },
): void {
  const [, key = '', value = ''] = /^(\S+) (.+)$/.exec(line) ?? fail(`${name}: ${line}`);
  if (key === 'pre-up') run(to, value);
  else if (key === 'post-up') last.push(value);
  else if (key === 'address') addAddress(linkOf(to, name), value);
  else if (key === 'mtu') {
    const link = linkOf(to, name);
    if (link.mtu !== undefined && link.mtu !== Number(value)) fail(`${name}: two MTUs`);
    link.mtu = Number(value);
  } else if (OPTIONS.has(key)) options.push(`${name} ${line}`);
  else if (key !== 'pre-down' && key !== 'post-down') fail(`${name}: ${line}`);
}
