/**
 * Hosts with a past, each in a few lines: `=== NAME`, facts (`os: debian 12`, `start: UNITS`, `mac: NIC MAC`,
 * `options: WORDS`, `lint: CODES` of warnings that the host itself deserves), comments with `#` that say what it is
 * and where it was seen, and `--- PATH` before the lines of each file.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const HOSTS = new URL('hosts/', import.meta.url);

export interface Host {
  readonly name: string;
  /** Below which name it was seen in public; absent: written for this test. */
  readonly source?: string;
  /** Options of `init`. */
  readonly options: readonly string[];
  /** Warnings of `lint` that are about the host as it was. */
  readonly warnings: readonly string[];
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>;
  /** Path → target of a link. */
  readonly links: ReadonlyMap<string, string>;
}

export function hostsIn(text: string): Host[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const [head = '', ...parts] = block.split(/^--- /m);
      const [name = '', ...facts] = head.split('\n');
      const fact = (key: string): string | undefined =>
        facts.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
      const files = new Map(
        parts.map((part) => {
          const end = part.indexOf('\n');
          return [part.slice(0, end), `${part.slice(end + 1).trimEnd()}\n`] as const;
        }),
      );
      const [id = '', release = ''] = (fact('os') ?? '').split(' ');
      if (!files.has('/etc/hostname')) files.set('/etc/hostname', 'kvm1\n');
      files.set('/usr/lib/os-release', `ID=${id}\nVERSION_ID="${release}"\n`);
      const [nic = '', mac = ''] = (fact('mac') ?? '').split(' ');
      if (nic !== '') files.set(`/sys/class/net/${nic}/address`, `${mac}\n`);
      const source = facts
        .find((line) => line.startsWith('# Source: '))
        ?.slice('# Source: '.length);
      const units = (fact('start') ?? '').split(' ').filter((unit) => unit !== '');
      return {
        name,
        ...(source !== undefined && { source }),
        options: (fact('options') ?? '').split(' ').filter((word) => word !== ''),
        warnings: (fact('lint') ?? '').split(' ').filter((word) => word !== ''),
        files,
        links: new Map(
          units.map((unit) => [
            `/etc/systemd/system/multi-user.target.wants/${unit}`,
            `/usr/lib/systemd/system/${unit}`,
          ]),
        ),
      };
    });
}

export const allHosts = (): Host[] =>
  readdirSync(HOSTS)
    .sort()
    .flatMap((name) => hostsIn(readFileSync(new URL(name, HOSTS), 'utf8')));

/** Writes a host's files below a folder. */
export function writeHost({ files, links }: Pick<Host, 'files' | 'links'>, root: string): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const [path, target] of links) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
}
