/** Containers of LXC without LXD: /var/lib/lxc/NAME/config (lxc.container.conf(5), NETWORK; LXC 2.0 to 6.0). */
import type { HostFile, Watch } from '../../backends/host/foreign.ts';
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

export const lxcWatches: readonly Watch[] = [{ folder: FOLDER, below: /./, name: /^config$/ }];

export const readLxc = (files: readonly HostFile[]): Found[] =>
  files.filter(({ folder }) => folder.startsWith(`${FOLDER}/`)).map(readConfig);

interface Setting {
  readonly value: string;
  readonly origin: Origin;
}

/** One network of a container: by key, the last of each; addresses may be several. */
interface Net {
  readonly keys: Map<string, Setting>;
  readonly addresses: Setting[];
}

function readConfig(file: HostFile): Found {
  const { path, text, folder } = file;
  if (text === undefined) return unreadable(file);
  const nets = new Map<string, Net>();
  const unread: Unread[] = [];
  let older = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const [, key = '', value = ''] = /^\s*([a-z0-9_.]+)\s*=\s*(.*?)\s*$/.exec(raw) ?? [];
    const origin = { path, line: index + 1 };
    if (key === 'lxc.include' && !value.startsWith('/usr/share/lxc/config/')) {
      unread.push({ ...origin, message: `\`${value.slice(0, 80)}\` is included, and not read.` });
    }
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
