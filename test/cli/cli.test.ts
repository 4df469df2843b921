/** The command from outside: statuses, streams, formats, options. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { COMMANDS } from '../../src/cli/command-line.ts';
import { run } from '../../src/cli/run.ts';
import { type System, SystemError } from '../../src/system.ts';
import { macvtapRender, PROGRAM, PROGRAM_WORDS, temporaryFolder } from '../command.ts';
import { commandHere } from '../command-here.ts';
import { fakeSystem } from '../fake-system.ts';
import { goldenTree, intentOf } from '../golden/cases.ts';
import { documentOf } from '../output-schema.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const BACKENDS = backends.map(({ id }) => id);

/** What the golden case has for a way: path → text. */
const golden = (backend: string): Map<string, string> =>
  new Map(goldenTree('original', backend).map(({ path, text }) => [path, text]));

test('the stream, taken apart, is the golden tree', async () => {
  for (const backend of BACKENDS) {
    const { status, stdout, stderr } = await commandHere([ORIGINAL, '--backend', backend]);
    assert.is(status, 0);
    assert.is(stderr, '');
    const tree = goldenTree('original', backend);
    const files = new Map<string, string>();
    for (const part of stdout.split(/^# ==> /m).slice(1)) {
      const [, path = '', mode] = /^(\S+) \((0[0-7]{3})\)\n/.exec(part) ?? [];
      assert.is(mode, tree.find((file) => file.path === path)?.mode);
      files.set(path, part.slice(part.indexOf('\n') + 1));
    }
    // A single file stands as it is.
    const [only] = tree.length === 1 ? tree : [];
    if (only) files.set(only.path, stdout);
    assert.equal([...files].sort(), [...golden(backend)].sort(), backend);
  }
});

test('--format json has the same bytes', async () => {
  const { status, stdout } = await commandHere([
    ORIGINAL,
    ...BACKENDS.flatMap((backend) => ['-b', backend]),
    '--format',
    'json',
  ]);
  assert.is(status, 0);
  const { files } = documentOf('render', stdout).hosts[0] ?? { files: [] };
  for (const backend of BACKENDS) {
    const set = files.filter((file) => file.backend === backend);
    assert.equal(set.map(({ path, text }) => [path, text]).sort(), [...golden(backend)].sort());
    assert.ok(set.every(({ role }) => role === 'required' || role === 'optional'));
  }
});

test('standard input, and render by name', async () => {
  const piped = await commandHere(['render', '-', '--backend=networkd'], {
    input: intentOf('original'),
  });
  assert.is(piped.status, 0);
  assert.is(piped.stdout, (await commandHere([ORIGINAL, '-b', 'networkd'])).stdout);
});

test('JSON is an intent, too, indented as one likes', async () => {
  const intent = {
    version: 1,
    host: 'kvm1',
    shims: {
      veth0: {
        parent: 'eth0',
        addresses: ['198.51.100.50/24'],
        routes: [{ to: 'default', via: '198.51.100.254' }],
      },
    },
  };
  for (const indent of [undefined, 2, '\t']) {
    const { stdout, stderr } = await commandHere(['-', '-b', 'networkd'], {
      input: JSON.stringify(intent, null, indent),
    });
    assert.is(stderr, '');
    assert.is(stdout, (await commandHere([ORIGINAL, '-b', 'networkd'])).stdout);
  }
});

test('netplan takes its renderer from the option, else the intent, else networkd', async () => {
  const of = async (args: string[], file = ORIGINAL): Promise<string> =>
    (await commandHere([file, ...args])).stdout;
  assert.is(await of(['-b', 'netplan']), await of(['-b', 'netplan-networkd']));
  assert.is(
    await of(['-b', 'netplan', '--renderer', 'NetworkManager']),
    await of(['-b', 'netplan-networkmanager']),
  );
  const other = 'golden/host-less/intent.yaml';
  assert.is(await of(['-b', 'netplan'], other), await of(['-b', 'netplan-networkmanager'], other));
  assert.is(
    await of(['-b', 'netplan', '--renderer', 'networkd'], other),
    await of(['-b', 'netplan-networkd'], other),
  );
});

test('the intent is found from the working directory upwards', async () => {
  for (const name of ['macvtap.yaml', 'macvtap.yml', 'macvtap.json', '.config/macvtap.yaml']) {
    const top = temporaryFolder();
    const deep = join(top, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    mkdirSync(join(top, '.git'));
    mkdirSync(join(top, '.config'));
    writeFileSync(join(top, name), intentOf('original'));
    const { status, stdout } = await commandHere(['-b', 'networkd'], { cwd: deep });
    assert.is(status, 0, name);
    assert.is(stdout, (await commandHere([ORIGINAL, '-b', 'networkd'])).stdout);
  }
});

test('the search ends at the repository, and at the home folder', async () => {
  const top = temporaryFolder();
  const inner = join(top, 'inner');
  mkdirSync(join(inner, 'deep'), { recursive: true });
  writeFileSync(join(top, 'macvtap.yaml'), intentOf('original'));
  assert.is(
    (await commandHere(['lint'], { cwd: join(inner, 'deep'), env: { HOME: inner } })).status,
    2,
  );
  assert.is(
    (await commandHere(['lint'], { cwd: join(inner, 'deep'), env: { HOME: top } })).status,
    0,
  );
  mkdirSync(join(inner, '.git'));
  assert.is(
    (await commandHere(['lint'], { cwd: join(inner, 'deep'), env: { HOME: top } })).status,
    2,
  );
  // Neither a repository nor home above: folders of other users are not asked.
  const alone = temporaryFolder();
  mkdirSync(join(alone, 'x'));
  writeFileSync(join(alone, 'macvtap.yaml'), intentOf('original'));
  assert.is((await commandHere(['lint'], { cwd: join(alone, 'x') })).status, 2);
});

test('2: the intent is wrong or not found; all errors at once, with places', async () => {
  const { status, stdout, stderr } = await commandHere([
    'golden/bad-many-at-once/intent.yaml',
    '-b',
    'networkd',
  ]);
  assert.is(status, 2);
  assert.is(stdout, '');
  for (const code of [
    'host-malformed',
    'unknown-key',
    'mtu-above-parent',
    'yaml-1-1-habit',
    'address-is-broadcast',
    'shim-on-itself',
    'wrong-value',
    'mac-multicast',
    'address-without-prefix',
  ]) {
    assert.match(
      stderr,
      new RegExp(`^golden/bad-many-at-once/intent\\.yaml:\\d+:\\d+: error\\[${code}\\]: `, 'm'),
    );
  }
  assert.match(stderr, /\n {2}10 \| {5}dhcp4: yes\n {5}\| {12}\^\^\^\n {2}help: /);
  assert.not.match(stderr, /\n\s+at /);
  for (const [args, code] of [
    [['none.yaml', '-b', 'networkd'], 'intent-not-found'],
    [['templates', '-b', 'networkd'], 'intent-is-directory'],
    [['lint'], 'intent-not-found'],
    [['lint', 'nothing'], 'intent-not-found'],
    [['./man'], 'intent-not-found'],
    [['explain', 'none.d/intent'], 'intent-not-found'],
  ] as const) {
    const { status: found, stderr: printed } = await commandHere(
      args,
      args.length === 1 ? { cwd: temporaryFolder() } : {},
    );
    assert.is(found, 2);
    assert.match(printed, new RegExp(`error\\[${code}\\]`));
  }
});

test('4: only a command that writes resumes', async () => {
  const folder = temporaryFolder();
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const intent = 'golden/original/intent.yaml';
  const fix = /\n {2}help: Fix this and run the command again(.*)\.\n$/;
  for (const [args, more] of [
    [['init', '--root', join(folder, 'none')], ''],
    [['check', intent, '-b', 'networkd', '--root', blocked], ''],
    [[intent, '-b', 'networkd', '--output', join(blocked, 'x')], '; it resumes'],
  ] as const) {
    const { status, stderr } = await commandHere(args);
    assert.is(status, 4, stderr);
    assert.is(fix.exec(stderr)?.[1], more, stderr);
  }
});

test('2: no UTF-8, empty, too large, too deep: refused before anything looks at it', async () => {
  const of = async (input: string | Buffer): Promise<string> => {
    const { status, stderr } = await commandHere(['-', '-b', 'networkd'], { input });
    assert.is(status, 2);
    return stderr;
  };
  assert.match(await of(Buffer.from([0x68, 0xff, 0xfe])), /error\[not-utf8\]/);
  assert.match(await of(''), /error\[empty-intent\]/);
  assert.match(await of('# nothing\n'), /error\[empty-intent\]/);
  assert.match(await of('[\n'.repeat(100000)), /error\[too-deep\]/);
  assert.match(await of('- '.repeat(100000)), /error\[too-deep\]/);
  assert.match(await of(Buffer.alloc(64 * 1024 * 1024 + 1, '#')), /error\[too-large\]/);
});

test('--strict makes warnings errors', async () => {
  const lax = await commandHere(['golden/mode-vepa/intent.yaml', '-b', 'networkd']);
  assert.is(lax.status, 0);
  assert.match(lax.stderr, /warning\[mode-not-bridge\]/);
  const strict = await commandHere(['golden/mode-vepa/intent.yaml', '-b', 'networkd', '--strict']);
  assert.is(strict.status, 2);
  assert.is(strict.stdout, '');
  assert.match(strict.stderr, /error\[mode-not-bridge\]/);
});

test('lint asks no system, or those named', async () => {
  assert.is((await commandHere(['lint', 'golden/slaac-without-dhcp6/intent.yaml'])).status, 0);
  const asked = await commandHere([
    'lint',
    'golden/slaac-without-dhcp6/intent.yaml',
    '-b',
    'networkmanager',
  ]);
  assert.is(asked.status, 2);
  assert.match(asked.stderr, /dhcp6-follows-router.*\(networkmanager\)/);
});

test('diagnostics as JSON', async () => {
  const linted = await commandHere([
    'lint',
    '--format',
    'json',
    'golden/bad-mac-multicast/intent.yaml',
  ]);
  assert.is(linted.status, 2);
  const { diagnostics, hosts } = documentOf('lint', linted.stdout);
  const [found] = diagnostics;
  assert.equal(
    [found?.code, found?.line, found?.column, found?.endColumn],
    ['mac-multicast', 7, 17, 34],
  );
  const rendered = await commandHere([
    'golden/bad-mac-multicast/intent.yaml',
    '-b',
    'networkd',
    '--format',
    'json',
  ]);
  assert.equal(documentOf('render', rendered.stdout), {
    version: 1,
    command: 'render',
    hosts: [],
    diagnostics,
  });
  assert.equal(hosts, [{ host: 'kvm1', valid: false, backends: [] }]);
  // Standard error is for people, whatever the format.
  assert.match(linted.stderr, /:7:17: error\[mac-multicast\]/);
});

test('explain: every line of every file, with reason, origin and authority', async () => {
  for (const backend of BACKENDS) {
    const { status, stdout } = await commandHere([
      'explain',
      ORIGINAL,
      '--backend',
      backend,
      '--format',
      'json',
    ]);
    assert.is(status, 0);
    const { files } = documentOf('explain', stdout).hosts[0] ?? { files: [] };
    assert.is(files.length, golden(backend).size);
    for (const { path, lines } of files) {
      assert.is(lines.map(({ text }) => `${text}\n`).join(''), golden(backend).get(path), path);
      assert.equal(
        lines.map(({ line }) => line),
        lines.map((_, index) => index + 1),
      );
    }
  }
  const { stdout } = await commandHere(['explain', ORIGINAL, '-b', 'networkd']);
  assert.match(
    stdout,
    /Mode=bridge\n\s+Only in bridge mode .*\n\s+\(golden\/original\/intent\.yaml:5; systemd\.netdev\(5\), \[MACVLAN\] Mode=\)/,
  );
  assert.match(
    stdout,
    /Gateway=198\.51\.100\.254\n\s+The default route\.\n\s+\(golden\/original\/intent\.yaml:9; /,
  );
});

test('schema: JSON Schema, offline', async () => {
  const { status, stdout } = await commandHere(['schema']);
  assert.is(status, 0);
  interface Body {
    properties: Record<
      string,
      { additionalProperties: { properties: object; required?: string[] } }
    >;
    required: string[];
    additionalProperties: boolean;
  }
  const {
    else: schema,
    then: fleet,
    definitions: { part },
  } = JSON.parse(stdout) as { else: Body; then: Body; definitions: { part: Body } };
  // A host of a fleet says what it likes of the rest, and may take away what the defaults say.
  assert.equal(Object.keys(fleet.properties), ['version', 'defaults', 'hosts']);
  const shims = part.properties['shims'] as unknown as {
    anyOf: [{ additionalProperties: { anyOf: [{ required?: string[] }, object] } }, object];
  };
  assert.equal(shims.anyOf[1], { type: 'null' });
  assert.equal(shims.anyOf[0].additionalProperties.anyOf[1], { type: 'null' });
  assert.is(shims.anyOf[0].additionalProperties.anyOf[0].required, undefined);
  assert.not.ok('host' in part.properties || 'version' in part.properties);
  assert.equal(Object.keys(schema.properties), [
    'version',
    'host',
    'renderer',
    'backend',
    'target',
    'parents',
    'shims',
    'taps',
    'guests',
  ]);
  assert.equal(schema.required, ['version']);
  assert.is(schema.additionalProperties, false);
  assert.ok(
    Object.hasOwn(
      schema.properties['shims']?.additionalProperties.properties ?? {},
      'dhcp4-overrides',
    ),
  );
  assert.equal(schema.properties['shims']?.additionalProperties.required, ['parent']);
});

test('3: the command line is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [[ORIGINAL], /--backend ID/],
    [[ORIGINAL, '-b', 'networkdd'], /did you mean `networkd`/],
    [[ORIGINAL, '-b', 'wicked'], /`networkmanager`/],
    [[ORIGINAL, '--backnd', 'networkd'], /did you mean `--backend`/],
    [['rendr', ORIGINAL], /did you mean `render`/],
    [['hlep'], /did you mean `help`/],
    [['explain', '--file', 'x'], /there is no option `--file`\n/],
    [['explain', '--taget', 'x'], /did you mean `--target`/],
    [['lint', '--fx'], /did you mean `--fix`/],
    [['help', 'exit'], /key `exit`\n/],
    [['man'], /no command or file `man`; `help` lists the guides\n/],
    [['fleet'], /no command or file `fleet`; `help fleet` prints the guide\n/],
    [['explain', 'parents.*.paramters'], /key `.*`; did you mean `parents\.<id>\.parameters`\?/],
    [['explain', 'Bond=bond0'], /no file, diagnostic or key `Bond=bond0`; .*--backend ID`/],
    [['explain', 'bond-parameters', 'nothing'], /one diagnostic or key at a time/],
    [['explain', 'LLMNR'], /--backend ID` prints each line of the files with its reason\n/],
    [[ORIGINAL, ORIGINAL, '-b', 'networkd'], /named twice/],
    [[ORIGINAL, '-b', 'networkd', '-b', 'networkmanager'], /--root DIR/],
    [[ORIGINAL, '-b', 'networkd', '--root', 'a', '--output', 'b'], /exclude/],
    [[ORIGINAL, '-b', 'networkd', '-b', 'netplan', '--output', 'b'], /--root/],
    [[ORIGINAL, '-b', 'networkd', '--format', 'xml'], /`stream` or `json`/],
    [[ORIGINAL, '-b', 'networkd', '--renderer', 'networkd'], /netplan/],
    [[ORIGINAL, '-b', 'netplan', '--renderer', 'wicked'], /NetworkManager/],
    [
      ['lint', ORIGINAL, '--root', 'x'],
      /`--root` is for `render`, `check`, `init` and `steps`, not/,
    ],
    [
      ['apply', ORIGINAL, '--output', 'x'],
      /`--output` is for `render` and `check`, not for `apply`/,
    ],
    [['explain', ORIGINAL, '-b', 'networkd', '-b', 'netplan'], /one `--backend`/],
    [['schema', 'x'], /takes `intent` or `output`/],
    [['check', ORIGINAL], /--backend ID/],
    [['check', ORIGINAL, '-b', 'networkd', '-b', 'netplan'], /one `--backend`/],
    [['check', ORIGINAL, '-b', 'networkd', '--force'], /`--force` is for `render` and `apply`/],
    [['check', ORIGINAL, '-b', 'networkd', '--format', 'stream'], /`sarif`/],
    [['diff', ORIGINAL], /two intents/],
    [['diff', ORIGINAL, ORIGINAL, ORIGINAL], /not a third/],
    [['diff', ORIGINAL, ORIGINAL, '--root', 'x'], /not for `diff`/],
    [
      ['init', '--root', '/', '--dry-run'],
      /for `render`, `lint --fix` and `apply`; `init` .*`--write`/,
    ],
    [['explain', ORIGINAL, '--keep-going'], /`--keep-going` is for `render`\n/],
    [[ORIGINAL, '-b', 'networkd', '--backup'], /`--backup` is for writing/],
    [[ORIGINAL, '-b', 'networkd', '--dry-run'], /`--dry-run` is for writing/],
    [[ORIGINAL, '-b', 'networkd', '--root', 'x', '--no-mode'], /for `check`/],
    [[ORIGINAL, '-b'], /-b/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = await commandHere(args);
    assert.is(status, 3, args.join(' '));
    assert.is(stdout, '');
    assert.match(stderr, message, args.join(' '));
    assert.match(stderr, /--help/);
  }
});

test('4: the system refused', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  const { status, stderr } = await commandHere([
    ORIGINAL,
    '-b',
    'networkd',
    '--root',
    join(folder, 'file'),
  ]);
  assert.is(status, 4);
  assert.match(stderr, /not a directory|is there already/);
});

test('--target: what it takes, and what it changes', async () => {
  const old = await commandHere([ORIGINAL, '-b', 'networkd', '--target', 'debian-11']);
  assert.is(old.status, 0);
  assert.not.match(old.stdout, /RequiredFamilyForOnline/);
  assert.match((await commandHere([ORIGINAL, '-b', 'networkd'])).stdout, /RequiredFamilyForOnline/);
  const missing = await commandHere([ORIGINAL, '-b', 'ifupdown', '--target', 'rhel-9']);
  assert.is(missing.status, 2);
  assert.match(missing.stderr, /error\[target-without-system\]/);
  for (const version of [8, 9, 10]) {
    for (const backend of ['networkd', 'netplan-networkd', 'netplan-networkmanager']) {
      const added = ['lint', ORIGINAL, '-b', backend, '--target', `rhel-${version}`];
      const { status, stderr } = await commandHere(added);
      assert.is(status, 0);
      assert.match(stderr, /note\[system-not-installed\]: .* by itself: it is in EPEL\./);
    }
  }
  for (const wrong of ['debian-21', 'systemd=1', '']) {
    const { status, stderr } = await commandHere([ORIGINAL, '-b', 'networkd', '--target', wrong]);
    assert.is(status, 3, wrong);
    assert.match(stderr, /--target/);
  }
  assert.match(
    (await commandHere([ORIGINAL, '-b', 'networkd', '--target', 'debian-21'])).stderr,
    /did you mean `debian-11`/,
  );
  assert.is((await commandHere(['lint', ORIGINAL, '--target', 'debian-12'])).status, 3);
});

test('notes are for lint, and --strict leaves them what they are', async () => {
  const args = [ORIGINAL, '-b', 'networkd', '--target', 'debian-11'];
  assert.is((await commandHere(args)).stderr, '');
  const lint = await commandHere(['lint', ...args, '--strict']);
  assert.is(lint.status, 0);
  assert.match(lint.stderr, /note\[left-out-for-target\]/);
  assert.match(lint.stderr, /note\[cloud-init-network\]/);
});

/** A world of two files and what is written to it. */
function worldOf(files: Readonly<Record<string, string>>, args: readonly string[]) {
  const written = { out: '', err: '' };
  const output = (key: 'out' | 'err') => ({
    isTerminal: false,
    write: (text: string): void => {
      written[key] += text;
    },
  });
  const system: System = {
    ...fakeSystem(),
    readRevision: () => Promise.reject(new Error('not asked for')),
    readRevisionTree: () => Promise.reject(new Error('not asked for')),
    milliseconds: () => 0,
    openExisting: () => undefined,
    args,
    env: () => undefined,
    stdout: output('out'),
    stderr: output('err'),
    readText(path) {
      const text = files[path];
      if (text === undefined) throw new SystemError('not-found', path, 'no such file');
      return text;
    },
    search: async () => undefined,
    openDirectory(path) {
      throw new SystemError('refused', path, 'there are no directories here');
    },
  };
  return { system, written };
}

test('--target host reads os-release, wherever it is', async () => {
  const intent = intentOf('original');
  const on = async (files: Readonly<Record<string, string>>) => {
    const args = ['lint', 'i.yaml', '-b', 'networkd', '--target', 'host'];
    const { system, written } = worldOf({ 'i.yaml': intent, ...files }, args);
    return { status: await run(system, '0'), ...written };
  };
  const debian = 'PRETTY_NAME="Debian GNU/Linux 11"\nVERSION_ID="11"\nID=debian\n';
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const { status, err } = await on({ [path]: debian });
    assert.is(status, 0);
    assert.match(err, /systemd 247 has no `\[Link\] RequiredFamilyForOnline=`/);
  }
  const strange = await on({ '/etc/os-release': 'ID=plan9\n' });
  assert.is(strange.status, 3);
  assert.match(strange.err, /`plan9`, which is unknown/);
  assert.is((await on({})).status, 3);
});

