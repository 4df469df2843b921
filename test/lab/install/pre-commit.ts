/** The README's recipe for a repository of intents, with Debian's own pre-commit(1). */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dist, REPOSITORY } from '../../command.ts';
import { intentOf } from '../../golden/cases.ts';

interface Ran {
  readonly status: number | null;
  readonly text: string;
}

export async function preCommit(
  folder: string,
): Promise<(readonly [name: string, problems: readonly string[]])[]> {
  // Its environments are too large for memory.
  const home = mkdtempSync(join(tmpdir(), 'macvtap-pre-commit-'));
  try {
    return [['the README’s hooks, by pre-commit', recipe(join(folder, 'pre-commit'), home)]];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function recipe(place: string, home: string): string[] {
  const project = join(place, 'project');
  const site = join(place, 'site');
  const run = (cwd: string, ...words: string[]): Ran => {
    const [command = '', ...rest] = words;
    const { status, stdout, stderr, error } = spawnSync(command, rest, {
      cwd,
      encoding: 'utf8',
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
    if (error) throw error;
    return { status, text: `${stdout}${stderr}` };
  };
  const must = (cwd: string, ...words: string[]): string => {
    const { status, text } = run(cwd, ...words);
    if (status !== 0) throw new Error(`${words.join(' ')}: ${text}`);
    return text.trim();
  };
  // The project as it is here and now, as a repository of its own.
  for (const path of must(REPOSITORY, 'git', 'ls-files').split('\n')) {
    if (path.startsWith('golden/')) continue;
    mkdirSync(dirname(join(project, path)), { recursive: true });
    cpSync(join(REPOSITORY, path), join(project, path));
  }
  must(project, 'git', 'init', '-q', '-b', 'main');
  must(project, 'git', 'add', '-A');
  must(project, 'git', 'commit', '-q', '-m', 'project');
  const revision = must(project, 'git', 'rev-parse', 'HEAD');
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  const [, config = ''] = /```yaml pre-commit\n([\s\S]*?)```/.exec(readme) ?? [];
  mkdirSync(site, { recursive: true });
  writeFileSync(
    join(site, '.pre-commit-config.yaml'),
    config.replace(/repo: .*/, `repo: ${project}`).replace(/rev: .*/, `rev: ${revision}`),
  );
  writeFileSync(join(site, 'macvtap.yaml'), intentOf('original'));
  must(site, 'git', 'init', '-q', '-b', 'main');
  const render = ['node', join(dist, 'macvtap-render.cjs'), 'macvtap.yaml'];
  const rendered = (): string =>
    must(site, ...render, '--backend', 'networkd', '--root', 'hosts/kvm1');
  const hooks = (): Ran => {
    must(site, 'git', 'add', '-A');
    return run(site, 'pre-commit', 'run', '--all-files');
  };
  const found: string[] = [];
  const expect = (what: string, { status, text }: Ran, isGood: boolean, said: RegExp): void => {
    if ((status === 0) !== isGood || !said.test(text)) found.push(`${what}: ${status}: ${text}`);
  };
  expect('nothing rendered yet', hooks(), false, /error\[file-missing\]/);
  rendered();
  expect('in step', hooks(), true, /lint\.+Passed[\s\S]*check\.+Passed/);
  const intent = intentOf('original');
  writeFileSync(join(site, 'macvtap.yaml'), intent.replace('.254', '.253'));
  expect('the intent alone changed', hooks(), false, /lint\.+Passed[\s\S]*error\[file-changed\]/);
  rendered();
  expect('rendered again', hooks(), true, /check\.+Passed/);
  writeFileSync(join(site, 'macvtap.yaml'), intent.replace('.254', '.0.254'));
  expect('an intent that is wrong', hooks(), false, /lint\.+Failed[\s\S]*error\[/);
  return found;
}
