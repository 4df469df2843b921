/** What the tools say of a packaging without applying it; each is seen to refuse something, too. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { intentOf } from '../../../golden/cases.ts';
import { runHere } from '../../../in-process.ts';
import type { Image } from '../../image/images.ts';
import { within, withTools } from '../../image/tool-image.ts';
import { type Finished, run } from '../../process.ts';
import type { Verdict } from '../../trial.ts';
import { layRole } from './play.ts';

interface Static {
  readonly words: readonly string[];
  readonly run: (folder: string) => Promise<Verdict>;
}

const CASES = ['original', 'policy-routing', 'dhcp-overrides', 'two-shims'] as const;

/** By this machine's tools. */
export function staticTrials(backends: readonly string[]): Static[] {
  return [
    ...judges(backends, 'here', async () => []),
    {
      words: ['ignition-validate'],
      run: (folder) =>
        judged(join(folder, 'ignition'), backends, 'ignition', ['ignition-validate'], (text) =>
          text.replace('"path": "/etc', '"path": "etc'),
        ),
    },
  ];
}

/** By the tools of a suite. */
export const staticTrialsOf = (backends: readonly string[], suite: Image): Static[] =>
  judges(backends, suite.suite, async (place) => within(await withTools(suite), place)).map(
    ({ words, run }) => ({ words: [...words, suite.suite], run }),
  );

/** @param before what to put before a command that sees a folder */
function judges(
  backends: readonly string[],
  name: string,
  before: (place: string) => Promise<string[]>,
): Static[] {
  return [
    {
      words: ['ansible-lint'],
      run: (folder) => {
        const place = join(folder, `lint-${name}`);
        return lint(place, backends, () => before(place));
      },
    },
    {
      words: ['cloud-init schema'],
      run: async (folder) => {
        const place = join(folder, `schema-${name}`);
        mkdirSync(place, { recursive: true });
        const argv = [...(await before(place)), 'cloud-init', 'schema', '--config-file'];
        return judged(place, backends, 'cloud-init', argv, (text) =>
          text.replace('permissions: "0644"', 'permissions: 0644'),
        );
      },
    },
  ];
}

/** Every back end of some cases is accepted, and one that is spoilt is not. */
async function judged(
  folder: string,
  backends: readonly string[],
  format: string,
  argv: readonly string[],
  spoil: (text: string) => string,
): Promise<Verdict> {
  const failures: string[] = [];
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${format}.txt`);
  const say = async (text: string): Promise<Finished> => {
    writeFileSync(file, text);
    return run([...argv, file], '', 30);
  };
  let last = '';
  // cloud-init takes a second to start: cases in turn, every back end once.
  for (const [index, backend] of backends.entries()) {
    const name = CASES[index % CASES.length] ?? 'original';
    const { status, stdout, stderr } = await runHere(
      ...[`golden/${name}/intent.yaml`, '-b', backend, '--format', format],
    );
    if (status !== 0) failures.push(`${name}, ${backend}: ${stderr}`);
    else last = stdout;
    const printed = await say(stdout);
    if (printed.status !== 0)
      failures.push(`${name}, ${backend}: ${printed.stdout}${printed.stderr}`);
  }
  const spoilt = await say(spoil(last));
  if (spoil(last) === last) failures.push('nothing was spoilt');
  if (spoilt.status === 0) failures.push(`what is wrong was accepted: ${spoilt.stdout}`);
  const printed = `${spoilt.stdout}${spoilt.stderr}`.trim().split('\n').join(' ').slice(0, 200);
  return { failures, notes: [`spoilt: ${printed}`] };
}

async function lint(
  folder: string,
  backends: readonly string[],
  before: () => Promise<string[]>,
): Promise<Verdict> {
  const failures: string[] = [];
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const there = await before();
  const set = [`HOME=${home}`, 'LC_ALL=C.UTF-8', 'NO_COLOR=1', `ANSIBLE_HOME=${home}`];
  const at = (place: string): string[] => [...there, 'env', `--chdir=${place}`, ...set];
  const tell = async (place: string): Promise<Finished> =>
    run([...at(place), 'ansible-lint', '--offline', '-p', 'site.yml', 'roles/macvtap'], '', 60);
  const backend = backends[0] ?? '';
  const place = join(folder, 'site');
  await layRole(place, intentOf('original'), backend);
  const syntax = ['ansible-playbook', '-i', 'localhost,', '--syntax-check', 'site.yml'];
  const parsed = await run([...at(place), ...syntax], '', 30);
  if (parsed.status !== 0) failures.push(`syntax: ${parsed.stderr}`);
  // What differs between back ends and hosts is in vars alone: all of them, side by side.
  for (const [index, other] of backends.entries()) {
    const item = join(folder, other);
    await layRole(item, intentOf(CASES[index % CASES.length] ?? 'original'), other);
    const into = join(place, 'roles/macvtap/vars', other);
    mkdirSync(into, { recursive: true });
    const vars = readFileSync(join(item, 'roles/macvtap/vars/hosts/kvm1.yml'), 'utf8');
    writeFileSync(join(into, 'main.yml'), vars);
  }
  const clean = await tell(place);
  if (clean.status !== 0) failures.push(`${clean.stdout}${clean.stderr}`);
  const tasks = join(place, 'roles/macvtap/tasks/apply.yml');
  const text = readFileSync(tasks, 'utf8');
  writeFileSync(tasks, text.replace(/^ {4}mode: .*\n/m, ''));
  const spoilt = await tell(place);
  if (spoilt.status === 0) failures.push('a file without a mode was accepted');
  const printed = `${spoilt.stdout}${spoilt.stderr}`.split('\n').find((line) => /risky/.test(line));
  return { failures, notes: [`spoilt: ${printed}`] };
}
