/** Packagings: deterministic, complete, and no value of theirs can mean anything but itself. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import type { Package } from '../../src/package/package.ts';
import { packagesOf } from '../../src/package/packages.ts';
import { packagings } from '../../src/package/packagings.ts';
import { tar } from '../../src/package/tar.ts';
import { literal, quoted, unevaluated } from '../../src/package/yaml-text.ts';
import type { DocumentHost } from '../../src/report/output.ts';
import { outputJsonSchema } from '../../src/report/output-schema.ts';
import type { renderDocument } from '../../src/report/outputs/render.ts';
import { dist, temporaryFolder } from '../command.ts';
import { commandHere } from '../command-here.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { isLong, turn } from '../long.ts';
import { problemsOf } from '../output-schema.ts';

const ORIGINAL = 'golden/original/intent.yaml';

const packagesFor = (name: string, backend: string): Package[] => {
  const made = compile(intentOf(name), { file: 'x', backends: [backend], ...targetOf(name) });
  return made.sets ? packagesOf(made) : [];
};

const named = (id: string): (typeof packagings)[number] => {
  const found = packagings.find((item) => item.id === id);
  if (!found) throw new Error(`no packaging ${id}`);
  return found;
};

/** Whatever breaks YAML, JSON, Jinja, a shell or a line. */
const HOSTILE = [
  "{{ lookup('pipe', 'id') }}",
  '{% raw %}{# #}',
  '"\'`$(id)\\',
  'a: b # c',
  '  leading, and trailing  ',
  '\t- x\n---\n...\n',
  '\u0085\u2028\u2029\ufeff\u00a0\u007f\u009b',
  'ä€😀',
  '\n\n',
  '%41 & ? +',
  '# ==> /etc/passwd (0644)',
];

const hostile = (): Package => ({
  backend: 'x',
  host: 'kvm1',
  files: HOSTILE.map((text, index) => ({
    path: `/etc/${index} {{ x }} "'`,
    mode: 0o600,
    role: 'required',
    text: `# ${text}\n${text}\n`,
    origins: [],
  })),
  activate: HOSTILE.join(' '),
  settle: HOSTILE,
  change: HOSTILE.join('\n'),
  verify: HOSTILE,
  nics: ['eth0'],
  hasUnmanaged: false,
});

/** Packagings that files stand in without any encoding. */
const AS_THEY_ARE = new Set(['stream', 'tar', 'ansible']);

test('every packaging of every good case: the same bytes twice, and every file in it', () => {
  let packed = 0;
  for (const [index, name] of caseNames().entries()) {
    // Each case for some of the back ends, and each of them for many cases.
    for (const { id } of turn(backends, 8, index)) {
      const [packages, again] = [packagesFor(name, id), packagesFor(name, id)];
      if (packages.length === 0) continue;
      for (const packaging of packagings) {
        const text = packaging.text(packages);
        assert.is(text, packaging.text(again), `${name}, ${id}, ${packaging.id}`);
        packed += 1;
        if (!AS_THEY_ARE.has(packaging.id)) continue;
        for (const file of packages.flatMap(({ files }) => files)) {
          assert.ok(text.includes(file.text), `${name}, ${id}, ${packaging.id}, ${file.path}`);
        }
      }
    }
  }
  assert.ok(packed > (isLong ? 1000 : 250), `${packed}`);
});

const tree = (root: string): Map<string, string> =>
  new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [
        path.slice(root.length),
        `${(statSync(path).mode & 0o7777).toString(8)} ${readFileSync(path, 'utf8')}`,
      ]),
  );

test('tar: what GNU tar and busybox extract is what --root writes, modes and owners included', async () => {
  const owners = spawnSync('tar', ['-tvf', '-'], {
    input: (await commandHere([ORIGINAL, '-b', 'networkd', '--format', 'tar'])).stdout,
    encoding: 'utf8',
  });
  assert.ok(
    owners.stdout
      .split('\n')
      .filter(Boolean)
      .every((line) => / root\/root /.test(line)),
  );
  assert.is(owners.stderr, '');
  for (const { id } of backends) {
    const { status, stdout } = await commandHere([ORIGINAL, '-b', id, '--format', 'tar']);
    assert.is(status, 0);
    const root = temporaryFolder();
    assert.is((await commandHere([ORIGINAL, '-b', id, '--root', root])).status, 0);
    for (const command of [['tar'], ['busybox', 'tar']]) {
      if (command[0] === 'busybox' && !existsSync('/bin/busybox')) continue;
      const [program = '', ...words] = command;
      const into = temporaryFolder();
      const ran = spawnSync(program, [...words, '-x', '-p', '-f', '-', '-C', into], {
        input: stdout,
        encoding: 'utf8',
      });
      assert.equal([ran.status, ran.stderr], [0, ''], command.join(' '));
      assert.equal([...tree(into)], [...tree(root)], command.join(' '));
    }
  }
});