test('help and version', async () => {
  const help = await commandHere(['--help']);
  assert.is(help.status, 0);
  for (const { id } of backends) assert.match(help.stdout, new RegExp(`\\b${id}\\b`));
  assert.ok(help.stdout.split('\n').every((line) => line.length <= 92));
  assert.is(
    (await commandHere(['lint', '-h'])).stdout,
    (await commandHere(['help', 'lint'])).stdout,
  );
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  assert.is(macvtapRender(['-V']).stdout, `macvtap-render ${version}\n`);
});

test('help of a command names only options that it has, and what is below only where it is', async () => {
  for (const command of COMMANDS.filter((name) => name !== 'help')) {
    const { stdout } = await commandHere(['help', command]);
    const [, options = ''] = stdout.split('\nOptions\n');
    const own = new Set(
      [...options.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name),
    );
    for (const [name] of options.matchAll(/--[a-z-]+/g)) {
      const isFormat = name === '--format' && stdout.includes('\n--format: ');
      assert.ok(own.has(name) || isFormat, `${command}: ${name}`);
    }
    assert.is(/\(below\)|formats below/.test(options), command === 'render', command);
    if (command === 'init') assert.not.match(options, /render|several back ends/);
  }
});

test('the intent of the help text is one', async () => {
  const { stdout } = await commandHere(['--help']);
  const block = stdout.slice(stdout.indexOf('  version: 1'), stdout.indexOf('Saved as'));
  const { status, stdout: rendered } = await commandHere(['-', '-b', 'networkd'], {
    input: block.replace(/^ {2}/gm, ''),
  });
  assert.is(status, 0);
  assert.is(rendered, (await commandHere([ORIGINAL, '-b', 'networkd'])).stdout);
});

