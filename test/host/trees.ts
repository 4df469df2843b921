/** Trees as distributions have them, for tests of whose network a host's is. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backends } from '../../src/backends/registry.ts';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';

export const ORIGINAL = 'golden/original/intent.yaml';
export const HOST = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

/** Path → text; `-> TARGET` for a symbolic link. */
export type Tree = Readonly<Record<string, string>>;

export function layOut(tree: Tree): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(tree)) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    const target = /^-> (.*)$/.exec(text)?.[1];
    if (target === undefined) writeFileSync(at, text);
    else symlinkSync(target, at);
  }
  return root;
}

export const SYSTEM = 'usr/lib/systemd/system';
export const WANTS = 'etc/systemd/system/multi-user.target.wants';
export const unit = (wanted: string, more = ''): string =>
  `[Unit]\nDescription=it\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=${wanted}\n${more}`;

export const BASE: Tree = {
  [`${SYSTEM}/multi-user.target`]: '[Unit]\nDescription=Multi-User System\n',
  'etc/machine-id': '5151515151515151515151515151515151\n',
};
export const NETWORKD: Tree = {
  [`${SYSTEM}/systemd-networkd.service`]: unit(
    'multi-user.target',
    'Also=systemd-networkd.socket\nAlias=dbus-org.freedesktop.network1.service\n',
  ),
  [`${SYSTEM}/systemd-networkd.socket`]: unit('sockets.target'),
  'usr/lib/systemd/system-preset/90-systemd.preset':
    'enable systemd-networkd.service\nenable systemd-resolved.service\ndisable console-getty.service\n',
};
export const NETWORKMANAGER: Tree = {
  [`${SYSTEM}/NetworkManager.service`]: unit('multi-user.target'),
};
export const IFUPDOWN: Tree = {
  [`${SYSTEM}/networking.service`]: unit('multi-user.target', 'WantedBy=network-online.target\n'),
  'etc/network/interfaces': 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n',
};
export const NETPLAN: Tree = {
  'usr/lib/systemd/system-generators/netplan': '-> ../../../libexec/netplan/generate',
  'usr/libexec/netplan/generate': '\u007fELF',
};
export const on = (name: string, folder = WANTS): Tree => ({
  [`${folder}/${name}`]: `-> /${SYSTEM}/${name}`,
});

export const NETWORKD_ON = on('systemd-networkd.service');
export const NETWORKMANAGER_ON = on('NetworkManager.service');
export const IFUPDOWN_ON = on('networking.service');

export const PROFILE: Tree = {
  'etc/NetworkManager/system-connections/lan.nmconnection':
    '[connection]\nid=lan\ntype=ethernet\ninterface-name=eth0\n',
};
export const STANZA = 'auto lo\niface lo inet loopback\nallow-hotplug eth0\niface eth0 inet dhcp\n';
export const yaml = (text: string): Tree => ({ 'etc/netplan/50-cloud-init.yaml': text });

const CODE = /(?:error|warning)\[(?:other-network-owner|system-not-enabled|two-network-owners)\]/g;

/** Severities and codes for a back end in a tree. */
export async function foundIn(tree: Tree, backend: string): Promise<string[]> {
  const { stdout } = await runHere('check', ORIGINAL, '-b', backend, '--root', layOut(tree));
  return stdout.match(CODE) ?? [];
}

export const MASK = '-> /dev/null';
export const OFF = ['warning[system-not-enabled]'];
