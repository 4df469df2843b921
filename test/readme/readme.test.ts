/** Every page is true: its intents compile, its commands run, its tables follow the code. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { completions } from '../../src/build/completions.ts';
import { manPages } from '../../src/build/man.ts';
import { COMMANDS } from '../../src/cli/command-line.ts';
import { compile } from '../../src/compile.ts';
import { compileFleet } from '../../src/compile-fleet.ts';
import { CODES } from '../../src/diagnostics/diagnostic.ts';
import { referencePage } from '../../src/explain/reference.ts';
import { guide, titleOf, topicNames } from '../../src/help/topics.ts';
import { COMMAND, dist, PROGRAM_WORDS, REPOSITORY, temporaryFolder } from '../command.ts';
import { commandHere } from '../command-here.ts';
import { intentOf } from '../golden/cases.ts';
import { isLong } from '../long.ts';
import { FEATURES } from './features.ts';
import { keyNames, pages, readPage, withGenerated } from './generate.ts';

/** The README first: it has the smallest intent. */
const PAGES = pages().sort((a, b) => Number(b === 'README.md') - Number(a === 'README.md'));
const text = PAGES.map(readPage).join('\n');
const blocks = [...text.matchAll(/^ *```(.*)\n([\s\S]*?)^ *```$/gm)].map(
  ([, language = '', body = '']) => ({ language, body }),
);
const of = (language: string): string[] =>
  blocks.filter((b) => b.language === language).map(({ body }) => body);
const marked = (mark: string): string =>
  new RegExp(`<!-- ${mark} -->\n\`\`\`sh\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';

test('generated parts are what the code generates (npm run readme)', () => {
  assert.ok(PAGES.length >= 15, PAGES.join(' '));
  for (const page of PAGES) assert.is(withGenerated(readPage(page)), readPage(page), page);
});

test('the README is short, and its links lead to what is there', () => {
  const size = Buffer.byteLength(readPage('README.md'));
  assert.ok(size <= 16 * 1024, `${size} bytes`);
  for (const page of PAGES) {
    for (const [, to = ''] of readPage(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      assert.ok(existsSync(join(REPOSITORY, page, '..', to)), `${page}: ${to}`);
    }
  }
});

test('every guide that a page or message names is there', async () => {
  const named = [...text.matchAll(/`help ([a-z-]+)`/g)].map(([, topic = '']) => topic);
  assert.ok(named.length > 10);
  for (const topic of named) assert.ok(guide(topic) !== undefined, topic);
  for (const topic of topicNames()) {
    const { status, stdout } = await commandHere(['help', topic]);
    assert.is(status, 0);
    assert.ok(stdout.startsWith(`# ${titleOf(topic)}\n`), topic);
    assert.not.match(stdout, /<!--/, topic);
  }
});

test('every command has its own help on a screen, with the options that it takes', async () => {
  for (const command of COMMANDS) {
    const { status, stdout } = await commandHere([command, '--help']);
    assert.is(status, 0);
    assert.is((await commandHere(['help', command])).stdout, stdout);
    assert.ok(stdout.split('\n').length <= 75, command);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
  }
  assert.match((await commandHere(['check', '--help'])).stdout, /--no-mode/);
  assert.not.match((await commandHere(['lint', '--help'])).stdout, /--force/);
});

