/** The Debian package: read by lintian(1), installed, upgraded, used and purged on each release. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manPages } from '../../../../src/build/man.ts';
import { REPOSITORY, temporaryFolder } from '../../../command.ts';
import { commandHere } from '../../../command-here.ts';
import { BARE, type BareSuite, bareImage, LINTED } from '../../image/bare.ts';
import { SUITES } from '../../image/images.ts';
import { within } from '../../image/tool-image.ts';
import type { Selection } from '../../options.ts';
import { run } from '../../process.ts';
import { once, type Trial, type Verdict } from '../../trial.ts';
import { changed, isSame, laid, makePackages, NEW, OLD, type Packages } from './package.ts';

const PART = 'debian-package';

const SCRIPT = fileURLToPath(new URL('inside.sh', import.meta.url));
const BACKENDS = ['networkd', 'networkmanager', 'netplan-networkd', 'ifupdown'];
const NEGATIVES_ON: BareSuite = 'bookworm';

interface Fault {
  readonly name: string;
  /** Run at the top of the unpacked package. */
  readonly command: string;
  /** The check that must fail. */
  readonly seenBy: string;
}

const SHARE = 'usr/share';
/** After the change, as dpkg-deb does not make them. */
const SUMS = 'find usr -type f -exec md5sum {} + >DEBIAN/md5sums';

const FAULTS: readonly Fault[] = [
  {
    name: 'a dependency',
    command: 'sed -i "/^Section/iDepends: no-such-package" DEBIAN/control',
    seenBy: 'upgrade',
  },
  {
    name: 'another program',
    command: 'cp /bin/true usr/bin/macvtap-render',
    seenBy: 'files of the package',
  },
  {
    name: 'a file of the old version',
    command: `cd ${SHARE}/man/man7 && cp macvtap-render-fleet.7.gz macvtap-render-old.7.gz`,
    seenBy: 'file of the old version',
  },
  {
    name: 'other output',
    command: `cd usr/bin && mv macvtap-render real && printf '#!/bin/sh\\nreal "$@"; echo more\\n' >macvtap-render && chmod 755 macvtap-render && cd ../.. && ${SUMS}`,
    seenBy: 'rendered',
  },
  {
    name: 'no manual page of the intent',
    command: `rm ${SHARE}/man/man5/*; ${SUMS}`,
    seenBy: 'man pages',
  },
  {
    name: 'completions of bash under another name',
    command: `cd ${SHARE}/bash-completion/completions && mv macvtap-render macvtap`,
    seenBy: 'bash',
  },
  {
    name: 'completions of zsh without the first line',
    command: `sed -i 1d ${SHARE}/zsh/vendor-completions/_macvtap-render; ${SUMS}`,
    seenBy: 'zsh',
  },
  {
    name: 'no completions of fish',
    command: `rm ${SHARE}/fish/vendor_completions.d/*`,
    seenBy: 'fish',
  },
  {
    name: 'another schema',
    command: `echo >>${SHARE}/macvtap-render/intent.schema.json; ${SUMS}`,
    seenBy: 'schema',
  },
  {
    name: 'a program that writes nothing',
    command: `cd usr/bin && mv macvtap-render real && printf '#!/bin/sh\\ncase "$*" in *--root*) exit 0 ;; esac\\nexec real "$@"\\n' >macvtap-render && chmod 755 macvtap-render && cd ../.. && ${SUMS}`,
    seenBy: 'configuration',
  },
  {
    name: 'a script that refuses to remove it',
    command: "printf '#!/bin/sh\\nexit 1\\n' >DEBIAN/prerm && chmod 755 DEBIAN/prerm",
    seenBy: 'purge',
  },
  {
    name: 'a script that leaves a file',
    command:
      "printf '#!/bin/sh\\nmkdir -p /var/lib/macvtap\\n' >DEBIAN/postinst && chmod 755 DEBIAN/postinst",
    seenBy: 'after the purge',
  },
  {
    name: 'a script that removes generated files',
    command:
      "printf '#!/bin/sh\\nrm -f /etc/systemd/network/*macvtap*\\n' >DEBIAN/postrm && chmod 755 DEBIAN/postrm",
    seenBy: 'after the purge',
  },
];

/** What lintian reports of the package with these faults, all at once: it takes seconds. */
const LINT_FAULTS: readonly (readonly [command: string, tag: string])[] = [
  [`rm -r ${SHARE}/lintian`, 'shared-library-lacks-prerequisites'],
  [`rm ${SHARE}/doc/macvtap-render/copyright`, 'no-copyright-file'],
  [`rm ${SHARE}/man/man1/*`, 'no-manual-page'],
  ['chmod 775 usr/bin/macvtap-render', 'non-standard-executable-perm'],
  ['sed -i /^Maintainer/d DEBIAN/control', 'required-field'],
];

