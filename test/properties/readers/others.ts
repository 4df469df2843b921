/**
 * Reads what is written beside any back end: NetworkManager's and networkd's lists of what is unmanaged, sysctl, the boot's wait.
 *
 *     NetworkManager.conf(5), sysctl.d(5), systemd.service(5), systemd-networkd-wait-online.service(8)
 */
import { BESIDE_OTHERS, type Description, type Files, fail, type Link } from '../description.ts';
import { keyfile } from './keyfile.ts';
import { GUESTS, NETWORKD, UNMANAGED_FILE, Unit } from './networkd-keys.ts';
import { sections } from './text.ts';

const MANAGER_CONF = '/etc/NetworkManager/conf.d/90-macvtap.conf';

export function readManagerConf(files: Files): Description['networkManager'] {
  const text = files.get(MANAGER_CONF) ?? fail('no conf.d');
  const groups = keyfile(MANAGER_CONF, text);
  const [managed, unmanaged, ignoreCarrier]: [string[], string[], string[]] = [[], [], []];
  for (const [name, entries] of groups) {
    if (name === 'keyfile') {
      for (const [key, value] of entries) {
        if (key !== 'unmanaged-devices+') fail(`conf.d: ${key}`);
        for (const spec of value.split(/[,;]/)) {
          const [, except, device] =
            /^(except:)?interface-name:([A-Za-z0-9_.*-]+)$/.exec(spec) ?? fail(`conf.d: ${spec}`);
          (except === undefined ? unmanaged : managed).push(device ?? '');
        }
      }
    } else if (name.startsWith('device-')) {
      const [, device] =
        /^interface-name:([A-Za-z0-9_.-]+)$/.exec(entries.get('match-device') ?? '') ??
        fail(`conf.d: [${name}]`);
      if (entries.get('ignore-carrier') !== 'yes') fail(`conf.d: [${name}]`);
      for (const key of entries.keys()) {
        const known = ['match-device', 'ignore-carrier', 'carrier-wait-timeout'];
        if (!known.includes(key)) fail(`conf.d: ${key} in [${name}]`);
      }
      // Milliseconds in which boot waits for a carrier that may never come.
      if (!/^[1-9][0-9]?$/.test(entries.get('carrier-wait-timeout') ?? ''))
        fail(`conf.d: [${name}] waits for a carrier`);
      ignoreCarrier.push(device ?? '');
    } else fail(`conf.d: [${name}]`);
  }
  // A list of exceptions alone would unmanage everything else.
  if (unmanaged.length === 0) fail('conf.d: exceptions only');
  return {
    managed: managed.sort(),
    unmanaged: unmanaged.sort(),
    ignoreCarrier: ignoreCarrier.sort(),
  };
}

export function readUnmanaged(files: Files): string[] {
  const paths = [...files.keys()].filter(
    (path) => path.endsWith('.network') && !path.endsWith(`/${GUESTS}`),
  );
  return paths
    .map((path) => {
      const unit = new Unit(path, sections(path, files.get(path) ?? ''), UNMANAGED_FILE);
      const name = unit.item('Match', 'Name') ?? fail(`${path}: matches everything`);
      if (path !== `${NETWORKD}/00-macvtap-${name}.network`) fail(`${path} is for ${name}`);
      if (!unit.flag('Link', 'Unmanaged', false)) fail(`${path}: does not keep networkd off`);
      return name;
    })
    .sort();
}

const SYSCTL = '/etc/sysctl.d/90-macvtap.conf';

export function readSysctl(files: Files): Description['kernel'] {
  const lines = (files.get(SYSCTL) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !/^[#;]/.test(line));
  const [arpIgnore, looseRpFilter]: [string[], string[]] = [[], []];
  for (const line of lines) {
    // With `/` as the first separator, a dot is part of the name; with `-` in front it may fail.
    const [, name = '', setting] =
      /^-?net\/ipv4\/conf\/([^/\s]+)\/(arp_ignore\s*=\s*1|rp_filter\s*=\s*2)$/.exec(line) ??
      fail(`sysctl: ${line}`);
    (setting?.startsWith('arp') ? arpIgnore : looseRpFilter).push(name);
  }
  return { arpIgnore: arpIgnore.sort(), looseRpFilter: looseRpFilter.sort() };
}

export const RULES = '/etc/udev/rules.d/90-macvtap.rules';

/** `KEY=="value"`, and so on: no value has a quote, nor a `$` or `%` that is unknown to udev(7). */
const PAIR = /^([A-Z]+)(==|!=|=|\+=)"((?:[^"$%]|\$devnode|\$major|\$minor|\$\$|%%)*)"$/;
/** Only where the device has the numbers of this tap. */
const CHOWN =
  /^\/bin\/sh -c '\[ \$\$\(stat -c %%t:%%T \$devnode\)\. != \$\$\(printf %%x:%%x \$major \$minor\)\. \] \|\| \/bin\/chown (\S+) \$devnode'$/;

