/** The parts of the pages (README, guides, folder READMEs) that follow from the code. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { backends } from '../../src/backends/registry.ts';
import { changesBetween } from '../../src/changes/changes.ts';
import { changesText } from '../../src/changes/text.ts';
import { compile } from '../../src/compile.ts';
import { KINDS } from '../../src/doctor/kinds.ts';
import { reachOf } from '../../src/draw/reach.ts';
import { drawingText } from '../../src/draw/text.ts';
import { topologyOf } from '../../src/draw/topology.ts';
import { keyPlaces, sharedKeys } from '../../src/explain/keys.ts';
import { stepsText } from '../../src/install/steps.ts';
import { reportText } from '../../src/report/text.ts';
import { DISTRIBUTIONS } from '../../src/targets/distributions.ts';
import { supportedFor, targetFor } from '../../src/targets/floor.ts';
import { intentOf } from '../golden/cases.ts';
import { NATURE } from '../lab/judge/equality.ts';
import { HARMLESS } from '../lab/judge/harmless.ts';
import { cell as cellOf, FEATURES } from './features.ts';

const ROOT = new URL('../../', import.meta.url);
const SKIPPED = new Set(['node_modules', 'dist', 'out', '.git']);

/** Every page there is: Markdown anywhere in the tree, by its path. */
export function pages(folder = ''): string[] {
  return readdirSync(new URL(`./${folder}`, ROOT), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (SKIPPED.has(entry.name)) return [];
      if (entry.isDirectory()) return pages(`${folder}${entry.name}/`);
      return entry.name.endsWith('.md') ? [`${folder}${entry.name}`] : [];
    });
}

export const readPage = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

const fence = (language: string, text: string): string =>
  `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Files of the least intent, a table for each back end. */
function files(): string {
  return backends
    .map(({ id, summary }) => {
      const set = compile(intentOf('original'), { file: 'macvtap.yaml', backends: [id] }).sets?.[0];
      const rows = (set?.files ?? []).map(
        ({ path, mode, role, about }) =>
          `| \`${path}\` | 0${mode.toString(8)} | ${role} | ${cell(about.why)} |`,
      );
      return `**\`${id}\`** (${summary})\n\n| file | mode | | what it does |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function heart(): string {
  const set = compile(intentOf('original'), { file: 'macvtap.yaml', backends: ['networkd'] })
    .sets?.[0];
  const wanted = (set?.files ?? []).filter(({ path }) => path.startsWith('/etc/systemd/network/'));
  return fence(
    'ini',
    wanted
      .map(({ path, text }) => `# ==> ${path}\n${text.replace(/^#.*\n#.*\n\n/, '')}`)
      .join('\n'),
  );
}

function keys(): string {
  const rows = keyPlaces().map(({ path, description }) => `| \`${path}\` | ${cell(description)} |`);
  const shared = sharedKeys().map((key) => `\`${key}\``);
  rows.push(
    `| \`parents.<id>\`: ${shared.join(', ')} | An address of its own, with the same keys as a shim's. |`,
  );
  return `| key | holds |\n| --- | --- |\n${rows.join('\n')}`;
}

/** Every key of the language, each once, without its place. */
export const keyNames = (): string[] => [
  ...new Set(
    keyPlaces()
      .map(({ key }) => key)
      .filter((key) => !key.startsWith('<')),
  ),
];

function diagnostic(): string {
  const { source, diagnostics } = compile(intentOf('bad-gateway-unreachable'), {
    file: 'macvtap.yaml',
    backends: [],
  });
  return fence('text', reportText(source, diagnostics, false));
}

/** The steps for the original's host: on the host itself, or from a tree. */
const stepsOf = (root: string) => (): string => {
  const { sets, model } = compile(intentOf('original'), { file: 'x', backends: ['networkd'] });
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
    (name) => compile(intentOf(name), { file: 'x', backends: [] }).model,
  );
  const [before, now] = models;
  if (!before || !now) throw new Error('both are right');
  return fence(
    'text',
    changesText(changesBetween(before, now), (_, text) => text),
  );
}

const GUEST = 'guests: {vm1: {parent: eth0}}\n';
/** The original's host with a guest: before, with its address on the NIC, and with the shim. */
const PICTURES: readonly (readonly [string, string])[] = [
  [
    'The address on the NIC:',
    `version: 1
host: kvm1
parents:
  eth0:
    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
${GUEST}`,
  ],
  ['The address on the shim `veth0`:', `${intentOf('original').trimEnd()}\n${GUEST}`],
];

/** What `graph` prints of both. */
function picture(): string {
  const drawn = PICTURES.map(([head, intent]) => {
    const { model } = compile(intent, { file: 'macvtap.yaml', backends: [] });
    if (!model) throw new Error(`${head} is right`);
    return `${head}\n\n${fence('text', drawingText(topologyOf(model), reachOf(model)))}`;
  });
  return drawn.join('\n\n');
}

/** Back end × feature × oldest version. */
function features(): string {
  const backendIds = backends.map(({ id }) => id);
  const rows = FEATURES.map(
    (feature) =>
      `| ${feature.name} | ${backendIds.map((backend) => cellOf(feature, backend)).join(' | ')} |`,
  );
  const head = `| | ${backendIds.map((backend) => `\`${backend}\``).join(' | ')} |\n|${' --- |'.repeat(backendIds.length + 1)}`;
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
  return `| target | systemd | networkd | NetworkManager | | netplan | | ifupdown | supported | looked up in |\n|${' --- |'.repeat(10)}\n${rows.join('\n')}\n\nWithout a target, what is written is right on every one that is still supported and has\nwhat the back end needs:\n\n${floors.join('\n')}`;
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

/** What `doctor` can see, and what it narrows down. */
function causes(): string {
  const list = (codes: readonly string[]): string => codes.map((code) => `\`${code}\``).join(', ');
  const rows = KINDS.map(
    ({ about, seen, narrowed }) => `| ${about} | ${list(seen)} | ${list(narrowed)} |`,
  );
  return `| it looks at | seen | one of several |\n|${' --- |'.repeat(3)}\n${rows.join('\n')}`;
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  diff,
  files,
  heart,
  steps: stepsOf('/'),
  tree: stepsOf('out/networkd'),
  keys,
  diagnostic,
  features,
  targets,
  nature,
  harmless,
  picture,
  causes,
};

/** A page with its generated parts as they must be. */
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
  for (const page of pages()) writeFileSync(new URL(page, ROOT), withGenerated(readPage(page)));
}
