/** What both kinds of file have in common: their directory, and values in XML. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { xmlOwnershipLine } from '../../view/ownership.ts';
import { type Entry, entry } from '../../view/rendered.ts';

/**
 * Beside libvirt's own directories (`/etc/libvirt/qemu`), which only libvirt may write to. `virsh` reads
 * a file from anywhere.
 */
export const DIRECTORY = '/etc/libvirt/macvtap';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

/** A value as text or between quotes (XML 1.0, 2.4). */
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

/** What guests may do and why; the file has it as a comment, too. */
export const TRUST =
  'trustGuestRxFilters: the guest may change the MAC of its device, and which frames it takes.';
export const WHY_TRUST =
  "The host follows the guest's own filter of frames; without that, IPv6 and multicast of the guest fail. It also lets the guest change the MAC of its device.";
