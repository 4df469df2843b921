/** `60-macvtap`: a stanza for each family of each link. interfaces(5). */

import type { Path } from '../../diagnostics/diagnostic.ts';
import { asLink, type Link, type Model } from '../../model/types.ts';
import { inPlace, type Place, RANK } from '../../view/place.ts';
import { type Entry, entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import type { Part, Views } from '../../view/views.ts';
import { allLinks } from '../shared/link-order.ts';
import { header } from '../shared/online.ts';
import { addressesAfter, addressesBefore, addressStanzas, type Stanza } from './addresses.ts';
import { bringUp, commandsBefore, takeDown } from './commands.ts';
import { type Links, linksOf } from './links.ts';
import { commandsAfter } from './route-commands.ts';

/**
 * A name without a dot: `source-directory` ignores others. Classic ifupdown reads the directory by a
 * line in `/etc/network/interfaces`, as Debian installs it.
 */
export const DIRECTORY = '/etc/network/interfaces.d';

export const STANZAS = {
  folder: DIRECTORY,
  name: /^60-macvtap$/,
  rank: RANK.parent,
} as const satisfies Place;

const MANUAL = 'interfaces(5)';

export function interfacesFile(model: Model): RenderedFile {
  const all = [...allLinks(model), ...model.taps.map(asLink)];
  const links = linksOf(model);
  return file({
    path: `${DIRECTORY}/60-macvtap`,
    mode: 0o644,
    role: 'required',
    ...inPlace(STANZAS),
    about: entry(
      'the links',
      'Has the links for `ifup -a` at boot, each after the links below it.',
      MANUAL,
      [],
    ),
    template: 'ifupdown/interfaces',
    view: { header: header(model), links: all.map((link) => linkView(links, link)) },
  });
}

function linkView(links: Links, link: Link): Part<Views['ifupdown/interfaces'], 'links'> {
  const { name, origin } = link;
  const stanzas = addressStanzas(link);
  const last = stanzas.length - 1;
  const auto = entry(
    name,
    'Brought up at boot, in the order of this file; without `auto`, only `ifup` by hand would do it.',
    `${MANUAL}, auto`,
    origin,
  );
  return {
    name: auto,
    // The first stanza creates the device and the last one deletes it: classic ifupdown handles them
    // one by one, in this order in both directions.
    stanzas: stanzas.map((stanza, index) => ({
      name: auto,
      family: stanzaEntry(stanza.family, 'The family of the addresses in this stanza.', origin),
      method: stanzaEntry(stanza.method, stanza.why, stanza.origin),
      lines: [
        ...(index === 0
          ? [
              ...requires(links, link),
              ...commandsBefore(links, link),
              ...bringUp(link),
              ...addressesBefore(link),
            ]
          : []),
        ...stanza.lines,
        ...(index === last
          ? [...addressesAfter(link), ...commandsAfter(link), ...takeDown(links, link)]
          : []),
      ],
    })),
  };
}

/**
 * ifupdown-ng takes links down in the order of the file, too: with a bridge go the links on top of it,
 * whose own stanzas then fail, and which are not brought up again. The two others ignore the line.
 */
function requires(links: Links, link: Link): Entry[] {
  const upper = links.uppers.get(link.name);
  // An unmanaged parent may be in no stanza at all.
  if (!upper?.parent.managed || upper.parent.kind === 'ethernet') return [];
  return [
    entry(
      `requires ${upper.parent.name}`,
      'Under ifupdown-ng it is brought up after this link and taken down before it.',
      'interfaces-ng(5), requires',
      [...upper.origin, 'parent'],
    ),
  ];
}

const stanzaEntry = (text: Stanza['family'] | Stanza['method'], why: string, origin: Path): Entry =>
  entry(text, why, `${MANUAL}, iface`, origin);
