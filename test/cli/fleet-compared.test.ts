/** Many hosts: compared with trees, and with another revision. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { macvtapRender } from '../command.ts';
import { runHere } from '../in-process.ts';
import { documentOf } from '../output-schema.ts';
import { FLEET, folderOf } from './fleet-hosts.ts';

test('check: conflicts of other files are warnings, and `--force` is not suggested', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const fleet = join(folder, 'fleet.yaml');
  await runHere(fleet, '-b', 'networkd', '--root', out);
  const sysctl = join(out, 'kvm2/etc/sysctl.d/99-site.conf');
  writeFileSync(sysctl, 'net.ipv4.conf.eth0.arp_ignore = 0\n');
  const { status, stdout } = await runHere('check', fleet, '-b', 'networkd', '--root', out);
  assert.is(status, 0);
  assert.match(stdout, /warning\[sysctl-overridden\][\s\S]*1 host: kvm2/);
  assert.not.match(stdout, /--force|differ|To fix/);
  assert.match(stdout, /Up to date \(3 hosts\)\.\n$/);
  const before = join(out, 'kvm2/etc/systemd/network/00-aaa.network');
  writeFileSync(before, '[Match]\nName=eth0\n\n[Network]\nDHCP=yes\n');
  const wrong = await runHere('check', fleet, '-b', 'networkd', '--root', out);
  assert.is(wrong.status, 1);
  assert.match(wrong.stdout, /error\[[a-z-]+\][\s\S]*1 host: kvm2/);
  assert.not.match(wrong.stdout, /--force --backup|differ|To fix/);
});

test('check: what differs, grouped, the dangerous first', async () => {
  const folder = folderOf({ 'fleet.yaml': FLEET });
  const out = join(folder, 'out');
  const at = (...words: string[]) => runHere(...words, '-b', 'networkd', '--root', out);
  const fleet = join(folder, 'fleet.yaml');
  await at(fleet);
  const same = await at('check', fleet);
  assert.is(same.status, 0);
  assert.is(same.stdout, 'Up to date (3 hosts).\n');
  rmSync(join(out, 'kvm1/etc/sysctl.d/90-macvtap.conf'));
  rmSync(join(out, 'kvm3/etc/sysctl.d/90-macvtap.conf'));
  writeFileSync(join(out, 'kvm2/etc/systemd/network/00-macvtap-eth0.network'), '# mine\n');
  const differs = await at('check', fleet);
  assert.is(differs.status, 1);
  const heads = differs.stdout
    .split('\n')
    .filter((line) => /(?:error|warning)\[|^ {2}\d+ host/.test(line));
  assert.match(
    heads[0] ?? '',
    /^\/etc\/systemd\/network\/00-macvtap-eth0\.network: error\[file-edited\]/,
  );
  assert.is(heads[1], '  1 host: kvm2');
  assert.match(heads[2] ?? '', /^\/etc\/sysctl\.d\/90-macvtap\.conf: error\[file-missing\]/);
  assert.is(heads[3], '  2 hosts: kvm1, kvm3');
  assert.match(differs.stdout, /3 of 3 hosts differ\.\n$/);
  assert.match(differs.stdout, /macvtap-render .*--root .* --force --backup/);
  const json = await at('check', fleet, '--format', 'json');
  const { hosts } = documentOf('check', json.stdout);
  assert.equal(
    hosts.map(({ host, findings }) => `${host} ${findings[0]?.code}`),
    ['kvm1 file-missing', 'kvm2 file-edited', 'kvm3 file-missing'],
  );
  const { runs } = JSON.parse((await at('check', fleet, '--format', 'sarif')).stdout) as {
    runs: {
      results: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[];
    }[];
  };
  assert.ok(
    runs[0]?.results.some(({ locations: [place] }) =>
      place?.physicalLocation.artifactLocation.uri.endsWith(
        '/out/kvm1/etc/sysctl.d/90-macvtap.conf',
      ),
    ),
  );
  const some = await at('check', fleet, '--host', 'kvm1');
  assert.match(some.stdout, /1 of 1 host differ/);
});

test('diff: which hosts change, by what happens, the worst first', async () => {
  const after = FLEET.replace('198.51.100.1]', '198.51.100.2]')
    .replace('198.51.100.51/24', '198.51.100.61/24')
    .replace('198.51.100.52/24', '198.51.100.62/24')
    .replace('kvm1:', 'kvm9:');
  const folder = folderOf({ 'a.yaml': FLEET, 'b.yaml': after, 'c/x.yaml': FLEET });
  const [a, b, c] = ['a.yaml', 'b.yaml', 'c'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const { status, stdout } = await runHere('diff', a, b, '-b', 'networkd');
  assert.is(status, 1);
  assert.match(
    stdout,
    /^4 of 4 hosts change\.\n\nMay lock you out:\n {2}- `veth0` loses the address …\. Reconnect at …\.\n {6}2 hosts: kvm2, kvm3\n/,
  );
  assert.match(
    stdout,
    /kvm2: `veth0` loses the address 198\.51\.100\.51\. Reconnect at 198\.51\.100\.61\./,
  );
  assert.match(stdout, /- Name servers of `veth0`: 198\.51\.100\.2\.\n {6}2 hosts: kvm2, kvm3\n/);
  assert.match(stdout, /- The host is added to the fleet\.\n {6}1 host: kvm9\n/);
  assert.match(
    stdout,
    /The host is removed from the fleet; its files are not changed\.\n {6}1 host: kvm1\n/,
  );
  assert.ok(stdout.indexOf('May lock') < stdout.indexOf('Harmless'));
  const same = await runHere('diff', a, c, '-b', 'networkd');
  assert.is(same.status, 0);
  assert.is(same.stdout, 'Nothing changes on any of 3 hosts.\n');
  const json = await runHere('diff', a, b, '--format', 'json');
  assert.equal(
    documentOf('diff', json.stdout).hosts.map(({ host }) => host),
    ['kvm9', 'kvm2', 'kvm3', 'kvm1'],
  );
  const markdown = (await runHere('diff', a, b, '-b', 'networkd', '--format', 'markdown')).stdout;
  assert.match(markdown, /\*\*🛑 May lock you out\*\*/);
  assert.match(markdown, /<details><summary>Files for networkd: /);
  const some = await runHere('diff', a, b, '--host', 'kvm9');
  assert.match(some.stdout, /^1 of 1 host change/);
});

