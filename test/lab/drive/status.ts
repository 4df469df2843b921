/**
 * What the program's own `status` and `doctor` say of the host of a scene. They share no code with the judge: where
 * the judge finds nothing, it must find nothing, and a fault that the judge sees, it must see.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { COMMAND, dist } from '../../command.ts';
import { NATIVE } from '../../native-binary.ts';
import { type Bare, must } from '../place.ts';
import { once } from '../trial.ts';
import { linkedWith } from './program.ts';

/** No package of Debian has files here. */
const FOLDER = '/opt/macvtap-render-lab';
const INTENT = '/etc/macvtap.yaml';

/** What it is asked for. */
export interface Asked {
  readonly intent: string;
  readonly backend: string;
  /** As `--target` takes it. */
  readonly target?: string;
}

/** Lines as `error[link-missing]: …`, without notes. */
export interface Answer {
  readonly running: readonly string[];
  readonly files: readonly string[];
}

/** A scene has no service manager, so that no daemon is enabled there, and none is started at boot. */
const OF_NO_BOOT: ReadonlySet<string> = new Set([
  ...['system-not-enabled', 'other-network-owner', 'two-network-owners', 'resolver-missing'],
]);

const libraries = once(async () => {
  const { loader, libraries: all } = await linkedWith(process.execPath);
  return { loader, all };
});

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

/**
 * @param hasResolver whether somebody hands name servers on, as resolvconf does
 * @throws Error where it does not end with 0 or 1, or the status is not that of what it says
 */
export async function askStatus(
  host: Bare,
  { intent, backend, target }: Asked,
  hasResolver: boolean,
): Promise<Answer> {
  const { status, host: own } = await askProgram<{
    isDrift: boolean;
    running: Found[];
    files: Found[];
  }>(host, intent, [
    ...['status', INTENT, '--backend', backend],
    ...(target === undefined ? [] : ['--target', target]),
  ]);
  if (own.isDrift !== (status === 1)) throw new Error(`status: ${status}, and ${own.isDrift}`);
  const lines = (found: readonly Found[]): string[] =>
    found
      .filter(
        ({ code, severity }) =>
          severity !== 'note' &&
          !OF_NO_BOOT.has(code) &&
          (hasResolver || code !== 'nameserver-missing'),
      )
      .map(({ code, severity, message }) => `${severity}[${code}]: ${message}`);
  return { running: lines(own.running), files: lines(own.files) };
}

/** What `doctor` names, the first one first; lines as `error[link-missing]: …`. */
export async function askDoctor(
  host: Bare,
  { intent, backend }: Asked,
  guest: string | undefined,
): Promise<{ readonly codes: readonly string[]; readonly lines: readonly string[] }> {
  const { status, host: own } = await askProgram<{ causes: Found[]; lookedAt: string[] }>(
    host,
    intent,
    [
      ...['doctor', INTENT, '--backend', backend],
      ...(guest === undefined ? [] : ['--guest', guest]),
    ],
  );
  const { causes } = own;
  if (causes.length > 0 !== (status === 1)) throw new Error(`doctor: ${status}`);
  return {
    codes: causes.map(({ code }) => code),
    lines: [
      ...causes.map(({ code, severity, message }) => `${severity}[${code}]: ${message}`),
      ...own.lookedAt,
    ],
  };
}

/** Runs the program on the host; its document has that one host. @throws Error for any status but 0 and 1 */
async function askProgram<Host>(
  host: Bare,
  intent: string,
  words: readonly string[],
): Promise<{ readonly status: number; readonly host: Host }> {
  const program = await putProgram(host);
  writeFileSync(`${host.root}${INTENT}`, intent);
  const argv = [...program, ...words, '--format', 'json'];
  const { status, stdout, stderr } = await host.runInside(argv, '', 90);
  if (status !== 0 && status !== 1) {
    throw new Error(`${words.join(' ')}: ${status}: ${stdout}${stderr}`);
  }
  const { hosts } = JSON.parse(stdout) as { hosts: Host[] };
  const [own] = hosts;
  if (!own) throw new Error(`${words.join(' ')}: no host in ${stdout}`);
  return { status, host: own };
}

/** Binds this machine's Node and the bundle into the host's root, once. @returns how it is called there */
async function putProgram(host: Bare): Promise<string[]> {
  if (NATIVE !== undefined) {
    const there = `${FOLDER}/macvtap-render`;
    const inside = `/mnt/root${there}`;
    const lines = [
      `[ ! -e ${inside} ] || exit 0`,
      `mkdir -p /mnt/root${FOLDER}`,
      `: >${inside}`,
      `mount --bind ${NATIVE} ${inside}`,
    ];
    await must(host.run(['sh', '-e', '-c', lines.join('\n')]), ['bind']);
    return [there];
  }
  const { loader, all } = await libraries();
  const root = '/mnt/root';
  const binds = [
    [process.execPath, 'node'],
    [dist, 'dist'],
    [loader, 'loader'],
    ...all.map((path) => [path, `lib/${basename(path)}`]),
  ];
  const lines = [
    `[ ! -e ${root}${FOLDER} ] || exit 0`,
    `mkdir -p ${root}${FOLDER}/dist ${root}${FOLDER}/lib`,
    ...binds.flatMap(([from = '', to = '']) => [
      ...(from === dist ? [] : [`: >${root}${FOLDER}/${to}`]),
      `mount --bind ${from} ${root}${FOLDER}/${to}`,
    ]),
  ];
  await must(host.run(['sh', '-e', '-c', lines.join('\n')]), ['bind']);
  return [
    `${FOLDER}/loader`,
    ...['--library-path', `${FOLDER}/lib`],
    `${FOLDER}/node`,
    `${FOLDER}/dist/${basename(COMMAND)}`,
  ];
}
