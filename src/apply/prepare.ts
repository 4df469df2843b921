/**
 * What a change does to the host besides its generated files: stanzas of a file of others
 * that they replace, files of others that go, units that are enabled and disabled. All of it happens
 * in the activation, by the change script, and a rollback reverses it.
 */
import type { Backend, Edited, Replaced } from '../backends/backend.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { surveyAll } from '../install/survey-all.ts';
import { kindBelow, textBelow } from '../install/tree.ts';
import type { Model } from '../model/types.ts';
import type { Directory, System } from '../system.ts';
import { type Switch, switchTo, unsolved } from './takeover.ts';

/** Before what is done: a dry run does none of it. */
export type Verb = 'will be' | 'would be';

export interface Preparation {
  /** What the change script is to know, by the name of its file in the pending directory. */
  readonly notes: Readonly<Record<string, string>>;
  /** Files of others that are moved away or rewritten: a rollback restores them. */
  readonly move: readonly string[];
  /** What is done besides the generated files, a line each. @param verb `will be`; of a dry run `would be` */
  lines(verb: Verb): readonly string[];
  /** Why it cannot be done. */
  readonly problem?: Problem;
  /** Of what conflicts on the host: what still does. */
  unsolved(findings: readonly Finding[]): Finding[];
}

export interface Problem {
  readonly message: string;
  readonly hint: string;
}

interface Options {
  /** Another system is to take over the network. */
  readonly isSwitch: boolean;
  /** The next boot is the activation. */
  readonly isReboot: boolean;
  /** Absolute paths that the user names. */
  readonly move: readonly string[];
}

const stepsOf = (path: string): string[] => path.split('/').slice(1);
const list = (words: readonly string[]): string => words.map((word) => `${word}\n`).join('');

/** @throws SystemError where the system refuses to show a folder */
export function prepare(
  system: Pick<System, 'openExisting'>,
  top: Directory,
  backend: Pick<Backend, 'needs' | 'edits'>,
  model: Model,
  { isSwitch, isReboot, move: named }: Options,
): Preparation {
  // As the change script asks, and systemd's own sd_booted(3).
  const hasSystemd = kindBelow(top, ['run', 'systemd', 'system']) !== undefined;
  const found = isSwitch ? switchTo(top, backend, model) : undefined;
  const missing = named.find((path) => kindBelow(top, stepsOf(path)) !== 'file');
  const problem =
    (hasSystemd ? undefined : withoutSystemd(backend, { isSwitch, isReboot })) ??
    (typeof found === 'string' ? { message: found, hint: UNFIT } : undefined) ??
    (missing !== undefined
      ? { message: `\`--move\`: there is no file ${missing}`, hint: NO_FILE }
      : undefined) ??
    (typeof found === 'object' && found.from === 'ifupdown' && !isReboot
      ? heldPort(system, top, model)
      : undefined);
  const takeover = typeof found === 'string' ? undefined : found;
  const { edits } = backend;
  const replaced =
    edits && missing === undefined ? replacedFiles(top, edits, model, named) : undefined;
  const rewritten = replaced?.texts ?? new Map<string, string>();
  const gone = named.filter((path) => !rewritten.has(path));
  const move = [...new Set([...gone, ...(takeover?.move ?? [])])];
  const edited = replaced ? undefined : edits && editedText(top, edits, model);
  const refused = problem ?? replaced?.problem;
  return {
    notes: {
      ...(move.length > 0 && { move: list(move) }),
      ...(takeover && notesOf(takeover)),
      ...(edited !== undefined && { interfaces: edited }),
      ...(replaced && notesOfReplaced(replaced)),
    },
    move: [...move, ...rewritten.keys()],
    lines: (verb) => [
      ...(edits && edited !== undefined ? [changeLine(verb, edits.path)] : []),
      ...[...rewritten.keys()].map((path) =>
        changeLine(verb, path, `; the old file goes ${TO_MOVED}`),
      ),
      ...move.map((path) => `${verb} moved: ${path} (${TO_MOVED})`),
      ...(takeover?.disable ?? []).map((unit) => `${verb} disabled: ${unit}`),
      ...(takeover?.enable ?? []).map((unit) => `${verb} enabled: ${unit}`),
      ...(hasSystemd ? [] : [REBOOT_KEEPS]),
    ],
    ...(refused !== undefined && { problem: refused }),
    unsolved: (findings) =>
      unsolved(findings, takeover !== undefined, move).filter(({ code, path }) => {
        if (named.includes(path) && rewritten.has(path)) return !edits?.replaceSolves.has(code);
        const isEdited = rewritten.has(path) || (edited !== undefined && path === edits?.path);
        return !isEdited || !edits?.solves.has(code);
      }),
  };
}

