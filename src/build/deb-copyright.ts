/** What a package of Debian's says of whose its parts are: debian/copyright in the format 1.0 (DEP-5). */
import type { Bundled } from './notices.ts';

const FORMAT = 'https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/';

/** A paragraph of the copyright file. */
interface Part {
  readonly files: string;
  readonly holders: readonly string[];
  /** Short name, as the format has it. */
  readonly license: string;
  readonly text: string;
  readonly comment?: string;
}

/** In the format's words: what npm and SPDX call MIT is Expat. */
const shortName = (license: string): string => (license === 'MIT' ? 'Expat' : license);

/** Lines that name a holder: `Copyright (c) 2018 Somebody` → `2018 Somebody`. */
function holdersOf({ name, text }: Bundled): string[] {
  const holders = text
    .split('\n')
    .flatMap((line) => /^\W*copyright\b[\s:]*(?:\(c\)|©)?[\s:]*(.*\S)/i.exec(line)?.[1] ?? [])
    .filter((holder) => !/^(?:notice|holder|owner)/i.test(holder));
  if (holders.length === 0) throw new Error(`${name}: no holder in its licence`);
  return [...new Set(holders)];
}

const partOf = (files: string, bundled: Bundled): Part => ({
  files,
  holders: holdersOf(bundled),
  license: shortName(bundled.license),
  text: bundled.text,
});

/** The value of a field with several lines: each begins with a blank, an empty one is a dot. */
const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');

const paragraph = ({ files, holders, license, text, comment }: Part): string =>
  [
    `Files: ${files}`,
    `Copyright: ${holders.join('\n ')}`,
    `License: ${license}\n${indented(text)}`,
    ...(comment === undefined ? [] : [`Comment:\n${indented(comment)}`]),
  ].join('\n');

/** Of the C library; the rest of what is linked in comes with the exception of GCC's runtime library. */
const LIBC: Part = {
  files: 'libc.a libm.a',
  holders: ['1991-2022 Free Software Foundation, Inc.'],
  license: 'LGPL-2.1+',
  text: `The GNU C Library is free software; you can redistribute it and/or modify it
under the terms of the GNU Lesser General Public License as published by the
Free Software Foundation; either version 2.1 of the License, or (at your
option) any later version.

On Debian systems, the complete text of the GNU Lesser General Public License
version 2.1 can be found in /usr/share/common-licenses/LGPL-2.1.`,
  comment: `Linked statically. Built-Using names the source package; the sources of
everything else are free, so that the program can be linked again with
another version of it (npm run build:deb).`,
};

/**
 * @param licence the project's own, whole
 * @param packages what is bundled, with their licences
 * @param engine QuickJS
 */
export function copyrightOf(
  licence: string,
  packages: readonly Bundled[],
  engine: Bundled,
): string {
  const own = { name: 'macvtap-render', version: '', license: 'MIT', text: licence.trim() };
  const parts = [
    partOf('*', own),
    ...packages.map((item) => partOf(`node_modules/${item.name}/*`, item)),
    partOf('quickjs/*', engine),
    LIBC,
  ];
  const header = `Format: ${FORMAT}\nUpstream-Name: macvtap-render`;
  return `${[header, ...parts.map(paragraph)].join('\n\n')}\n`;
}
