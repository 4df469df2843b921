/** The parts of the README that follow from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { help } from '../../src/help.ts';
import {
  backends,
  CODES,
  changesBetween,
  changesText,
  compile,
  DISTRIBUTIONS,
  reportText,
  stepsText,
  supportedFor,
  targetFor,
} from '../../src/index.ts';
import { addressing } from '../../src/intent/language/addressing.ts';
import { intentSchema } from '../../src/intent/schema.ts';
import { intentOf } from '../golden/cases.ts';
import { NATURE } from '../lab/equality.ts';
import { HARMLESS } from '../lab/harmless.ts';
import { cell as cellOf, FEATURES } from './features.ts';

export const README = new URL('../../README.md', import.meta.url);

const fence = (language: string, text: string): string =>
  `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Files of the least intent, a table for each back end. */
function files(): string {
  return backends
    .map(({ id, summary }) => {
      const set = compile(intentOf('original'), { file: 'macvtap.yaml', ways: [id] }).sets?.[0];
      const rows = (set?.files ?? []).map(
        ({ path, mode, role, about }) =>
          `| \`${path}\` | 0${mode.toString(8)} | ${role} | ${cell(about.why)} |`,
      );
      return `**\`${id}\`** (${summary})\n\n| file | mode | | what it does |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function heart(): string {
  const set = compile(intentOf('original'), { file: 'macvtap.yaml', ways: ['networkd'] }).sets?.[0];
  const wanted = (set?.files ?? []).filter(({ path }) => path.startsWith('/etc/systemd/network/'));
  return fence(
    'ini',
    wanted
      .map(({ path, text }) => `# ==> ${path}\n${text.replace(/^#.*\n#.*\n\n/, '')}`)
      .join('\n'),
  );
}

interface SchemaNode {
  readonly type: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly { readonly type: string; readonly description?: string }[];
}

const descriptionOf = (node: SchemaNode): string =>
  node.pipe?.find(({ type }) => type === 'description')?.description ??
  (node.wrapped ? descriptionOf(node.wrapped) : '');

const core = (node: SchemaNode): SchemaNode => (node.wrapped ? core(node.wrapped) : node);

function keys(): string {
  const rows: string[] = [];
  const walk = (node: SchemaNode, path: string): void => {
    const { entries, value, item } = core(node);
    const own = Object.entries(entries ?? {}).filter(
      ([key]) => path !== 'parents.<id>' || !Object.hasOwn(addressing, key),
    );
    for (const [key, child] of own) {
      const at = path === '' ? key : `${path}.${key}`;
      rows.push(`| \`${at}\` | ${cell(descriptionOf(child))} |`);
      walk(child, at);
    }
    if (path === 'parents.<id>') {
      const shared = Object.keys(addressing).map((key) => `\`${key}\``);
      rows.push(
        `| \`parents.<id>\`: ${shared.join(', ')} | An address of its own, in the same words as a shim's. |`,
      );
    }
    if (value && core(node).type === 'map') {
      const at = `${path}.<${path === 'parents' ? 'id' : 'name'}>`;
      rows.push(`| \`${at}\` | ${cell(descriptionOf(value))} |`);
      walk(value, at);
    }
    if (item && core(item).type === 'object') walk(item, `${path}[]`);
  };
  walk(intentSchema as unknown as SchemaNode, '');
  return `| key | holds |\n| --- | --- |\n${rows.join('\n')}`;
}

/** Every key of the language, each once, without its place. */
export function keyNames(): string[] {
  const names = new Set<string>();
  const walk = (node: SchemaNode): void => {
    const { entries, value, item } = core(node);
    for (const [key, child] of Object.entries(entries ?? {})) {
      names.add(key);
      walk(child);
    }
    for (const below of [value, item]) if (below) walk(below);
  };
  walk(intentSchema as unknown as SchemaNode);
  return [...names];
}

function codes(): string {
  const rows = Object.entries(CODES).map(
    ([code, { severity, meaning, remedy }]) =>
      `| \`${code}\` | ${severity} | ${cell(meaning)} | ${cell(remedy)} |`,
  );
  return `| code | | what is wrong | what to do |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function diagnostic(): string {
  const { source, diagnostics } = compile(intentOf('bad-gateway-unreachable'), {
    file: 'macvtap.yaml',
    ways: [],
  });
  return fence('text', reportText(source, diagnostics, false));
}

/** The steps for the original's host: on the host itself, or from a tree. */
const stepsOf = (root: string) => (): string => {
  const { sets, model } = compile(intentOf('original'), { file: 'x', ways: ['networkd'] });
  const [backend] = backends;
  if (!model || !backend) throw new Error('the original is right');
  const text = stepsText(backend, model, {
    root,
    paths: (sets?.[0]?.files ?? []).map(({ path }) => path),
    hasRollback: true,
    scriptCommand: 'macvtap-render steps --script macvtap.yaml --backend networkd',
  });
  return fence('text', text.trimStart());
};

/** A change as a reviewer sees it. */
function diff(): string {
  const models = ['normal-setup', 'original'].map(
    (name) => compile(intentOf(name), { file: 'x', ways: [] }).model,
  );
  const [before, now] = models;
  if (!before || !now) throw new Error('both are right');
  return fence(
    'text',
    changesText(changesBetween(before, now), (_, text) => text),
  );
}

/** Back end × feature × oldest version. */
function features(): string {
  const ways = backends.map(({ id }) => id);
  const rows = FEATURES.map(
    (feature) => `| ${feature.name} | ${ways.map((way) => cellOf(feature, way)).join(' | ')} |`,
  );
  const head = `| | ${ways.map((way) => `\`${way}\``).join(' | ')} |\n|${' --- |'.repeat(ways.length + 1)}`;
  return `${head}\n${rows.join('\n')}`;
}

/** Distributions by name, with what they bring; and what counts without `--target`. */
function targets(): string {
  const present = { installed: 'yes', packaged: 'to be installed', missing: 'no' } as const;
  const rows = Object.entries(DISTRIBUTIONS).map(
    ([name, { systemd, networkmanager, netplan, presence, isSupported, source }]) =>
      `| \`${name}\` | ${systemd} | ${present[presence.networkd]} | ${networkmanager} | ${present[presence.networkmanager]} | ${presence.netplan === 'missing' ? '' : netplan} | ${present[presence.netplan]} | ${present[presence.ifupdown]} | ${isSupported ? 'yes' : ''} | ${source} |`,
  );
  const floors = backends.map(({ id, needs, daemons }) => {
    const { versions } = targetFor(needs);
    const oldest = [...daemons, ...(needs.includes('networkmanager') ? (['udev'] as const) : [])]
      .map((daemon) => `${daemon} ${versions[daemon].join('.')}`)
      .join(', ');
    const versionsOf = oldest === '' ? 'any version' : `${oldest} and later`;
    return `- \`${id}\`: ${versionsOf} (${supportedFor(needs).join(', ')})`;
  });
  return `| target | systemd | networkd | NetworkManager | | netplan | | ifupdown | supported | looked up in |\n|${' --- |'.repeat(10)}\n${rows.join('\n')}\n\nWithout \`--target\`, what is written is right on every one that is still supported and has\nwhat the back end needs:\n\n${floors.join('\n')}`;
}

/** Why the kernel's state may differ between back ends. */
const nature = (): string => NATURE.map(({ what, why }) => `- ${what}: ${why}.`).join('\n');

/** Warnings of daemons that the lab passes over. */
function harmless(): string {
  const rows = Object.entries(HARMLESS).flatMap(([speaker, lines]) =>
    lines.map(({ line, why }) => `| ${speaker} | \`${cell(line.source)}\` | ${cell(why)} |`),
  );
  return `| | a line of the log | why it does not count |\n|${' --- |'.repeat(3)}\n${rows.join('\n')}`;
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  diff,
  files,
  heart,
  steps: stepsOf('/'),
  tree: stepsOf('out/networkd'),
  help: () => fence('text', help()),
  keys,
  diagnostic,
  codes,
  features,
  targets,
  nature,
  harmless,
};

/** The README with its generated parts as they must be. */
export function withGenerated(text: string): string {
  return text.replaceAll(
    /(<!-- generated: ([a-z]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, open: string, name: string, close: string) => {
      const section = SECTIONS[name];
      if (!section) throw new Error(`no section ${name}`);
      return `${open}\n${section()}\n\n${close}`;
    },
  );
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(README, withGenerated(readFileSync(README, 'utf8')));
}
