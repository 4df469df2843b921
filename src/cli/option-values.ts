/** The values of options, checked; each function throws a UsageError. */
import { parseDuration } from '../apply/duration.ts';
import type { Model } from '../model/types.ts';
import { backendNames } from '../selection.ts';
import { targetNames } from '../targets/distributions.ts';
import { parseTarget } from '../targets/requested.ts';
import type { TargetSpec } from '../targets/target.ts';
import { type Command, FORMATS, type Format, UsageError } from './command-line.ts';
import { nearest } from './nearest.ts';

export function backend(name: string): string {
  const known = backendNames();
  if (known.includes(name)) return name;
  const near = nearest(name, known);
  const list = known.map((id) => `\`${id}\``).join(', ');
  throw new UsageError(
    `there is no back end \`${name}\`${near ? `; did you mean \`${near}\`?` : ` (there are ${list})`}`,
  );
}

/** A name that a link may have (dev_valid_name of the kernel). */
export function linkName(option: string, name: string): string {
  if (/^[^\s/:]{1,15}$/.test(name) && name !== '.' && name !== '..') return name;
  throw new UsageError(`\`${option}\` takes the name of a link, not \`${name}\``);
}

/** A name or an address, and no option of the programs that are asked about it. */
export function guest(word: string): string {
  if (/^[^-\s]\S{0,252}$/.test(word)) return word;
  throw new UsageError('`--guest` takes the name or address of a guest');
}

/** `kvm1,kvm2`: no name has a comma. */
export function hostNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError('`--host` takes the name of a host');
  return names;
}

export function renderer(name: string): Model['renderer'] {
  if (name === 'networkd' || name === 'NetworkManager') return name;
  throw new UsageError(`\`--renderer\` takes \`networkd\` or \`NetworkManager\`, not \`${name}\``);
}

export function target(text: string): TargetSpec | 'host' {
  if (text === 'host') return text;
  const parsed = parseTarget(text);
  if (typeof parsed !== 'string') return parsed;
  const names = targetNames();
  const near = nearest(text, names);
  throw new UsageError(
    `\`--target\`: ${parsed}${near ? `; did you mean \`${near}\`?` : ` (there are ${names.map((name) => `\`${name}\``).join(', ')}, \`host\`, and versions as in \`systemd=252,netplan=0.106\`)`}`,
  );
}

export function format(command: Command, name: string): Format {
  const formats: readonly Format[] = FORMATS[command];
  const known = formats.find((candidate) => candidate === name);
  if (known) return known;
  const list = formats.map((item) => `\`${item}\``).join(' or ');
  throw new UsageError(
    list === ''
      ? `\`${command}\` has no \`--format\``
      : `\`--format\` of \`${command}\` takes ${list}, not \`${name}\``,
  );
}

/** A file of the host; a newline would end its line in a list. */
export function absolute(path: string): string {
  const isPlain = /^(?:\/[^/\n]+)+$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);
  if (!isPlain || !path.startsWith('/etc/')) {
    throw new UsageError(`\`--move\` takes the path of a file below /etc, not \`${path}\``);
  }
  return path;
}

export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new UsageError(
      `\`--timeout\` takes 10s to 24h, as in \`2m\` or \`90s\`, not \`${text}\``,
    );
  }
  return seconds;
}

export function folder(option: string, path: string): string {
  if (path === '') throw new UsageError(`\`${option}\` takes a directory`);
  // `/.`, `//` and `/../` are the root, too.
  if (/^\/[./]*$/.test(path) && path.split('/').every((part) => /^\.{0,2}$/.test(part))) return '/';
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}
