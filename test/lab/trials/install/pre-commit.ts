/** The guide's recipe for a repository of intents, with Debian's own pre-commit(1). */
import { type SpawnOptions, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dist, REPOSITORY } from '../../../command.ts';
import { intentOf } from '../../../golden/cases.ts';

interface Ran {
  readonly status: number | null;
  readonly text: string;
}

/** @returns what is wrong */
export async function preCommit(folder: string): Promise<string[]> {
  // Its environments are too large for memory.
  const home = mkdtempSync(join(tmpdir(), 'macvtap-pre-commit-'));
  try {
    return await recipe(join(folder, 'pre-commit'), home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function recipe(place: string, home: string): Promise<string[]> {
  const project = join(place, 'project');
  const site = join(place, 'site');
  const run = (cwd: string, ...words: string[]): Promise<Ran> =>
    ended(words, {
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        PRE_COMMIT_HOME: join(home, 'cache'),
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'user.name',
        GIT_CONFIG_VALUE_0: 'lab',
        GIT_CONFIG_KEY_1: 'user.email',
        GIT_CONFIG_VALUE_1: 'lab@example.net',
        // npm's own cache, so that nothing is fetched twice.
        npm_config_cache:
          process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? home, '.npm'),
      },
    });
  const must = async (cwd: string, ...words: string[]): Promise<string> => {
    const { status, text } = await run(cwd, ...words);
    if (status !== 0) throw new Error(`${words.join(' ')}: ${text}`);
    return text.trim();
  };
  // The project as it is here and now, as a repository of its own.
  for (const path of (await must(REPOSITORY, 'git', 'ls-files')).split('\n')) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    cpSync(join(REPOSITORY, path), join(project, path));
  }
  await must(project, 'git', 'init', '-q', '-b', 'main');
  await must(project, 'git', 'add', '-A');
  await must(project, 'git', 'commit', '-q', '-m', 'project');
  const revision = await must(project, 'git', 'rev-parse', 'HEAD');
  const guide = readFileSync(join(REPOSITORY, 'src/help/repository.md'), 'utf8');
  const [, config = ''] = /```yaml pre-commit\n([\s\S]*?)```/.exec(guide) ?? [];
  mkdirSync(site, { recursive: true });
  writeFileSync(
    join(site, '.pre-commit-config.yaml'),
    config.replace(/repo: .*/, `repo: ${project}`).replace(/rev: .*/, `rev: ${revision}`),
  );
  writeFileSync(join(site, 'macvtap.yaml'), intentOf('original'));
  await must(site, 'git', 'init', '-q', '-b', 'main');
  const render = ['node', join(dist, 'macvtap-render.cjs'), 'macvtap.yaml'];
  const rendered = (): Promise<string> =>
    must(site, ...render, '--backend', 'networkd', '--root', 'hosts/kvm1');
  const hooks = async (): Promise<Ran> => {
    await must(site, 'git', 'add', '-A');
    return run(site, 'pre-commit', 'run', '--all-files');
  };
  const found: string[] = [];
  const expect = (what: string, { status, text }: Ran, isGood: boolean, printed: RegExp): void => {
    if ((status === 0) !== isGood || !printed.test(text)) found.push(`${what}: ${status}: ${text}`);
  };
  expect('nothing rendered yet', await hooks(), false, /error\[file-missing\]/);
  await rendered();
  expect('in step', await hooks(), true, /lint\.+Passed[\s\S]*check\.+Passed/);
  const intent = intentOf('original');
  writeFileSync(join(site, 'macvtap.yaml'), intent.replace('.254', '.253'));
  expect(
    'the intent alone changed',
    await hooks(),
    false,
    /lint\.+Passed[\s\S]*error\[file-changed\]/,
  );
  await rendered();
  expect('rendered again', await hooks(), true, /check\.+Passed/);
  writeFileSync(join(site, 'macvtap.yaml'), intent.replace('.254', '.0.254'));
  expect('an intent that is wrong', await hooks(), false, /lint\.+Failed[\s\S]*error\[/);
  return found;
}

function ended(words: readonly string[], options: SpawnOptions): Promise<Ran> {
  const [command = '', ...rest] = words;
  return new Promise((done, fail) => {
    const child = spawn(command, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => (text += data.toString('utf8')));
    }
    child.on('error', fail);
    child.on('close', (status) => done({ status, text }));
  });
}