test('a closed pipe is not an error', () => {
  const pipe = `${PROGRAM_WORDS} explain ${ORIGINAL} -b netplan-networkd --format json | head -c 1; echo " $\{PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', pipe], { encoding: 'utf8' });
  assert.is(stderr, '');
  assert.is(stdout, '{ 0\n');
});

test('whoever listens, the status is the same', () => {
  const status = (command: string): string =>
    spawnSync('bash', ['-c', `${command} 2>&1 >/dev/null | true; echo $\{PIPESTATUS[0]}`], {
      encoding: 'utf8',
    }).stdout;
  const command = PROGRAM_WORDS;
  assert.is(status(`${command} golden/bad-mac-multicast/intent.yaml -b networkd`), '2\n');
  assert.is(status(`${command} nothing -b wicked`), '3\n');
  assert.is(status(`${command} ${ORIGINAL} -b networkd --root /proc/none`), '4\n');
});

test('standard error that is a terminal, or may be one', () => {
  const { status, stdout } = spawnSync(
    'bash',
    ['-c', `${PROGRAM_WORDS} ${ORIGINAL} -b networkd 2>/dev/null`],
    { encoding: 'utf8' },
  );
  assert.is(status, 0);
  assert.match(stdout, /MACVLAN=veth0/);
});

test('a full disk is reported', () => {
  const full = spawnSync('bash', ['-c', `${PROGRAM_WORDS} schema > /dev/full`], {
    encoding: 'utf8',
  });
  assert.is(full.status, 4);
  assert.match(full.stderr, /standard output: no space left/);
});

test('a named pipe is read, and waited for', async () => {
  const folder = temporaryFolder();
  const script = `mkfifo p; (sleep 0.3; cat "$OLDPWD/${ORIGINAL}" > p) & ${PROGRAM_WORDS} p -b networkd`;
  const { status, stdout } = spawnSync('bash', ['-c', `cd "${folder}"; ${script}`], {
    encoding: 'utf8',
  });
  assert.is(status, 0);
  assert.is(stdout, (await commandHere([ORIGINAL, '-b', 'networkd'])).stdout);
});

test('a slow reader of a pipe gets everything', async () => {
  const big = Array.from(
    { length: 3000 },
    (_, i) => `  v${i}: {parent: eth0, addresses: [10.${i >> 6}.${(i & 63) * 4}.1/30]}`,
  ).join('\n');
  const [program = '', ...words] = PROGRAM;
  const child = spawn(program, [...words, '-', '-b', 'networkd'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(`version: 1\nhost: kvm1\nshims:\n${big}\n`);
  await new Promise((done) => setTimeout(done, 700));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  assert.is(text.match(/^# ==> .*\.netdev /gm)?.length, 3000);
  assert.match(
    text,
    /\nUnmanaged=yes\n# ==> \S+\/10-netplan\.conf \(0644\)\n(?:# .*\n)+\n\[Service\]\nExecStart=.*\n$/,
  );
});

test('130: interrupted', async () => {
  const [program = '', ...words] = PROGRAM;
  const child = spawn(program, [...words, '-', '-b', 'networkd'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await new Promise((done) => setTimeout(done, 400));
  child.kill('SIGINT');
  const [status, signal] = await new Promise<[number | null, string | null]>((done) =>
    child.on('close', (code, by) => done([code, by])),
  );
  // A shell reports death by SIGINT as 130.
  assert.ok(status === 130 || signal === 'SIGINT', `${status} ${signal}`);
});

test('colour only on a terminal, and never against NO_COLOR', async () => {
  const esc = String.fromCharCode(27);
  assert.not.ok(
    (await commandHere(['lint', 'golden/bad-mac-multicast/intent.yaml'])).stderr.includes(esc),
  );
  const onTerminal = (env: Record<string, string>): string =>
    spawnSync(
      'script',
      ['-qec', `${PROGRAM_WORDS} lint golden/bad-mac-multicast/intent.yaml`, '/dev/null'],
      { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env } },
    ).stdout ?? '';
  assert.ok(onTerminal({}).includes(esc));
  assert.not.ok(onTerminal({ NO_COLOR: '1' }).includes(esc));
});

test('neither an intent nor its name can write to the terminal', async () => {
  const hostile =
    'version: 1\nhost: "\\e[2J\\u202e\\u009b"\n"k\\u009b31m": 1\nshims: {"v\\r\\e[31m": {parent: eth0, addresses: [198.51.100.50/24]}} # \u001b[31m\n';
  const folder = temporaryFolder();
  const named = join(folder, 'a\u001b[31m\u009bX.yaml');
  writeFileSync(named, intentOf('original'));
  for (const { stdout, stderr } of [
    await commandHere(['lint', '-'], { input: hostile }),
    await commandHere(['lint', '-', '--format', 'json'], { input: hostile }),
    await commandHere(['explain', named, '-b', 'networkd']),
    await commandHere(['explain', named, '-b', 'networkd', '--format', 'json']),
    await commandHere(['lint', `${named}-not`]),
    await commandHere(['lint', named, '--b\u001b[31m']),
  ]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    assert.not.match(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
  }
});

test.run();