/** Only with the whole lab, or when it is named (`--only debian-package`). */
export function debTrials({
  isWhole,
  only,
  suites,
}: Pick<Selection, 'isWhole' | 'only' | 'suites'>): Trial[] {
  if (!isWhole && !only.includes(PART)) return [];
  const isWanted = (suite: string): boolean => suites === SUITES || suites.includes(suite);
  const folder = once(makeFolder);
  const made = once(async () => makePackages(await folder()));
  const texts = once(textsOfHost);
  const trial = (words: readonly string[], work: () => Promise<Verdict>): Trial => ({
    part: PART,
    words,
    repeat: [PART, ...words].flatMap((word) => ['--only', word]),
    run: work,
  });
  const hosted = async (suite: BareSuite, change?: string): Promise<Verdict> => {
    const root = await bareImage(suite);
    if (root === undefined) return unreached;
    const { next, old } = await made();
    const deb =
      change === undefined ? next : await changed(next, await folder(), [['sh', '-ec', change]]);
    return onHost(root, laid(await folder(), deb, old, await texts()));
  };
  const linted = async (suite: BareSuite): Promise<Verdict> => {
    const root = await bareImage(suite);
    return root === undefined ? unreached : lint(root, await folder(), (await made()).next);
  };
  return [
    trial(['same bytes'], async () => reproducible(await made(), await folder())),
    ...(Object.keys(BARE) as BareSuite[])
      .filter(isWanted)
      .map((suite) => trial(['host', suite], () => hosted(suite))),
    ...LINTED.filter(isWanted).map((suite) => trial(['lintian', suite], () => linted(suite))),
    ...FAULTS.filter(() => isWanted(NEGATIVES_ON)).map(({ name, command, seenBy }) =>
      trial(['negatives', name], async () => seen(await hosted(NEGATIVES_ON, command), seenBy)),
    ),
  ];
}

const unreached: Verdict = {
  outcome: 'not judged',
  reason: "Ubuntu's mirror is not reached",
  failures: [],
};

/** In memory; gone with the process. */
async function makeFolder(): Promise<string> {
  mkdirSync('/dev/shm', { recursive: true });
  const folder = mkdtempSync('/dev/shm/macvtap-deb-');
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The README's intent, and what the command under Node makes of it. */
async function textsOfHost(): Promise<Record<string, string>> {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  const [, intent = ''] = /## The smallest intent\n\n```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  const cwd = temporaryFolder();
  const texts: Record<string, string> = { 'macvtap.yaml': intent };
  for (const id of BACKENDS) {
    const { status, stdout, stderr } = await commandHere(['-', '--backend', id], {
      cwd,
      input: intent,
    });
    if (status !== 0) throw new Error(`${id}: ${stderr}`);
    texts[`expected-${id}`] = stdout.replaceAll('<stdin>', 'macvtap.yaml');
  }
  return texts;
}

async function onHost(root: string, folder: string): Promise<Verdict> {
  const words = [`OLD=${OLD}`, `NEW=${NEW}`, `BACKENDS=${BACKENDS.join(' ')}`];
  const pages = `PAGES=${Object.keys(manPages()).join(' ')}`;
  const argv = ['env', ...words, pages, 'bash', '-c', readFileSync(SCRIPT, 'utf8'), 'bash', folder];
  const { stdout, stderr } = await run([...within({ root }, folder), ...argv], '', 120);
  rmSync(folder, { recursive: true });
  const lines = stdout.split('\n');
  const failures = lines.flatMap((line) => /^FAILED (.*)/.exec(line)?.[1] ?? []);
  return {
    failures: lines.includes('done') ? failures : [...failures, `it did not end: ${stderr}`],
  };
}

/** What a fault must lead to. */
function seen({ failures, ...verdict }: Verdict, seenBy: string): Verdict {
  const line = failures.find((failure) => failure.startsWith(`${seenBy}: `));
  if (verdict.outcome === 'not judged') return { failures, ...verdict };
  return line === undefined
    ? { failures: [`nothing was seen by ${seenBy}`, ...failures] }
    : { failures: [], notes: [line.slice(0, 160)] };
}

async function reproducible({ next, again }: Packages, folder: string): Promise<Verdict> {
  const other = await changed(next, folder, []);
  return {
    failures: [
      ...(isSame(next, again) ? [] : ['packed twice, other bytes']),
      ...(isSame(next, other) ? ['no difference was seen where the time of packing is in it'] : []),
    ],
  };
}

async function lint(root: string, folder: string, deb: string): Promise<Verdict> {
  const tags = async (path: string): Promise<string[]> => {
    const words = ['lintian', '--allow-root', path];
    const { stdout, stderr } = await run([...within({ root }, folder), ...words], '', 120);
    return `${stdout}${stderr}`.split('\n').filter((line) => !/^(?:N: .*)?$/.test(line));
  };
  const commands = LINT_FAULTS.map(([command]) => ['sh', '-ec', command]);
  const [ofPackage, ofFaults] = [await tags(deb), await tags(await changed(deb, folder, commands))];
  const unseen = LINT_FAULTS.filter(([, tag]) => !ofFaults.some((line) => line.includes(tag)));
  return {
    failures: [
      ...ofPackage,
      ...unseen.map(([command, tag]) => `${command}: no ${tag}: ${ofFaults.join(' | ')}`),
    ],
  };
}