test('man pages and completions follow the help, and are in the package', () => {
  const { man } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    man: string[];
  };
  const made = manPages();
  assert.equal(
    man,
    Object.keys(made)
      .sort()
      .map((name) => `./dist/man/${name}`),
  );
  for (const [name, text] of Object.entries(made)) {
    assert.match(text, /^\.TH "MACVTAP-RENDER/, name);
    assert.match(text, /^\.SH "NAME"$/m, name);
  }
  assert.equal(manPages(), made);
  const all = completions();
  for (const [name, text] of Object.entries(all)) {
    for (const command of COMMANDS) assert.ok(text.includes(command), `${name}: ${command}`);
  }
  // bash has them loaded, and completes.
  const complete = (line: string): string =>
    spawnSync(
      'bash',
      [
        '-c',
        `${all['macvtap-render.bash']}\nCOMP_WORDS=(${line}) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _macvtap_render; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: 'utf8' },
    ).stdout;
  assert.match(complete('macvtap-render check --back'), /^--backend$/m);
  assert.match(complete('macvtap-render check -b netw'), /^networkd\nnetworkmanager$/m);
  assert.match(complete('macvtap-render diff --format m'), /^markdown$/m);
  assert.match(complete('macvtap-render help fl'), /^fleet$/m);
  assert.not.match(complete('macvtap-render lint --f'), /--force/);
});

test('explain has a page for every diagnostic and key, and suggests names for a misspelt one', async () => {
  const ofCodes = new Map(Object.keys(CODES).map((code) => [code, referencePage(code)]));
  for (const [code, page] of ofCodes) assert.ok(page?.startsWith(`${code} (`), code);
  // No file depends on what a running host is like.
  assert.match(
    referencePage('guest-mode') ?? '',
    /\nAn error: the host, its guests or its LAN lack/,
  );
  assert.match(referencePage('duplicate-key') ?? '', /\nAn error: nothing is written\.\n/);
  const withExample = [...ofCodes.values()].filter((page) => page?.includes('Reported:'));
  assert.ok(withExample.length > 80, `${withExample.length} examples`);
  for (const key of keyNames()) assert.ok(referencePage(key)?.includes(key), key);
  const page = await commandHere(['explain', 'gateway-unreachable']);
  assert.is(page.status, 0);
  assert.match(page.stdout, /error\[gateway-unreachable\]/);
  assert.match(
    (await commandHere(['explain', 'constructor'])).stderr,
    /`constructor`; `explain \[\.\/FILE\] --backend ID` prints each line/,
  );
  assert.match((await commandHere(['explain', 'shims.veth0.routes.via'])).stdout, /The gateway\./);
  const slip = await commandHere(['explain', 'gateway-unreachible']);
  assert.is(slip.status, 3);
  assert.match(slip.stderr, /did you mean `gateway-unreachable`/);
  assert.match((await commandHere(['help', 'fleat'])).stderr, /did you mean `fleet`/);
  assert.is((await commandHere(['help', 'no-such-word'])).status, 3);
});

test('every block is of a kind that a test knows', () => {
  const kinds = new Set(blocks.map(({ language }) => language));
  assert.equal([...kinds].sort(), [
    'ini',
    'js',
    'json',
    'sh',
    'sh ansible',
    'sh ansible-run',
    'sh cloud-init',
    'sh config-repo',
    'sh fleet',
    'sh init',
    'sh on-the-host',
    'text',
    'yaml',
    'yaml ansible',
    'yaml fleet',
    'yaml pre-commit',
  ]);
});

test('every intent compiles, for every system of a host, without a warning', () => {
  const intents = of('yaml');
  assert.ok(intents.length >= 3);
  for (const intent of intents) {
    for (const { id, scope } of backends) {
      const { diagnostics, sets } = compile(intent, { file: 'page.md', backends: [id] });
      const found = diagnostics.filter(
        ({ code, severity, backend }) =>
          severity !== 'note' &&
          code !== 'optional-still-waited' &&
          !(REFUSALS.has(code) && id !== 'networkd') &&
          // What a trial, or a guest, cannot have is reported by its own back end.
          !(backend === id && scope !== 'host'),
      );
      assert.equal(
        found.map(({ code }) => code),
        [],
        intent,
      );
      const isRefused = diagnostics.some(({ code }) => REFUSALS.has(code));
      assert.ok(sets ?? (scope !== 'host' || isRefused));
    }
  }
});

/** An ipvlan, which networkd alone can make in every version. */
const REFUSALS: ReadonlySet<string> = new Set(['kind-not-expressible', 'target-lacks-key']);

test('the feature table leaves no key of the language out', () => {
  const findings = FEATURES.map(({ intent }) => intent).join('\n');
  const own = new Set(['version', 'host', 'renderer', 'backend', 'target']);
  const missing = keyNames().filter(
    (key) => !own.has(key) && !new RegExp(`\\b${key}:`).test(findings),
  );
  assert.equal(missing, []);
});

test('the least intent is the original’s host, and that of --help', async () => {
  const [least = ''] = of('yaml');
  const render = async (input: string): Promise<string> =>
    (await commandHere(['-', '-b', 'networkd'], { input })).stdout;
  assert.is(await render(least), await render(intentOf('original')));
});

/** A folder with the least intent, and the command on PATH. */
function workplace(): { cwd: string; env: NodeJS.ProcessEnv } {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'bin/macvtap-render'), `#!/bin/sh\nexec ${PROGRAM_WORDS} "$@"\n`);
  chmodSync(join(cwd, 'bin/macvtap-render'), 0o755);
  mkdirSync(join(cwd, '.git'));
  writeFileSync(join(cwd, 'macvtap.yaml'), of('yaml')[0] ?? '');
  const env = { PATH: `${cwd}/bin:${process.env['PATH']}`, HOME: cwd, ROOT: join(cwd, 'root') };
  return { cwd, env };
}

test('the first of the two commands renders all back ends that it names', () => {
  const command = marked('render');
  assert.match(
    command,
    /^npm ci && node dist\/macvtap-render\.cjs golden\/original\/intent\.yaml /,
  );
  const out = temporaryFolder();
  // What `npm ci` does is not done again here; `.ci/run` runs the line as it stands.
  const line = command
    .replace('npm ci && ', '')
    .replace('dist/macvtap-render.cjs', COMMAND)
    .replace('--root out', `--root ${out}`);
  const { status, stderr } = spawnSync('sh', ['-ec', line], { cwd: REPOSITORY, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  const asked = [...command.matchAll(/-b (\S+)/g)].map(([, id]) => id);
  const owners = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);
  assert.ok(owners.every((id) => asked.includes(id)));
  assert.equal(readdirSync(out).sort(), asked.sort());
});

test('the second of the two commands is this run', () => {
  assert.is(marked('test'), 'npm test\n');
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  assert.match(scripts['test'] ?? '', /typecheck.*lint.*unit/);
});

test('every other command runs', () => {
  const place = workplace();
  const commands = of('sh').filter((body) => body !== marked('render') && body !== marked('test'));
  assert.ok(commands.length >= 3);
  for (const body of commands) {
    const { status, stderr } = spawnSync('sh', ['-ec', body], { ...place, encoding: 'utf8' });
    assert.is(status, 0, `${body}${stderr}`);
  }
  assert.ok(
    existsSync(join(place.cwd, 'out/networkd/etc/systemd/network/00-macvtap-eth0.network')),
  );
  assert.ok(existsSync(join(place.cwd, 'macvtap.schema.json')));
  assert.ok(existsSync(join(place.cwd, 'root/etc/systemd/network/00-macvtap-eth0.network')));
});

test('the recipe for a repository with review, from beginning to end', () => {
  const place = workplace();
  rmSync(join(place.cwd, '.git'), { recursive: true });
  const shell = (script: string): number | null =>
    spawnSync('sh', ['-ec', script], { ...place, encoding: 'utf8' }).status;
  const step = (name: string): string =>
    new RegExp(`<!-- config-repo: ${name} -->\n\`\`\`sh config-repo\n([\\s\\S]*?)\`\`\``).exec(
      text,
    )?.[1] ?? 'exit 9';
  const commit =
    'git -c user.name=x -c user.email=x@example.net commit -q -m "$(git diff --cached --stat | tail -n 1)"';
  assert.is(shell(`git init -q -b main\n${step('render')}${commit}`), 0);
  assert.is(shell('git checkout -q -b change'), 0);
  const intent = join(place.cwd, 'macvtap.yaml');
  writeFileSync(intent, readFileSync(intent, 'utf8').replace('.254', '.253'));
  // The intent alone is changed: the rendered files are not in step, and CI says so.
  assert.is(shell(step('ci')), 1);
  assert.is(shell(`${step('render')}${commit}`), 0);
  assert.is(shell(`git clone -q . fresh && cd fresh && ${step('ci')}`), 0);
  const log = JSON.parse(readFileSync(join(place.cwd, 'fresh/macvtap.sarif'), 'utf8')) as {
    runs: { results: unknown[] }[];
  };
  assert.equal(log.runs[0]?.results, []);
  assert.is(shell(step('review')), 0);
  assert.match(readFileSync(join(place.cwd, 'review.md'), 'utf8'), /May lock you out/);
});

test('the commands for an existing host: an intent, one beside its address, and a fleet', () => {
  const place = workplace();
  const files = {
    'etc/network/interfaces':
      'auto eth0\niface eth0 inet static\n    address 198.51.100.50/24\n    gateway 198.51.100.254\n',
    'etc/containers/networks/lan.json':
      '{"name": "lan", "driver": "macvlan", "network_interface": "eth0", "subnets": [{"subnet": "198.51.100.0/24", "lease_range": {"start_ip": "198.51.100.193", "end_ip": "198.51.100.223"}}]}\n',
  };
  for (const [tree, name] of [
    ['root', 'kvm1'],
    ['trees/kvm1', 'kvm1'],
    ['trees/kvm2', 'kvm2'],
  ] as const) {
    for (const [path, content] of Object.entries({ ...files, 'etc/hostname': `${name}\n` })) {
      const file = join(place.cwd, tree, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, content);
    }
  }
  const bodies = of('sh init');
  assert.is(bodies.length, 3);
  for (const body of bodies) {
    const { status, stderr } = spawnSync('sh', ['-ec', body], { ...place, encoding: 'utf8' });
    assert.is(status, 0, `${body}${stderr}`);
  }
  const written = (name: string): string => readFileSync(join(place.cwd, name), 'utf8');
  assert.match(written('host.yaml'), /198\.51\.100\.50\/24 {2}# \/etc\/network\/interfaces:3/);
  assert.match(
    written('beside.yaml'),
    /managed: false[\s\S]*to: 198\.51\.100\.192\/27, scope: link/,
  );
  assert.match(written('fleet.yaml'), /^defaults:$[\s\S]*^hosts:$/m);
});

test('the recipes for Ansible and cloud-init: the role that the play names, and the user-data', () => {
  const place = workplace();
  for (const body of [...of('sh ansible'), ...of('sh cloud-init')]) {
    const { status, stderr } = spawnSync('sh', ['-ec', body], { ...place, encoding: 'utf8' });
    assert.is(status, 0, stderr);
  }
  const plays = of('yaml ansible').map((play) => parse(play) as { roles: string[] }[]);
  assert.is(plays.length, 2);
  for (const role of plays.flatMap(([{ roles } = { roles: [] }]) => roles)) {
    assert.ok(existsSync(join(place.cwd, 'roles', role, 'tasks/main.yml')), role);
  }
  const defaults = parse(
    readFileSync(join(place.cwd, 'roles/macvtap/defaults/main.yml'), 'utf8'),
  ) as Record<string, unknown>;
  const findings = [...text.matchAll(/^\| `(macvtap_[a-z_]+)` \| (\S+) \|/gm)];
  assert.equal(
    findings.map(([, name]) => name),
    Object.keys(defaults),
  );
  for (const [, name = '', value = ''] of findings) {
    assert.ok(String(defaults[name]).includes(value.replaceAll('`', '')), name);
  }
  assert.ok(readFileSync(join(place.cwd, 'user-data'), 'utf8').startsWith('#cloud-config\n'));
  // What runs them on real hosts is the lab; here it is seen that there is something to run.
  const [run = '', rollOut = ''] = of('sh ansible-run');
  assert.match(run, /^(ansible-playbook -i hosts site\.yml.*\n){2}$/);
  assert.match(rollOut, /^ansible-playbook (-i \S+ )+fleet\.yml\n$/);
});

test('the fleet: its hosts, its commands, the role that all of them are in', () => {
  const [fleet = ''] = of('yaml fleet');
  const place = workplace();
  writeFileSync(join(place.cwd, 'fleet.yaml'), fleet);
  for (const { id, scope } of backends) {
    const { hosts, diagnostics } = compileFleet([{ file: 'README.md', text: fleet }], {
      backends: [id],
    });
    if (scope !== 'host') continue;
    const found = diagnostics.filter(({ severity }) => severity !== 'note');
    assert.equal(found, [], id);
    assert.equal(
      hosts.map(({ host, sets }) => [host, sets !== undefined]),
      [
        ['kvm1', true],
        ['kvm2', true],
        ['kvm3', true],
      ],
    );
  }
  const commands = of('sh fleet');
  assert.ok(commands.length >= 2);
  for (const body of commands) {
    const { status, stderr } = spawnSync('sh', ['-ec', body], { ...place, encoding: 'utf8' });
    assert.is(status, 0, `${body}${stderr}`);
  }
  assert.equal(readdirSync(join(place.cwd, 'hosts')).sort(), ['kvm1', 'kvm2', 'kvm3']);
  assert.not.match(
    readFileSync(
      join(place.cwd, 'hosts/kvm3/etc/systemd/network/00-macvtap-veth0.network'),
      'utf8',
    ),
    /^Domains=/m,
  );
  assert.ok(existsSync(join(place.cwd, 'roles/macvtap/inventory.yml')));
});

test('what is for the host is at least shell, and names files that are rendered', () => {
  const commands = of('sh on-the-host');
  assert.ok(commands.length >= 2);
  const rendered = new Set(
    of('yaml').flatMap((intent) =>
      backends.flatMap(({ id }) =>
        (compile(intent, { file: 'x', backends: [id] }).sets ?? []).flatMap(({ files }) =>
          files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
        ),
      ),
    ),
  );
  let named = 0;
  for (const body of commands) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: body, encoding: 'utf8' });
    assert.is(status, 0, stderr);
    for (const [name] of body.matchAll(/\bmacvtap-(?:trial\b|[a-z0-9-]+\.xml)/g)) {
      named += 1;
      assert.ok(rendered.has(name), name);
    }
  }
  assert.ok(named > 3);
});

/** What is packed: the repository, which is built for that; in a short run what is built already. */
function packedFrom(): string {
  if (isLong) return REPOSITORY;
  const folder = temporaryFolder();
  for (const name of ['LICENSE', 'README.md']) {
    copyFileSync(join(REPOSITORY, name), join(folder, name));
  }
  cpSync(dist, join(folder, 'dist'), { recursive: true });
  const { scripts: _, ...rest } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(rest));
  return folder;
}

test('packed and installed, it needs only Node', async () => {
  const folder = temporaryFolder();
  const cwd = packedFrom();
  const npm = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('npm', words, {
      cwd,
      encoding: 'utf8',
    });
    assert.is(status, 0, `${stdout}${stderr}`);
    return stdout;
  };
  npm('pack', '--silent', '--pack-destination', folder);
  const [archive = ''] = readdirSync(folder);
  npm(
    'install',
    '--silent',
    '--offline',
    '--no-audit',
    '--no-fund',
    '--global',
    '--prefix',
    join(folder, 'prefix'),
    join(folder, archive),
  );
  const installed = join(folder, 'prefix/bin/macvtap-render');
  const { status, stdout } = spawnSync(installed, ['-', '-b', 'networkd'], {
    input: intentOf('original'),
    encoding: 'utf8',
  });
  assert.is(status, 0);
  assert.is(
    stdout,
    (await commandHere(['-', '-b', 'networkd'], { input: intentOf('original') })).stdout,
  );
  const library = join(folder, 'prefix/lib/node_modules/macvtap-render');
  assert.equal(
    readdirSync(library)
      .filter((name) => name !== 'node_modules')
      .sort(),
    ['LICENSE', 'README.md', 'dist', 'package.json'],
  );
  const { status: imported, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { compile } = await import(${JSON.stringify(join(library, 'dist/index.js'))}); if (!compile('').diagnostics.length) process.exit(9);`,
    ],
    { encoding: 'utf8' },
  );
  assert.is(imported, 0, stderr);
  assert.equal(readdirSync(join(library, 'dist')).sort(), [
    'THIRD-PARTY-NOTICES',
    'index.d.ts',
    'index.js',
    'intent.d.ts',
    'intent.schema.json',
    'macvtap-render.cjs',
    'names.d.ts',
    'output.schema.json',
    'program',
  ]);
});

test.run();
