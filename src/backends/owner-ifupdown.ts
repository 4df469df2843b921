/** Whether ifupdown brings a link up at boot. */
import { type Claim, fits, type HostFile, type Watch } from './foreign.ts';
import type { Claimed } from './owner-claims.ts';

const FOLDER = '/etc/network';

export const interfacesWatches: readonly Watch[] = [
  { folder: FOLDER, name: /^interfaces$/ },
  { folder: `${FOLDER}/interfaces.d`, name: /^[a-zA-Z0-9_.-]+$/ },
];

interface Line {
  readonly path: string;
  readonly line: number;
  readonly words: readonly string[];
}

const linesOf = (files: readonly HostFile[]): Line[] =>
  files
    .filter(({ folder }) => folder === FOLDER || folder === `${FOLDER}/interfaces.d`)
    .flatMap(({ path, text = '' }) =>
      text.split('\n').map((line, index) => ({
        path,
        line: index + 1,
        words: line.startsWith('#') ? [] : line.trim().split(/\s+/),
      })),
    );

/** Options that name links which their stanza is on top of, with `-` for `_`. */
const BELOW = /^(?:bridge-ports|bond-slaves|slaves|vlan-raw-device|ovs-ports|ovs-bonds)$/;

/** interfaces(5): a stanza of its own that is brought up, or one on top of the link. */
export function claimedByIfupdown(
  { name }: Claim,
  files: readonly HostFile[],
): Claimed | undefined {
  const lines = linesOf(files);
  const brought = lines
    .filter(({ words: [first = ''] }) => /^(?:auto|allow-(?:auto|hotplug))$/.test(first))
    .flatMap(({ words: [, ...names] }) => names.map((one) => one.replace(/=.*|^\//g, '')));
  const found = lines.find(({ words: [first = '', ...rest] }) => {
    if (first === 'iface') {
      return fits(rest[0] ?? '', name) && brought.some((one) => fits(one, name));
    }
    return BELOW.test(first.replaceAll('_', '-')) && rest.includes(name);
  });
  return found && { path: found.path, line: found.line, by: 'file' };
}

/** Whether a stanza names a link at all, brought up or not: NetworkManager leaves it alone. */
export const isNamedByIfupdown = ({ name }: Claim, files: readonly HostFile[]): boolean =>
  linesOf(files).some(({ words: [first, link = ''] }) => first === 'iface' && fits(link, name));
