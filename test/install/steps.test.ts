/** The steps after `--root /`: the same text whenever it is asked for, and the script that it runs. */
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere, runOn } from '../in-process.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const PENDING = 'etc/macvtap-render/pending';

const stepsIn = (text: string): string => {
  const at = text.indexOf('The running network of ');
  return at < 0 ? '' : text.slice(at);
};

const install = (root: string, intent: string, ...words: string[]) =>
  runOn(root, intent, '-b', 'networkd', '--root', '/', ...words);

function renamed(): string {
  const file = join(temporaryFolder(), 'macvtap.yaml');
  writeFileSync(file, intentOf('original').replaceAll('veth0', 'veth7'));
  return file;
}

test('--dry-run, the run, a second run and `steps` print one text while the change is pending', async () => {
  const root = temporaryFolder();
  const dry = stepsIn((await install(root, ORIGINAL, '--dry-run')).stderr);
  for (const word of ['arm 300', 'activate', 'confirm', 'rollback']) {
    assert.ok(dry.includes(`\nsh /${PENDING}/change ${word}\n`), word);
  }
  assert.not.ok(existsSync(join(root, PENDING)));
  assert.is(stepsIn((await install(root, ORIGINAL)).stderr), dry);
  assert.is(stepsIn((await install(root, ORIGINAL)).stderr), dry);
  assert.is((await runOn(root, 'steps', ORIGINAL, '-b', 'networkd')).stdout, dry);
  // Confirmed: nothing is due any more.
  rmSync(join(root, PENDING), { recursive: true });
  assert.is(stepsIn((await install(root, ORIGINAL)).stderr), '');
});

test('the script is in the pending directory, for root alone, and follows a second change', async () => {
  const root = temporaryFolder();
  await install(root, ORIGINAL);
  const path = join(root, PENDING, 'change');
  const scriptOf = async (intent: string): Promise<string> =>
    (await runHere('steps', intent, '-b', 'networkd', '--script')).stdout;
  assert.is(readFileSync(path, 'utf8'), await scriptOf(ORIGINAL));
  assert.is(lstatSync(path).mode & 0o7777, 0o700);
  const other = renamed();
  await install(root, other);
  assert.is(readFileSync(path, 'utf8'), await scriptOf(other));
  assert.match(readFileSync(path, 'utf8'), /^LINKS='eth0 veth7'$/m);
});

test('with ifupdown, the old stanzas of every link leave /etc/network/interfaces, not of NICs alone', async () => {
  const bridge = ['-b', 'ifupdown', '--root'];
  const linksIn = (text: string): string | undefined =>
    /If `\/etc\/network\/interfaces` has .* of ([\w, ]+):/.exec(text)?.[1];
  const root = temporaryFolder();
  const { stderr } = await runOn(root, 'golden/bridge-parent/intent.yaml', ...bridge, '/');
  assert.is(linksIn(stepsIn(stderr)), 'eth0, br0, veth0');
  assert.match(stderr, /: br0, eth0 are up without any address;/);
  // A reboot reads the same files.
  const other = temporaryFolder();
  const rebooted = await runOn(
    other,
    'golden/bridge-parent/intent.yaml',
    ...bridge,
    '/',
    '--no-backup',
  );
  assert.is(linksIn(stepsIn(rebooted.stderr)), 'eth0, br0, veth0');
});

test('without a rollback the steps say so, and arm nothing', async () => {
  const root = temporaryFolder();
  const { stderr } = await install(root, ORIGINAL, '--no-backup');
  assert.match(stderr, /1\. There is no rollback: nothing was kept\..*reboot/);
  assert.not.match(stderr, /change (?:arm|activate)/);
});

test.run();
