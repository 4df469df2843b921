/** The files of the Debian package and its control file, as texts: no clock, nothing of this machine. */
import packageJson from '../../package.json' with { type: 'json' };
import { jsonSchema } from '../intent/json-schema.ts';
import { outputJsonSchema } from '../report/output-schema.ts';
import { systemNames } from '../selection.ts';
import { completions } from './completions.ts';
import { manPages } from './man.ts';

export const NAME = packageJson.name;
const MAINTAINER = 'The macvtap-render authors <macvtap-render@example.org>';

/** Newest first; a release adds its own, whose date every file of the package gets. */
const RELEASES = [
  { version: '0.1.0', date: Date.UTC(2026, 10, 28), changes: ['First package.'] },
] as const;

/** Of a version of npm's: `1.0.0-rc.1` is older than `1.0.0`, which only a tilde says in Debian's. */
export const debianVersion = (version: string): string => version.replace('-', '~');

/** The time of every file in the package, in seconds. */
export const epochOf = (releases: readonly Release[] = RELEASES): number =>
  (releases[0]?.date ?? 0) / 1000;

export interface Release {
  /** As package.json has it. */
  readonly version: string;
  /** Milliseconds, at midnight in UTC. */
  readonly date: number;
  readonly changes: readonly string[];
}

/** As `date -R`: `Sat, 28 Nov 2026 00:00:00 +0000` (RFC 5322). */
const rfcDate = (date: number): string => new Date(date).toUTCString().replace('GMT', '+0000');

/**
 * The changelog of the package.
 * @throws Error where the newest release is not the version of package.json
 */
export function changelogOf(releases: readonly Release[], version: string): string {
  if (releases[0]?.version !== version) {
    throw new Error(
      `RELEASES in deb-tree.ts: the newest is ${releases[0]?.version}, not ${version}`,
    );
  }
  return releases
    .map(({ version: of, date, changes }) => {
      const lines = changes.map((change) => `  * ${change}`).join('\n');
      return `${NAME} (${debianVersion(of)}) unstable; urgency=medium\n\n${lines}\n\n -- ${MAINTAINER}  ${rfcDate(date)}\n`;
    })
    .join('\n');
}

/** A file of the package. */
export interface PackageFile {
  readonly content: string | Buffer;
  /** Compressed by gzip(1), as policy 12.1 and 12.7 ask of man pages and changelogs. */
  readonly isZipped?: true;
  readonly isProgram?: true;
}

/**
 * What lintian(1) would report, and why it is so. It takes a static program that is
 * position-independent for a library; any other one it reports as statically-linked-binary.
 */
const OVERRIDES = `# A program, static and position-independent. Hosts of five releases, which may
# have no network yet, run the same file: it needs no library of theirs. The C
# library is that of Debian's stable release, linked again with each package.
${NAME}: shared-library-lacks-prerequisites [usr/bin/${NAME}]
`;

export interface Contents {
  readonly binary: Buffer;
  readonly copyright: string;
  /** Default: that of package.json. */
  readonly releases?: readonly Release[];
}

/** Path from the root → file. */
export function packageFiles({
  binary,
  copyright,
  releases = RELEASES,
}: Contents): ReadonlyMap<string, PackageFile> {
  const { bash, zsh, fish } = completionsByShell();
  const version = releases === RELEASES ? packageJson.version : (releases[0]?.version ?? '');
  const doc = `usr/share/doc/${NAME}`;
  const texts: [string, string][] = [
    [`usr/share/bash-completion/completions/${NAME}`, bash],
    [`usr/share/zsh/vendor-completions/_${NAME}`, zsh],
    [`usr/share/fish/vendor_completions.d/${NAME}.fish`, fish],
    [`usr/share/${NAME}/intent.schema.json`, jsonSchema(systemNames())],
    [`usr/share/${NAME}/output.schema.json`, outputJsonSchema()],
    [`${doc}/copyright`, copyright],
    [`usr/share/lintian/overrides/${NAME}`, OVERRIDES],
  ];
  const zipped: [string, string][] = [
    ...Object.entries(manPages()).map(([name, text]): [string, string] => [
      `usr/share/man/man${name.slice(-1)}/${name}.gz`,
      text,
    ]),
    [`${doc}/changelog.gz`, changelogOf(releases, version)],
  ];
  return new Map<string, PackageFile>([
    [`usr/bin/${NAME}`, { content: binary, isProgram: true }],
    ...texts.map(([path, content]) => [path, { content }] as const),
    ...zipped.map(([path, content]) => [path, { content, isZipped: true }] as const),
  ]);
}

function completionsByShell(): {
  readonly bash: string;
  readonly zsh: string;
  readonly fish: string;
} {
  const all = completions();
  const of = (name: string): string => {
    const text = all[name];
    if (text === undefined) throw new Error(`no completion ${name}`);
    return text;
  };
  return { bash: of(`${NAME}.bash`), zsh: of(`_${NAME}`), fish: of(`${NAME}.fish`) };
}

/**
 * Nothing is needed to compile. What reads and changes a running host calls its programs, and
 * reports one that is missing:
 * - iproute2: `status`, `doctor`, `init` and `apply` read the kernel by ip(8), which also runs in
 *   the steps of a change;
 * - iputils-ping: `apply` asks by ping(8) whether the gateway is reached, `doctor` who answers;
 * - systemd: `apply` has a timer of its own for the rollback, and prints the journal;
 * - iputils-arping, nftables, libvirt-clients: `doctor` looks for duplicate addresses, filters and guests;
 * - git: `diff` reads an intent out of a revision.
 */
const RELATIONS = [
  'Recommends: iproute2, iputils-ping',
  'Suggests: git, iputils-arping, libvirt-clients, nftables, systemd',
];

export interface ControlFields {
  /** Debian's. */
  readonly version: string;
  readonly architecture: string;
  /** KiB. */
  readonly installedSize: number;
  /** Sources of what is linked in. */
  readonly builtUsing: string;
}

export const controlOf = ({
  version,
  architecture,
  installedSize,
  builtUsing,
}: ControlFields): string =>
  `${[
    `Package: ${NAME}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${MAINTAINER}`,
    `Installed-Size: ${installedSize}`,
    `Built-Using: ${builtUsing}`,
    ...RELATIONS,
    'Section: net',
    'Priority: optional',
    'Multi-Arch: foreign',
    'Description: network of a host of virtual machines on macvtap, from one intent',
    ' Compiles one description of a KVM host whose guests attach to its NIC by',
    ' macvtap into persistent configuration for the system that owns its network:',
    ' systemd-networkd, NetworkManager, netplan or ifupdown. The host gets its',
    ' address on a macvlan beside the guests, so that host and guests can reach',
    ' each other. It explains every line, compares it with the running host, and',
    ' applies a change with a rollback.',
  ].join('\n')}\n`;
