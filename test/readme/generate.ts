/** The parts of the README that follow from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { help } from '../../src/help.ts';
import { backends, CODES, compile, reportText } from '../../src/index.ts';
import { intentSchema } from '../../src/intent/schema.ts';
import { intentOf } from '../golden/cases.ts';

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
    for (const [key, child] of Object.entries(entries ?? {})) {
      const at = path === '' ? key : `${path}.${key}`;
      rows.push(`| \`${at}\` | ${cell(descriptionOf(child))} |`);
      walk(child, at);
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

const SECTIONS: Readonly<Record<string, () => string>> = {
  files,
  heart,
  help: () => fence('text', help()),
  keys,
  diagnostic,
  codes,
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
