/** The file of a parent with `managed: false`, among those of systemd-networkd on a host. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findingsOf } from './judged.ts';

const intent = (parent: string): string =>
  `version: 1\nhost: kvm1\nparents: {${parent}}\nshims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32], routes: [{to: 198.51.100.192/27, scope: link}]}}\n`;
const KEPT = 'eth0: {managed: false, network-file: 20-eth0.network}';

test('on a host the file of the parent must exist, be the first, and match it alone', () => {
  const NETWORK = '/etc/systemd/network';
  const file = `${NETWORK}/20-eth0.network`;
  const found = (tree: Record<string, string>, backend = 'networkd'): string[] =>
    findingsOf(backend, tree, intent(KEPT))
      .filter(({ code }) => code.startsWith('network-file'))
      .map(({ severity, code, path, hint }) => `${severity} ${code} ${path} ${hint.slice(0, 40)}`);
  const exact = '[Match]\nName=eth0\n[Network]\nDHCP=yes\n';
  const any = exact.replace('eth0', 'e*');
  assert.equal(found({ [file]: exact }), []);
  assert.equal(found({ [file]: exact.replace('Name=eth0', 'MACAddress=02:00:00:00:00:01') }), []);
  const codesOf = (tree: Record<string, string>): string[] =>
    found(tree).map((line) => line.split(' ').slice(0, 3).join(' '));
  assert.equal(codesOf({ [file]: any }), [`error network-file-not-exact ${file}`]);
  assert.equal(codesOf({ [file]: exact.replace('eth0', 'eth0 eth1') }), [
    `error network-file-not-exact ${file}`,
  ]);
  assert.equal(codesOf({}), [`error network-file-missing ${file}`]);
  const lan = `${NETWORK}/10-lan.network`;
  assert.equal(codesOf({ [file]: exact, [lan]: any }), [`error network-file-shadowed ${lan}`]);
  // Where it is another file, the finding names that.
  const [other = ''] = found({ [`${NETWORK}/50-eth0.network`]: exact });
  assert.match(other, /Write `network-file: 50-eth0\.network`/);
  // netplan writes its own at each boot.
  const plain = intent('eth0: {managed: false}');
  assert.equal(
    findingsOf('netplan-networkd', {}, plain).filter(({ code }) => /^network-file/.test(code)),
    [],
  );
});

test.run();
