/** NetworkManager's configuration, merged from all of its files: NetworkManager.conf(5). */
import { type Claim, type HostFile, merged, type Setting } from '../foreign.ts';
import { booleanOf, keyfileSettings } from './keyfile.ts';
import { matchSpecs, type SpecAnswer, splitSpecs } from './spec.ts';

const ETC = '/etc/NetworkManager';
/** For each name, the file of the first directory counts; they are read in reverse order. */
export const CONF_FOLDERS = [
  `${ETC}/conf.d`,
  '/run/NetworkManager/conf.d',
  '/usr/lib/NetworkManager/conf.d',
];
const MAIN_FILE = `${ETC}/NetworkManager.conf`;

/** The place of a setting. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

export interface Spec extends Place {
  readonly text: string;
}

/** A value, or a list of devices, with the place of each. */
interface Value extends Place {
  readonly text: string;
  readonly specs: readonly Spec[];
  /** It applies only to some versions of NetworkManager (`[.config] enable=`). */
  readonly isConditional: boolean;
}

type Group = Map<string, Value>;

export interface Configuration {
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  /** Sections `[device…]`, in the order of evaluation. */
  readonly devices: readonly string[];
  /** Unparsable files: NetworkManager does not start. */
  readonly refused: readonly string[];
}

export function configurationOf(files: readonly HostFile[]): Configuration {
  const groups = new Map<string, Group>();
  const devices: string[] = [];
  const refused: string[] = [];
  for (const { path, name, text = '' } of inOrder(files)) {
    const settings = keyfileSettings(text);
    if (!settings) {
      refused.push(path);
      continue;
    }
    const enabled = name === 'NetworkManager.conf' ? 'yes' : isEnabled(settings);
    if (enabled === 'no') continue;
    const own = new Set(settings.map(({ section }) => section));
    const known = new Set(devices);
    // Sections of a later file come first; those of one file in their order.
    devices.unshift(...[...own].filter((item) => item.startsWith('device') && !known.has(item)));
    for (const setting of settings) add(groups, setting, path, enabled === 'maybe');
  }
  return { groups, devices: [...devices.filter((item) => item !== 'device'), 'device'], refused };
}

function inOrder(files: readonly HostFile[]): HostFile[] {
  const snippets = merged(
    files.filter(({ name }) => name.endsWith('.conf')),
    CONF_FOLDERS,
  );
  const of = (folder: string): HostFile[] => snippets.filter((file) => file.folder === folder);
  const [etc = '', run = '', system = ''] = CONF_FOLDERS;
  const main = files.filter(({ path }) => path === MAIN_FILE);
  return [...of(system), ...of(run), ...main, ...of(etc)];
}

/** `[.config] enable=`: a boolean, or conditions on the version and the environment. */
function isEnabled(settings: readonly Setting[]): 'yes' | 'no' | 'maybe' {
  const text = settings.findLast(
    ({ section, key }) => section === '.config' && key === 'enable',
  )?.value;
  if (text === undefined) return 'yes';
  const plain = booleanOf(text);
  if (plain !== undefined) return plain ? 'yes' : 'no';
  const specs = splitSpecs(text);
  if (specs.some((spec) => /^(?:except:)?nm-version/i.test(spec))) return 'maybe';
  // Other conditions are on an environment that a service does not have.
  return specs.length > 0 && specs.every((spec) => /^except:/i.test(spec)) ? 'yes' : 'no';
}

/** Keys with lists of devices, for `+=` and `-=`. */
const isList = (section: string, key: string): boolean =>
  (section === 'keyfile' && key === 'unmanaged-devices') ||
  (section === 'main' && /^(?:no-auto-default|ignore-carrier|assume-ipv6ll-only)$/.test(key)) ||
  (/^(?:device|connection)/.test(section) && key === 'match-device');

function add(
  groups: Map<string, Group>,
  { section, key, value, line }: Setting,
  path: string,
  isConditional: boolean,
): void {
  const group = groups.get(section) ?? new Map<string, Value>();
  groups.set(section, group);
  const [, base = key, operator = ''] = /^(.*[^+-])([+-])$/.exec(key) ?? [];
  const place = { path, line, isConditional };
  if (!isList(section, base)) {
    // Other keys do not support `+=`: the setting is dropped.
    if (operator === '') group.set(key, { ...place, text: value, specs: [] });
    return;
  }
  const specs = splitSpecs(value).map((text) => ({ text, path, line }));
  const old = group.get(base)?.specs ?? [];
  const has = (list: readonly Spec[]) => {
    const texts = new Set(list.map(({ text }) => text));
    return ({ text }: Spec): boolean => texts.has(text);
  };
  const [isNew, isOld] = [has(specs), has(old)];
  const all =
    operator === '+'
      ? [...old, ...specs.filter((spec) => !isOld(spec))]
      : operator === '-'
        ? old.filter((spec) => !isNew(spec))
        : specs;
  // A setting that only adds does not change the place of the list.
  const before = operator === '+' ? group.get(base) : undefined;
  group.set(base, { ...(before ?? place), text: value, specs: all });
}

export interface Decision extends Place {
  readonly value: string;
  /** Whether the section is certain to be for the link; else it depends on the host. */
  readonly isSure: boolean;
  readonly section: string;
}

/** The decision of the sections `[device…]` for a link: the first with the key that is for it. */
export function deviceSetting(
  { groups, devices }: Configuration,
  key: string,
  claim: Claim,
): Decision | undefined {
  for (const section of devices) {
    const group = groups.get(section);
    const value = group?.get(key);
    const stops = booleanOf(group?.get('stop-match')?.text) === true;
    if (!value && !stops) continue;
    const list = group?.get('match-device');
    const answer: SpecAnswer = list
      ? matchSpecs(
          list.specs.map(({ text }) => text),
          claim,
        )
      : 'match';
    if (answer !== 'match' && answer !== 'maybe') continue;
    if (!value) return undefined;
    const isSure = answer === 'match' && !value.isConditional;
    return { path: value.path, line: value.line, value: value.text, isSure, section };
  }
  return undefined;
}