test('diff of a directory at a revision', () => {
  const folder = folderOf({
    'fleet/all.yaml': FLEET,
    'fleet/.x/no.yaml': ': [',
    'fleet/note.txt': 'x',
  });
  const git = (...words: string[]): void => {
    const { status, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@x', ...words],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    assert.is(status, 0, stderr);
  };
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-qm', 'x');
  const same = macvtapRender(['diff', 'main:fleet', 'fleet'], { cwd: folder });
  assert.is(same.status, 0, same.stderr);
  writeFileSync(
    join(folder, 'fleet/all.yaml'),
    FLEET.replace('198.51.100.52/24', '198.51.100.62/24'),
  );
  const other = macvtapRender(['diff', 'main:fleet', 'fleet'], { cwd: folder });
  assert.is(other.status, 1);
  assert.match(other.stdout, /^1 of 3 hosts change/);
  // From within, and with a folder of the same name in it.
  mkdirSync(join(folder, 'fleet/fleet'));
  writeFileSync(join(folder, 'fleet/fleet/x.yaml'), 'version: 1\nhosts: {other: {}}\n');
  const within = macvtapRender(['diff', 'main:fleet', 'main:fleet'], {
    cwd: join(folder, 'fleet'),
  });
  assert.is(within.status, 0, within.stderr);
  assert.match(within.stdout, /any of 3 hosts/);
  // A link is not the same thing in git as on the disk: it is reported, not guessed.
  symlinkSync('all.yaml', join(folder, 'fleet/link.yaml'));
  git('add', 'fleet/link.yaml');
  git('commit', '-qm', 'y');
  const linked = macvtapRender(['diff', 'main:fleet', 'main:fleet'], { cwd: folder });
  assert.is(linked.status, 2);
  assert.match(
    linked.stderr,
    /error\[intent-not-a-file\]: Not a regular file, but a link to all\.yaml/,
  );
});

test.run();
