/** The generated files of a host → what they say of its links. */
import { readIfupdown, STANZAS_FILE } from './ifupdown/generated.ts';
import { NETPLAN_FILE, readNetplan } from './netplan/generated.ts';
import { readNetworkd } from './networkd/generated.ts';
import { readNetworkManager } from './networkmanager/generated.ts';
import { FileLinks, type Files } from './shared/file-links.ts';

export type { FileLink, Files } from './shared/file-links.ts';

/** Which system a set of files is for: what reads the addresses. */
export type FileSystem = 'networkd' | 'networkmanager' | 'netplan' | 'ifupdown';

/** What a set for this system has; those of netplan have what its renderer reads, too. */
const MARKS: readonly {
  readonly id: FileSystem;
  readonly is: (path: string, text: string) => boolean;
}[] = [
  {
    id: 'netplan',
    is: (path) => path === NETPLAN_FILE || /\/10-netplan-[^/]+\.network$/.test(path),
  },
  { id: 'ifupdown', is: (path) => path === STANZAS_FILE },
  { id: 'networkmanager', is: (path) => path.endsWith('.nmconnection') },
  {
    id: 'networkd',
    // Others have files of this name that keep networkd away, or leave a tap without an address.
    is: (path, text) => /\/00-macvtap-[^/]+\.network$/.test(path) && CONFIGURES.test(text),
  },
];

const CONFIGURES =
  /^(?:(?:MACVLAN|MACVTAP|VLAN|Bond|Bridge|Address)=|DHCP=(?!no$)|IPv6AcceptRA=yes$)/m;

/**
 * The system that files are for. Left-overs of another back end may lie beside them.
 * @param preferred where files for it are among them, it is this one
 */
export function systemOf(files: Files, preferred?: FileSystem): FileSystem | undefined {
  const marked = MARKS.filter(({ is }) => [...files].some(([path, text]) => is(path, text)));
  const ids = marked.map(({ id }) => id);
  const own = ids.includes('netplan') ? ids.filter((id) => id !== 'networkmanager') : ids;
  const isOpen = own[0] === 'networkmanager' && preferred === 'netplan' && !hasShim(files);
  return preferred !== undefined && (isOpen || own.includes(preferred)) ? preferred : own[0];
}

/** Without a shim, netplan over NetworkManager may do with keyfiles alone. */
const hasShim = (files: Files): boolean =>
  [...files.values()].some((text) => /^type=macvlan$/m.test(text) && !/^tap=true$/m.test(text));

const READERS: Readonly<Record<FileSystem, (files: Files) => FileLinks>> = {
  networkd: (files) => readNetworkd(files),
  networkmanager: (files) => readNetworkManager(files),
  netplan: readNetplan,
  ifupdown: readIfupdown,
};

/** What the files for one system say of each link. */
export const linksFor = (system: FileSystem | undefined, files: Files): FileLinks =>
  system === undefined ? new FileLinks() : READERS[system](files);
