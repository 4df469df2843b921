/** By which back end a host is configured: the one whose generated files are there. */
import { type Directory, SystemError } from '../system.ts';
import { isGenerated } from '../view/ownership.ts';
import { MAX_SIZE } from './folders.ts';
import { within } from './tree.ts';

interface Sign {
  /** Id of the back end. */
  readonly backend: string;
  readonly folder: string;
  readonly name: RegExp;
  /** What a generated file of this back end has, and another's of the same name has not. */
  readonly text?: RegExp;
}

/**
 * By rank: a back end writes files of those below it as well (netplan a profile of the NIC, and every
 * one `.network` files by which networkd ignores its links). netplan's YAML names its renderer.
 */
const RANKS: readonly (readonly Sign[])[] = [
  (['NetworkManager', 'networkd'] as const).map((renderer) => ({
    backend: `netplan-${renderer.toLowerCase()}`,
    folder: '/etc/netplan',
    name: /^60-macvtap\.yaml$/,
    text: renderer === 'networkd' ? /^ +renderer: networkd$/m : /^ +renderer: NetworkManager$/m,
  })),
  [
    {
      backend: 'networkmanager',
      folder: '/etc/NetworkManager/system-connections',
      name: /^macvtap-.+\.nmconnection$/,
    },
    { backend: 'ifupdown', folder: '/etc/network/interfaces.d', name: /^60-macvtap$/ },
  ],
  [{ backend: 'networkd', folder: '/etc/systemd/network', name: /^00-macvtap-.+\.network$/ }],
];

/**
 * Ids of the back ends whose generated files are below a root; several where one was installed
 * beside another.
 * @throws SystemError where the system refuses to show a folder or a file
 */
export function installedBackends(top: Directory): string[] {
  for (const signs of RANKS) {
    const found = signs.filter((sign) => hasSign(top, sign)).map(({ backend }) => backend);
    if (found.length > 0) return found;
  }
  return [];
}

function hasSign(top: Directory, { folder, name: pattern, text }: Sign): boolean {
  try {
    const found = within(top, folder.split('/').slice(1), (directory) =>
      directory.list().some((name) => {
        if (!pattern.test(name) || directory.kindOf(name) !== 'file') return false;
        const content = textIn(directory, name);
        return isGenerated(content) && (text === undefined || text.test(content));
      }),
    );
    return found ?? false;
  } catch (error) {
    // Nothing generated is behind a link, nor below a file.
    if (error instanceof SystemError && ['is-link', 'not-directory'].includes(error.kind)) {
      return false;
    }
    throw error;
  }
}

/** Of a file that is not text, or larger than any generated one: nothing. */
function textIn(folder: Directory, name: string): string {
  try {
    return folder.read(name, MAX_SIZE).text;
  } catch (error) {
    if (error instanceof SystemError && ['not-utf8', 'too-large'].includes(error.kind)) return '';
    throw error;
  }
}