const TO_MOVED = 'to /etc/macvtap-render/moved, once confirmed';
const REBOOT_KEEPS = 'Without systemd a reboot keeps the change, even if it is not confirmed.';

const changeLine = (verb: Verb, path: string, more = ''): string =>
  `${verb} changed: ${path} (without stanzas that the generated file replaces${more})`;

function replacedFiles(
  top: Directory,
  { watches, replace }: Edited,
  model: Model,
  named: readonly string[],
): Replaced | undefined {
  if (named.length === 0) return undefined;
  return replace(surveyAll(top, { steps: [] }, watches), model, named);
}

/** `rewrite` has a line for each file: the number of its new text, and its path. */
function notesOfReplaced({ texts, links }: Replaced): Record<string, string> {
  const files = [...texts].map(([path, text], index) => ({ number: index + 1, path, text }));
  return {
    ...(links.length > 0 && { 'site-links': list(links) }),
    ...(files.length > 0 && {
      rewrite: list(files.map(({ number, path }) => `${number} ${path}`)),
    }),
    ...Object.fromEntries(files.map(({ number, text }) => [`rewrite-${number}`, text])),
  };
}

/**
 * Classic ifupdown and ifupdown-ng do not take a bridge down when their service is stopped for another daemon, and do
 * not start again where it exists (seen with 0.8.41 and 0.11.3): the NIC would stay in it, and a rollback would not end.
 * ifupdown2 does both.
 */
function heldPort(
  system: Pick<System, 'openExisting'>,
  top: Directory,
  { parents }: Model,
): Problem | undefined {
  if (kindBelow(top, ['etc', 'network', 'ifupdown2']) === 'directory') return undefined;
  const held = parents.find(
    ({ name, kind, master }) => kind === 'ethernet' && master === undefined && isPort(system, name),
  );
  return (
    held && {
      message: `\`${held.name}\` is a port of a bridge or bond of ifupdown, which \`--switch\` does not take down`,
      hint: 'Add `--reboot`.',
    }
  );
}

/** Each name in `/sys/class/net` is a link to the device (Documentation/admin-guide/sysfs-rules), which `top` does not follow. */
function isPort(system: Pick<System, 'openExisting'>, name: string): boolean {
  const device = system.openExisting(`/sys/class/net/${name}`);
  try {
    return device?.kindOf('master') !== undefined;
  } finally {
    device?.close();
  }
}

const UNFIT = 'Install or unmask it, or use another back end.';
const NO_FILE = 'Name a file that exists, by its absolute path.';

/** What another init cannot do. */
function withoutSystemd(
  { needs }: Pick<Backend, 'needs'>,
  { isSwitch, isReboot }: Pick<Options, 'isSwitch' | 'isReboot'>,
): Problem | undefined {
  if (needs.at(-1) === 'networkd') {
    return {
      message: 'systemd-networkd runs under systemd only, which is not the init of this host',
      hint: 'Use `--backend networkmanager` or `--backend ifupdown`.',
    };
  }
  if (isSwitch) {
    return {
      message: '`--switch` enables units of systemd, which is not the init of this host',
      hint: 'Enable the service of the new system and disable the old one by hand.',
    };
  }
  if (!isReboot) return undefined;
  return {
    message:
      '`--reboot` needs systemd, which is not the init of this host: nothing else rolls back after a reboot',
    hint: 'Leave `--reboot` out.',
  };
}

const notesOf = ({ from, disable, enable }: Switch): Record<string, string> => ({
  ...(from !== undefined && { 'switch-from': `${from}\n` }),
  disable: list(disable),
  enable: list(enable),
});

function editedText(top: Directory, { path, without }: Edited, model: Model): string | undefined {
  const text = textBelow(top, stepsOf(path), 1024 * 1024);
  return text === undefined ? undefined : without(text, model);
}