/** What udev does with taps, added to what their system does. */
export function withRules(
  links: Readonly<Record<string, Link>>,
  files: Files,
): Record<string, Link> {
  const found: Record<string, Link> = Object.assign(Object.create(null), links);
  const text = files.get(RULES) ?? '';
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const pairs = new Map(
      line.split(', ').map((part) => {
        const [, key = '', sign = '', value = ''] = PAIR.exec(part) ?? fail(`udev: ${line}`);
        return [`${key}${sign}`, value];
      }),
    );
    if (pairs.get('ACTION!=') !== 'remove') fail(`udev: ${line}`);
    const ofNet = pairs.get('SUBSYSTEM==') === 'net';
    const name = pairs.get(ofNet ? 'KERNEL==' : 'KERNELS==') ?? fail(`udev: ${line}`);
    const link = found[name];
    if (link?.kind !== 'macvtap' || (!ofNet && pairs.get('SUBSYSTEM==') !== 'macvtap'))
      fail(`udev: ${line}`);
    const run = pairs.get('RUN+=');
    if (ofNet) {
      if (run !== `/sbin/ip link set dev ${name} allmulticast on`) fail(`udev: ${line}`);
      found[name] = { ...link, allMulticast: true };
      continue;
    }
    const [, account = ''] = run === undefined ? [] : (CHOWN.exec(run) ?? fail(line));
    const both = account.includes(':') ? account : `${account}:`;
    found[name] = { ...link, access: `${both} ${pairs.get('MODE=') ?? fail(line)}` };
  }
  return found;
}

/** It hides netplan's of that name. */
export const WAIT_FOR_CREATED =
  '/etc/systemd/system/systemd-networkd-wait-online.service.d/10-netplan.conf';

const WAIT_ONLINE = '/etc/systemd/system/systemd-networkd-wait-online.service.d/90-macvtap.conf';

/** Links that boot waits for after the service's own command. */
export function readWaitBeside(files: Files): string[] | undefined {
  const text = files.get(WAIT_FOR_CREATED);
  const all = text === undefined ? [] : sections(WAIT_FOR_CREATED, text);
  if (all.length === 0) return undefined;
  const [{ name, entries } = fail('wait-online'), ...more] = all;
  const [[key, command] = fail('wait-online'), ...others] = entries;
  if (name !== 'Service' || key !== 'ExecStart' || more.length + others.length > 0)
    fail(`wait-online beside the own command: ${text}`);
  return waitedFor(command);
}

export function readWaitOnline(files: Files): string[] | undefined {
  const text = files.get(WAIT_ONLINE);
  if (text === undefined) return undefined;
  const found = new Map(sections(WAIT_ONLINE, text).map(({ name, entries }) => [name, entries]));
  const commands = (found.get('Service') ?? []).map(([key, value]) =>
    key === 'ExecStart' ? value : fail(`wait-online: ${key}=`),
  );
  // What other files have boot wait for is kept where some of the links are theirs.
  const isBeside = commands.length === 1;
  const [reset, start, ...more] = isBeside ? ['', ...commands] : commands;
  // Without the empty one, the generated value would be added to netplan's, or to the service's own.
  if (reset !== '' || start === undefined || more.length > 0)
    fail('wait-online: does not replace the command');
  found.delete('Service');
  for (const [key, value] of found.get('Unit') ?? []) {
    // An empty condition takes back all before it; a path that is never there would end all waiting.
    if (!/^Condition[A-Za-z]+$/.test(key)) fail(`wait-online: ${key}=`);
    const isMet = key === 'ConditionPathExists' && files.has(value);
    if (value !== '' && !isMet) fail(`wait-online: ${key}=${value}`);
  }
  found.delete('Unit');
  if (found.size > 0) fail(`wait-online: [${[...found.keys()].join('], [')}]`);
  return [...(isBeside ? [BESIDE_OTHERS] : []), ...waitedFor(start)];
}

function waitedFor(command: string): string[] {
  const [program, ...options] = command.split(' ');
  if (!/^(?:\/usr)?\/lib\/systemd\/systemd-networkd-wait-online$/.test(program ?? ''))
    fail(`wait-online: ${program}`);
  if (/[%$"'\\;]/.test(command)) fail('wait-online: a specifier, variable or quote');
  return options
    .flatMap((option, index) => {
      if (index % 2 === 0) return option === '-i' ? [] : fail(`wait-online: ${option}`);
      return [option];
    })
    .sort();
}

const ONLINE_TARGET = '/etc/systemd/system/network-online.target.d/90-macvtap.conf';

/** Whether the target starts the service that waits. */
export function wantsWaitOnline(files: Files): boolean {
  const text = files.get(ONLINE_TARGET);
  if (text === undefined) return false;
  const given = JSON.stringify(sections(ONLINE_TARGET, text));
  const expected = [{ name: 'Unit', entries: [['Wants', 'systemd-networkd-wait-online.service']] }];
  return given === JSON.stringify(expected) || fail(`network-online.target: ${given}`);
}