test('tar: long names, contents beyond ASCII, nothing at all', () => {
  const members = [
    { path: `${'d'.repeat(90)}/${'e'.repeat(60)}/${'n'.repeat(90)}`, text: 'ä€😀\n' },
    { path: `files/${'h'.repeat(253)}/etc/x`, text: 'x'.repeat(512) },
    { path: 'ü'.repeat(60), text: '' },
  ].map((member) => ({ ...member, mode: 0o644 as const }));
  const into = temporaryFolder();
  const { status, stderr } = spawnSync('tar', ['-x', '-f', '-', '-C', into], {
    input: tar(members),
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [0, '']);
  for (const { path, text } of members)
    assert.is(readFileSync(join(into, path), 'utf8'), text, path);
  assert.is(tar([]).length, 10240);
  // A damaged archive is noticed: the sums are right, not ignored.
  const broken = tar(members).replace('d', 'e');
  const ran = spawnSync('tar', ['-t', '-f', '-'], { input: broken, encoding: 'utf8' });
  assert.is.not(ran.status, 0);
});

test('json: what its schema says, with the places in the intent', async () => {
  const { stdout } = await commandHere([ORIGINAL, '-b', 'networkd', '--format', 'json']);
  assert.is(problemsOf(stdout), '');
  const { files } = (JSON.parse(stdout) as { hosts: [DocumentHost<typeof renderDocument>] })
    .hosts[0];
  const shim = files.find(({ path }) => path.endsWith('00-macvtap-veth0.network'));
  assert.ok(shim?.origins.some(({ line }) => line === 7));
  assert.equal(shim?.origins[0], { file: ORIGINAL, line: 5, path: ['shims', 'veth0'] });
  assert.is(readFileSync(join(dist, 'output.schema.json'), 'utf8'), outputJsonSchema());
  // What is wrong is noticed: a key that is missing, one too many, a value of another type.
  assert.match(problemsOf(stdout.replace('"owner"', '"ownr"')), /must have required property/);
  assert.match(problemsOf(stdout.replace('"owner"', '"x": 1, "owner"')), /additionalProperty/);
  assert.match(problemsOf(stdout.replace('"mode": "0644"', '"mode": 644')), /must be string/);
  assert.equal(
    JSON.parse(named('json').text([hostile()])).hosts[0].files[0].text,
    `# ${HOSTILE[0]}\n${HOSTILE[0]}\n`,
  );
});

test('YAML: whatever the text, it is read back as it was', () => {
  for (const text of [
    ...HOSTILE,
    ...HOSTILE.map((item) => `#\n${item}\n`),
    `${'x y '.repeat(99)}`,
  ]) {
    for (const version of ['1.1', '1.2'] as const) {
      const read = parse(`- ${quoted(text)}\n- ${quoted(text, 4)}\n- ${literal(text, 4)}\n`, {
        version,
      });
      assert.equal(read, [text, text, text]);
    }
  }
  assert.is(literal('# a\n\n  b\n', 2), '|\n  # a\n\n    b');
  assert.match(literal('  a\n', 2), /^"/);
  assert.match(unevaluated('{{ x }}'), /^!unsafe "/);
  assert.is(unevaluated('{ x }'), '"{ x }"');
});

test('cloud-init keeps its own network where a parent is left to others', () => {
  const text = `version: 1
host: kvm1
parents: {eth0: {managed: false, network-file: 20-eth0.network}}
shims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32]}}
`;
  for (const { id } of backends.filter(
    ({ scope, needs }) => scope === 'host' && needs.length > 0,
  )) {
    const userData = named('cloud-init').text(
      packagesOf(compile(text, { file: 'x', backends: [id] })),
    );
    assert.match(userData, /mac-shim/, id);
    // The NIC's own configuration may be cloud-init's.
    assert.not.match(userData, /config: disabled|rm -f|cloud-init-eth0/, id);
  }
});

test('cloud-init: permissions are text, owners are set, and its own network is off', () => {
  const text = named('cloud-init').text(packagesFor('original', 'netplan-networkmanager'));
  assert.ok(text.startsWith('#cloud-config\n'));
  const { write_files: files, runcmd } = parse(text, { version: '1.1' }) as {
    write_files: Record<string, string>[];
    runcmd: string[];
  };
  const [off, ...others] = files;
  assert.equal(parse(off?.['content'] ?? ''), { network: { config: 'disabled' } });
  const [item] = packagesFor('original', 'netplan-networkmanager');
  assert.equal(
    others.map(({ path, permissions, owner, content }) => [path, permissions, owner, content]),
    item?.files.map(({ path, mode, text: content }) => [
      path,
      `0${mode.toString(8)}`,
      'root:root',
      content,
    ]),
  );
  assert.is(runcmd[0], item?.activate);
  const read = parse(named('cloud-init').text([hostile()]), { version: '1.1' }) as typeof parse;
  const { write_files: hard, runcmd: lines } = read as unknown as {
    write_files: Record<string, string>[];
    runcmd: string[];
  };
  assert.equal(
    hard.slice(1).map(({ content }) => content),
    HOSTILE.map((each) => `# ${each}\n${each}\n`),
  );
  assert.equal(lines.slice(1, 1 + HOSTILE.length), HOSTILE);
});

test('ignition: the contents, decoded, are the files', () => {
  const packages = [hostile()];
  const config = JSON.parse(named('ignition').text(packages)) as {
    ignition: { version: string };
    storage: { files: { path: string; mode: number; contents: { source: string } }[] };
  };
  assert.is(config.ignition.version, '3.0.0');
  assert.equal(
    config.storage.files.map(({ path, mode, contents }) => [
      path,
      mode,
      decodeURIComponent(contents.source.slice('data:,'.length)),
    ]),
    hostile().files.map(({ path, mode, text }) => [path, mode, text]),
  );
  for (const { contents } of config.storage.files)
    assert.match(contents.source, /^data:,[A-Za-z0-9%_.!~*'()-]*$/);
});

test('ansible: files are files, and what is in braces is not evaluated', () => {
  const members = named('ansible').members?.([hostile()]) ?? [];
  assert.equal(
    members.slice(0, HOSTILE.length).map(({ path, text }) => [path, text]),
    hostile().files.map(({ path, text }) => [`files/kvm1${path}`, text]),
  );
  const vars = members.find(({ path }) => path === 'vars/hosts/kvm1.yml')?.text ?? '';
  const tag = { tag: '!unsafe', resolve: (text: string) => text };
  const read = parse(vars, { version: '1.1', customTags: [tag] }) as Record<string, unknown>;
  assert.equal(read['macvtap_verify'], HOSTILE);
  // The change script is a file too, which nothing evaluates.
  const script = members.find(({ path }) => path === 'changes/kvm1.sh');
  assert.equal([script?.text, script?.mode], [HOSTILE.join('\n'), 0o755]);
  for (const line of vars.split('\n').filter((item) => /\{[{%#]/.test(item))) {
    assert.match(line, /!unsafe "/);
  }
  // What evaluates has nothing of an intent in it.
  const other = named('ansible').members?.(packagesFor('original', 'networkd')) ?? [];
  const main = ['tasks', 'handlers', 'defaults', 'meta'].map((item) => `${item}/main.yml`);
  for (const shared of [...main, 'tasks/apply.yml']) {
    const [a, b] = [members, other].map((all) => all.find(({ path }) => path === shared)?.text);
    assert.ok(a);
    assert.is(a, b);
  }
});

test('ansible: what is YAML is YAML, to its end', () => {
  const members = named('ansible').members?.(packagesFor('original', 'networkd')) ?? [];
  const files = members.filter(({ path }) => path.endsWith('.yml'));
  assert.ok(files.length >= 6);
  const tag = { tag: '!unsafe', resolve: (text: string) => text };
  for (const { path, text } of files) {
    const read: unknown = parse(text, { version: '1.1', customTags: [tag] });
    assert.ok(read, path);
  }
});

test('ansible: kept before a file changes, armed before it is activated, confirmed last', () => {
  const members = named('ansible').members?.(packagesFor('original', 'networkd')) ?? [];
  const namesIn = (path: string): string[] =>
    (parse(members.find((item) => item.path === path)?.text ?? '') as { name: string }[]).map(
      ({ name }) => name,
    );
  const inOrder = (names: readonly string[], ...words: readonly RegExp[]): void => {
    const at = words.map((word) => names.findIndex((name) => word.test(name)));
    assert.ok(
      at.every((index, n) => index >= 0 && index > (at[n - 1] ?? -1)),
      `${names.join('; ')}: ${at}`,
    );
  };
  inOrder(namesIn('tasks/apply.yml'), /^Keep what/, /^Write the files/, /^Remove orphaned/);
  inOrder(namesIn('handlers/main.yml'), /^Arm/, /^Activate/, /^Wait until/, /^Verify/, /^Confirm/);
  const script = members.find(({ path }) => path === 'changes/kvm1.sh')?.text ?? '';
  assert.match(
    script,
    /^#!\/bin\/sh\n# Written by macvtap-render from the intent of host kvm1\.\n/,
  );
});

test('ansible: a host without a name, and lists with nothing in them', () => {
  const bare = { ...hostile(), host: '', settle: [], verify: [] };
  const members = named('ansible').members?.([bare]) ?? [];
  const vars = members.find(({ path }) => path === 'vars/hosts/unnamed.yml')?.text ?? '';
  const tag = { tag: '!unsafe', resolve: (text: string) => text };
  const read = parse(vars, { customTags: [tag] }) as Record<string, unknown>;
  assert.equal(read['macvtap_verify'], []);
});

test('ansible: as a folder and as an archive the same; a second time nothing changes', async () => {
  const words = [ORIGINAL, '-b', 'networkd', '--format', 'ansible'];
  const folder = join(temporaryFolder(), 'roles/macvtap');
  assert.is((await commandHere([...words, '--output', folder, '--dry-run'])).status, 0);
  assert.not.ok(existsSync(folder));
  assert.is((await commandHere([...words, '--output', folder])).status, 0);
  const into = temporaryFolder();
  const { stdout } = await commandHere(words);
  assert.is(spawnSync('tar', ['-x', '-p', '-f', '-', '-C', into], { input: stdout }).status, 0);
  assert.equal([...tree(into)], [...tree(folder)]);
  const again = await commandHere([...words, '--output', folder]);
  assert.ok(
    again.stderr
      .split('\n')
      .filter(Boolean)
      .every((line) => line.startsWith('unchanged: ')),
  );
  // A role of another author is not overwritten.
  const foreign = temporaryFolder();
  mkdirSync(join(foreign, 'tasks'));
  writeFileSync(join(foreign, 'tasks/main.yml'), '- name: Mine\n');
  const refused = await commandHere([...words, '--output', foreign]);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /tasks\/main\.yml: was not generated/);
  assert.equal([...tree(foreign).keys()], ['/tasks/main.yml']);
});

test('the longest names of hosts fit into every folder, or are refused before anything is written', async () => {
  const intent = join(temporaryFolder(), 'fleet.yaml');
  const host = (length: number): string => 'h'.repeat(length);
  const write = (lengths: readonly number[], isFleet: boolean): void => {
    const body = (n: number) => `shims: {veth0: {parent: eth0, addresses: [198.51.100.${n}/24]}}`;
    const fleet = lengths.map((length, n) => `  ${host(length)}: {${body(n + 1)}}`).join('\n');
    const item = `host: ${host(lengths[0] ?? 0)}\n${body(1)}`;
    writeFileSync(intent, `version: 1\n${isFleet ? `hosts:\n${fleet}` : item}\n`);
  };
  let count = 0;
  for (const isFleet of [true, false]) {
    for (const { id, members } of packagings) {
      for (const [longest, isRight] of [
        [253, id !== 'ansible'],
        [251, true],
      ] as const) {
        write([longest, 9], isFleet);
        const to = members ? ['--output', join(temporaryFolder(), 'out')] : [];
        const named = isFleet && !members ? ['--host', host(longest)] : [];
        const ran = await runHere(intent, '-b', 'networkd', '--format', id, ...to, ...named);
        assert.is(ran.status, isRight ? 0 : 3, `${id}, ${longest}: ${ran.stderr}`);
        if (!isRight) assert.match(ran.stderr, /253 characters: .* 251 characters at most/);
        if (to[1] !== undefined) assert.is(existsSync(to[1]), isRight);
        count += 1;
      }
    }
    write([253, 9], isFleet);
    for (const { id } of backends) {
      const root = temporaryFolder();
      const ran = await runHere(intent, '-b', id, '--root', root, '--backup');
      assert.is(ran.status, 0, `${id}: ${ran.stderr}`);
      assert.is((await runHere(intent, '-b', id, '--root', root, '--backup')).status, 0, id);
    }
  }
  assert.ok(count > 20);
});

test('options that exclude each other are reported', async () => {
  for (const [words, message] of [
    [['--format', 'ansible', '--root', 'x'], /name it with `--output`/],
    [['--format', 'tar', '--output', 'x'], /for standard output/],
    [['--format', 'cloud-init', '-b', 'networkmanager'], /several back ends need/],
  ] as const) {
    const { status, stderr } = await commandHere([ORIGINAL, '-b', 'networkd', ...words]);
    assert.is(status, 3);
    assert.match(stderr, message);
  }
});

test.run();
