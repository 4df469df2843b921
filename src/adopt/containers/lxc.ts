/** Containers of LXC without LXD: /var/lib/lxc/NAME/config (lxc.container.conf(5), NETWORK; LXC 2.0 to 6.0). */
import type { HostFile, Included, Watch } from '../../backends/host/foreign.ts';
import type { Origin } from '../found.ts';
import {
  type Attachment,
  attachment,
  type Found,
  hostSpanOf,
  linkNameOf,
  MOST,
  type Unread,
  unreadable,
} from './attachment.ts';
import { named } from './documents.ts';

const FOLDER = '/var/lib/lxc';

/** Templates of the distribution, which have no network. */
const TEMPLATES = '/usr/share/lxc/config/';

export const lxcWatches: readonly Watch[] = [
  { folder: FOLDER, below: /./, name: /^config$/, follow: includedBy },
];

/** Spaces are trimmed beside the pattern, which would look for the end of the value at each of them. */
function settingIn(raw: string): { readonly key: string; readonly value: string } {
  const [, key = '', value = ''] = /^([a-z0-9_.]+)\s*=(.*)$/.exec(raw.trim()) ?? [];
  return { key, value: value.trim() };
}

/** A file by name: no part of it is a pattern, or leads upwards. */
const PLAIN = /^(?:\/(?!\.{1,2}(?:\/|$))[^/*?[\]\\]+)+\/?$/;

/** lxc.container.conf(5), lxc.include: a file, or a folder with files `*.conf`. */
function includedBy({ text = '' }: HostFile): Included[] {
  return text.split('\n').flatMap((raw) => {
    const { key, value: path } = settingIn(raw);
    if (key !== 'lxc.include' || !PLAIN.test(path) || path.startsWith(TEMPLATES)) return [];
    const pattern = path.replace(/\/$/, '');
    return [{ pattern }, { pattern, name: /\.conf$/ }];
  });
}

const CONTAINER = /^\/var\/lib\/lxc\/[^/]+$/;

export const readLxc = (files: readonly HostFile[]): Found[] =>
  files
    .filter(({ folder, name }) => name === 'config' && CONTAINER.test(folder))
    .map((file) => readConfig(file, files));

interface Setting {
  readonly value: string;
  readonly origin: Origin;
}

/** One network of a container: by key, the last of each; addresses may be several. */
interface Net {
  readonly keys: Map<string, Setting>;
  readonly addresses: Setting[];
}

interface Line {
  readonly key: string;
  readonly value: string;
  readonly origin: Origin & { readonly path: string };
}

/** A limit for the lines and files of a container: files that include others twice grow without end. */
const MOST_LINES = 10_000;

interface Reading {
  readonly files: readonly HostFile[];
  readonly unread: Unread[];
  left: number;
}

/** The lines of a file, those that it includes in their places. */
function linesOf(
  { path, text = '' }: HostFile,
  reading: Reading,
  above: readonly string[] = [path],
): Line[] {
  const found: Line[] = [];
  reading.left -= 1;
  for (const [index, raw] of text.split('\n').entries()) {
    if (reading.left <= 0) break;
    reading.left -= 1;
    const { key, value } = settingIn(raw);
    const origin = { path, line: index + 1 };
    if (key === 'lxc.include') found.push(...includedLines(value, origin, reading, above));
    else if (key !== '') found.push({ key, value, origin });
  }
  return found;
}

function includedLines(
  value: string,
  origin: Line['origin'],
  reading: Reading,
  above: readonly string[],
): Line[] {
  if (value.startsWith(TEMPLATES)) return [];
  const plain = value.replace(/\/$/, '');
  const included = reading.files
    .filter(
      ({ path, folder, name }) => path === plain || (folder === plain && name.endsWith('.conf')),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const isLoop = included.some(({ path }) => above.includes(path));
  if (included.length === 0 || isLoop || included.some(({ text }) => text === undefined)) {
    const message = `\`${value.slice(0, 80)}\` is included, and cannot be read.`;
    reading.unread.push({ ...origin, message });
  }
  return isLoop ? [] : included.flatMap((file) => linesOf(file, reading, [...above, file.path]));
}

function readConfig(file: HostFile, files: readonly HostFile[]): Found {
  const { text, folder } = file;
  if (text === undefined) return unreadable(file);
  const nets = new Map<string, Net>();
  const unread: Unread[] = [];
  let older = 0;
  for (const { key, value, origin } of linesOf(file, { files, unread, left: MOST_LINES })) {
    // Before LXC 3.0 a network has no number, and begins with its type.
    if (key === 'lxc.network.type') older += 1;
    const [, number, option = ''] = /^lxc\.net(?:work|\.(\d{1,4}))\.([a-z0-9_.]+)$/.exec(key) ?? [];
    if (option === '' || nets.size > MOST) continue;
    const id = number ?? `older ${older}`;
    const net: Net = nets.get(id) ?? { keys: new Map(), addresses: [] };
    nets.set(id, net);
    if (/^ipv[46](?:\.address)?$/.test(option)) net.addresses.push({ value, origin });
    else net.keys.set(option, { value, origin });
  }
  const name = folder.slice(FOLDER.length + 1);
  return { attachments: [...nets.values()].flatMap((net) => linkOf(name, net)), unread };
}

function linkOf(name: string, { keys, addresses }: Net): Attachment[] {
  const type = keys.get('type');
  const parent = linkNameOf(keys.get('link')?.value);
  const device = type?.value === 'veth' ? 'bridge' : type?.value;
  if (!type || parent === undefined) return [];
  if (device !== 'macvlan' && device !== 'ipvlan' && device !== 'bridge') return [];
  return [
    attachment({
      title: `LXC's container${named(name)}`,
      device,
      parent,
      // Its defaults are `private`, and `l3` of an ipvlan.
      mode:
        keys.get(`${device}.mode`)?.value ??
        { macvlan: 'private', ipvlan: 'l3', bridge: 'bridge' }[device],
      addresses: addresses.flatMap(({ value, origin }) =>
        hostSpanOf(value.split(/\s+/)[0], origin),
      ),
      origin: type.origin,
    }),
  ];
}
