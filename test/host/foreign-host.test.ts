/** cloud-init, sysctl and dhcpcd on a host: what they make of our links, and when they make nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { assertFindings, findingsOf, HOST_BACKENDS, hostOf } from './foreign-files.ts';

const MAIN = 'etc/cloud/cloud.cfg';
const INIT = { [MAIN]: 'users: [default]\n' };
const code = 'warning[cloud-init-writes-network]';

test('cloud-init may keep the network of a parent that is left to others', async () => {
  const intent = join(temporaryFolder(), 'macvtap.yaml');
  for (const [parents, expected] of [
    ['eth0: {managed: false, network-file: 20-eth0.network}', []],
    ['eth0: {addresses: [198.51.100.50/24]}', [`${code} ${MAIN}`]],
  ] as const) {
    writeFileSync(
      intent,
      `version: 1\nhost: kvm1\nparents: {${parents}}\nshims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32]}}\n`,
    );
    for (const backend of HOST_BACKENDS) {
      const own = { ...INIT, 'etc/systemd/network/20-eth0.network': '[Match]\nName=eth0\n' };
      const { findings } = await findingsOf(backend, own, intent);
      const shown = findings.filter((line) => line.includes('cloud-init'));
      assert.equal(shown, expected, `${backend}: ${parents}`);
    }
  }
});

test('cloud-init is reported where it names the NIC, or else as such', async () => {
  await assertFindings(INIT, [`${code} ${MAIN}`]);
  for (const [path, text, line] of [
    [
      'etc/cloud/cloud.cfg.d/50-curtin.cfg',
      'network:\n  version: 2\n  ethernets:\n    eth0: {dhcp4: true}\n',
      4,
    ],
    [
      'etc/cloud/cloud.cfg.d/network.cfg',
      'network:\n  version: 2\n  ethernets:\n    nic0: {match: {macaddress: "52:54:00:00:00:01"}, set-name: eth0}\n',
      4,
    ],
    [
      'etc/cloud/cloud.cfg.d/v1.cfg',
      'network:\n  version: 1\n  config:\n    - type: physical\n      name: eth0\n      subnets: [{type: dhcp}]\n',
      4,
    ],
    [
      'var/lib/cloud/seed/nocloud/network-config',
      'version: 2\nethernets:\n  eth0: {dhcp4: true}\n',
      3,
    ],
    ['boot/firmware/network-config', 'network:\n  ethernets:\n    eth0: {dhcp4: true}\n', 3],
  ] as const) {
    await assertFindings({ ...INIT, [path]: text }, [`${code} ${path}:${line}`]);
    // Without cloud-init it is a file as any other.
    await assertFindings({ [path]: text }, []);
  }
  const other = { 'etc/cloud/cloud.cfg.d/n.cfg': 'network: {version: 2, ethernets: {eth7: {}}}\n' };
  await assertFindings({ ...INIT, ...other }, [`${code} ${MAIN}`]);
});

test("cloud-init's network is off where the last file that speaks of it says so", async () => {
  const off = 'network: {config: disabled}\n';
  await assertFindings({ ...INIT, 'etc/cloud/cloud.cfg.d/99-off.cfg': off }, []);
  await assertFindings({ [MAIN]: off }, []);
  await assertFindings({ ...INIT, 'etc/cloud/cloud-init.disabled': '' }, []);
  await assertFindings(
    { [MAIN]: off, 'etc/cloud/cloud.cfg.d/a.cfg': 'network: {version: 2}\n' },
    [],
  );
  await assertFindings({ ...INIT, 'etc/cloud/cloud.cfg.d/off.cfg.bak': off }, [`${code} ${MAIN}`]);
  const again = 'network: {config: [{type: physical, name: eth7}]}\n';
  const files = {
    ...INIT,
    'etc/cloud/cloud.cfg.d/1.cfg': off,
    'etc/cloud/cloud.cfg.d/2.cfg': again,
  };
  await assertFindings(files, [`${code} ${MAIN}`]);
});

test('of a setting of the kernel the last word counts, wherever it is', async () => {
  const ids = HOST_BACKENDS.filter((id) => id !== 'ifupdown');
  const overridden = (path: string, line = 1) => [`warning[sysctl-overridden] ${path}:${line}`];
  for (const path of [
    'etc/sysctl.d/99-site.conf',
    'run/sysctl.d/99-site.conf',
    'usr/lib/sysctl.d/99-site.conf',
    'usr/local/lib/sysctl.d/91.conf',
    'etc/sysctl.conf',
  ]) {
    for (const key of [
      'net.ipv4.conf.eth0.arp_ignore',
      'net/ipv4/conf/eth0/arp_ignore',
      '-net.ipv4.conf.eth0.arp_ignore ',
    ]) {
      await assertFindings({ [path]: `${key}=0\n` }, overridden(path), ids);
    }
    for (const text of [
      'net.ipv4.conf.eth0.arp_ignore=1\n',
      'net.ipv4.conf.eth0.arp_ignore=0\nnet.ipv4.conf.eth0.arp_ignore = 1\n',
      '#net.ipv4.conf.eth0.arp_ignore=0\n;net.ipv4.conf.eth0.arp_ignore=0\n',
      // A key's own name goes before a pattern, in whichever file.
      'net.ipv4.conf.*.arp_ignore=0\n',
      '-net.ipv4.conf.eth0.arp_ignore\n',
      'net.ipv4.conf.eth7.arp_ignore=0\n',
    ]) {
      await assertFindings({ [path]: text }, []);
    }
  }
  const zero = 'net.ipv4.conf.eth0.arp_ignore=0\n';
  await assertFindings({ 'etc/sysctl.d/10-site.conf': zero, 'run/sysctl.d/89.conf': zero }, []);
  // /etc hides /usr/lib, and the later of two counts.
  await assertFindings({ 'usr/lib/sysctl.d/99-a.conf': zero, 'etc/sysctl.d/99-a.conf': '' }, []);
  const item = 'net.ipv4.conf.eth0.arp_ignore=1\n';
  await assertFindings({ 'etc/sysctl.d/98.conf': zero, 'etc/sysctl.d/99.conf': item }, []);
  await assertFindings(
    { 'etc/sysctl.d/98.conf': item, 'etc/sysctl.d/99.conf': `\n${zero}` },
    overridden('etc/sysctl.d/99.conf', 2),
    ids,
  );
});

test('a link with a dot is named with a slash in a key of dots', async () => {
  const folder = hostOf({
    'intent.yaml':
      'version: 1\nhost: kvm1\nparents:\n  eth0.5: {type: vlan, id: 5, link: eth0}\nshims:\n  veth0: {parent: eth0.5, addresses: [198.51.100.50/24]}\n',
  });
  for (const [key, count] of [
    ['net.ipv4.conf.eth0/5.arp_ignore', 1],
    ['net/ipv4/conf/eth0.5/arp_ignore', 1],
    ['net.ipv4.conf.eth0.5.arp_ignore', 0],
  ] as const) {
    const files = { 'etc/sysctl.d/99.conf': `${key}=0\n` };
    const { findings } = await findingsOf('networkd', files, `${folder}/intent.yaml`);
    assert.is(findings.length, count, key);
  }
});

test('dhcpcd as a service configures every link that is not denied', async () => {
  const enabled = { 'etc/systemd/system/multi-user.target.wants/dhcpcd.service': '[Unit]\n' };
  const config = (text: string) => ({ 'etc/dhcpcd.conf': text });
  const taken = (line: string) => `error[dhcpcd-claims-link] etc/dhcpcd.conf${line}`;
  const only = ['networkd'];
  const text = 'hostname\ninterface eth0\nstatic ip_address=198.51.100.50/24\n';
  await assertFindings({ ...enabled, ...config(text) }, [taken(':2'), taken('')], only);
  await assertFindings({ ...enabled, ...config('denyinterfaces veth*\n') }, [taken('')], only);
  await assertFindings(
    { ...enabled, ...config('allowinterfaces wlan0 eth0\n') },
    [taken('')],
    only,
  );
  await assertFindings({ ...enabled, ...config('denyinterfaces veth0 eth0 # ours\n') }, []);
  await assertFindings({ ...enabled, ...config('allowinterfaces wlan0\n') }, []);
  await assertFindings(config(text), []);
  const { status } = await findingsOf('ifupdown', { ...enabled, ...config('') });
  assert.is(status, 4);
});

test.run();
