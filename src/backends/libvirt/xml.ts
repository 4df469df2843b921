/** What both kinds of file have in common: where they lie, and how a value stands in XML. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { xmlOwnershipLine } from '../../view/ownership.ts';
import { type Entry, entry } from '../../view/rendered.ts';

/**
 * Beside libvirt's own folders, none of which it is: what lies in those (`/etc/libvirt/qemu`) is
 * libvirt's alone to write. `virsh` reads a file from anywhere.
 */
export const DIRECTORY = '/etc/libvirt/macvtap';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

/** A value, as it stands in text or between quotes (XML 1.0, 2.4). */
export const escaped = (text: string): string =>
  text.replace(/[&<>'"]/g, (char) => ESCAPES[char] ?? char);

/** A value in XML, and its place in libvirt's documents: `formatdomain, <mac address=>`. */
export const xmlEntry = (text: string, why: string, authority: Authority, origin: Path): Entry =>
  entry(escaped(text), why, authority, origin);

/** The first line of every file. */
export const xmlHeader = ({ host }: Model): Entry =>
  entry(
    xmlOwnershipLine(host),
    'Names what wrote the file, which marks it as generated: without --force, only files with this line are replaced.',
    'macvtap-render, ownership',
    ['host'],
  );

/** Why guests are trusted, and with what: said in the file, too. */
export const TRUST =
  'trustGuestRxFilters: the guest may change the MAC of its device, and which frames it takes.';
export const WHY_TRUST =
  "The host follows the guest's own list of frames, without which its IPv6 and multicast fail; the guest can so change the MAC of its device.";
