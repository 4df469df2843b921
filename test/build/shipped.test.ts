/** What is shipped: types that stand alone, and the licences of what is bundled. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { bundledPackages } from '../../src/build/notices.ts';
import { guide } from '../../src/help/topics.ts';
import * as library from '../../src/index.ts';
import { jsonSchema } from '../../src/intent/json-schema.ts';
import { packagings } from '../../src/package/packagings.ts';
import { systemNames } from '../../src/selection.ts';
import { targetNames } from '../../src/targets/distributions.ts';
import { dist, inputs, REPOSITORY, temporaryFolder } from '../command.ts';
import { caseNames, intentOf } from '../golden/cases.ts';

const TYPES = readFileSync(join(dist, 'index.d.ts'), 'utf8');
const INTENT = readFileSync(join(dist, 'intent.d.ts'), 'utf8');

interface Consumer {
  readonly source: string;
  readonly types?: string;
  readonly intent?: string;
}

/**
 * A project of folders, each of which has the package installed, and nothing else. All are compiled by one process.
 * @returns what the compiler prints of each
 */
function compiled(
  consumers: readonly Consumer[],
  module: 'NodeNext' | 'Node16' | 'ESNext' = 'NodeNext',
): string[] {
  const top = temporaryFolder();
  const { version: _, ...manifest } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  for (const [index, { source, types = TYPES, intent = INTENT }] of consumers.entries()) {
    const folder = join(top, String(index));
    const installed = join(folder, 'node_modules/macvtap-render');
    mkdirSync(join(installed, 'dist'), { recursive: true });
    // The compiler takes packages of one name and version for the same.
    writeFileSync(
      join(installed, 'package.json'),
      JSON.stringify({ ...manifest, version: `0.0.${index}` }),
    );
    writeFileSync(join(installed, 'dist/index.d.ts'), types);
    writeFileSync(join(installed, 'dist/intent.d.ts'), intent);
    cpSync(join(dist, 'names.d.ts'), join(installed, 'dist/names.d.ts'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, 'consumer.ts'), source);
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2022'],
    types: [],
    module,
    ...(module === 'ESNext' && { moduleResolution: 'Bundler' }),
  };
  const files = consumers.map((_, index) => `${index}/consumer.ts`);
  writeFileSync(join(top, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], {
    cwd: top,
    encoding: 'utf8',
  });
  const printed = consumers.map(() => '');
  let current: number | undefined;
  for (const line of `${stdout}${stderr}`.split(/(?<=\n)/)) {
    const path = /^(\d+)\//.exec(line)?.[1];
    // Further lines of a message have blanks at their start; what names no folder is of all of them.
    if (!/^\s/.test(line)) current = path === undefined ? undefined : Number(path);
    for (const index of printed.keys()) {
      if (current === undefined || current === index) printed[index] += line;
    }
  }
  assert.is(status === 0, printed.join('') === '', `status ${status}`);
  return printed;
}

/** Every function, as a program uses it. */
const CONSUMER = `
import {
  backends, check, compile, compileFleet, diff, explain, pack, report, targets,
  type BackendId, type Change, type CompileOptions, type Diagnostic, type ExplainedFile, type Finding,
  type FleetIntent, type Format, type Host, type Intent, type Outcome, type RenderedFile, type TargetName,
} from 'macvtap-render';

const intent: Intent = {
  version: 1,
  host: 'kvm1',
  shims: { veth0: { parent: 'eth0', addresses: ['198.51.100.50/24'], routes: [{ to: 'default', via: '198.51.100.254' }] } },
};
const options: CompileOptions = { backends: ['networkd'], target: 'debian-12', strict: true };
const made: Outcome<Host> = compile(intent, options);
const errors: Diagnostic[] = made.diagnostics.filter(({ severity }) => severity === 'error');
const files: readonly RenderedFile[] = made.value?.files ?? [];
const fleet: FleetIntent = { version: 1, defaults: { shims: { veth0: { parent: 'eth0', mtu: null } } }, hosts: { kvm1: {} } };
const outcome = compileFleet(fleet, { ...options, hosts: ['kvm1'], target: 'systemd=252,netplan=0.106' });
const names: (string | null)[] = outcome.hosts.map(({ host }) => host);
const texts: string[] = [report(outcome, { colour: true }), ...backends.map(({ summary }) => summary), ...targets];
const formats: Format[] = ['ansible', 'tar'];
export function use(host: Host): readonly [ExplainedFile[], readonly Finding[], readonly Change[], string | undefined] {
  const { findings } = check(host, { '/etc/hosts': '' });
  const { changes, patches } = diff(host, host);
  const ids: BackendId[] = patches.map(({ backend }) => backend);
  const target: TargetName = 'arch';
  const package_ = pack([host], formats[0] ?? 'json');
  return [[...explain(host)], findings, changes, package_.value?.text ?? ids[0] ?? target];
}
export { errors, files, names, texts };
`;

test('a consumer compiles with the types, strictly, with no other package installed', () => {
  for (const module of ['Node16', 'ESNext'] as const) {
    assert.equal(compiled([{ source: CONSUMER }], module), [''], module);
  }
  // What is wrong is seen: the types are not all `any`.
  const mistakes = [
    ["backends: ['networkd']", "backends: ['netword']"],
    ["target: 'debian-12'", "target: 'debian-99'"],
    ['outcome.hosts', 'outcome.host'],
    ["parent: 'eth0', addresses", "parnt: 'eth0', addresses"],
    ["'ansible', 'tar'", "'ansibel', 'tar'"],
    ['diff(host, host)', "diff(host, { host: 'kvm1', files: [] })"],
  ] as const;
  const [right, needy, ...wrong] = compiled([
    { source: CONSUMER },
    // And so is a declaration that needs another package.
    {
      source: CONSUMER,
      types: `import type { Node } from 'yaml';\nexport type Needy = Node;\n${TYPES}`,
    },
    ...mistakes.map(([text, mistake]) => ({ source: CONSUMER.replace(text, mistake) })),
  ]);
  assert.is(right, '');
  assert.match(needy ?? '', /Cannot find module 'yaml'/);
  for (const [index, [, mistake]] of mistakes.entries()) {
    assert.match(wrong[index] ?? '', /error TS2\d+/, mistake);
  }
});

/** Names in the list at the end of the types. */
const exported = (/\nexport \{([^}]*)\};\n$/.exec(TYPES)?.[1] ?? '')
  .split(',')
  .map((name) => name.trim())
  .filter((name) => name !== '');

test('the types have the names of the library: two dozen at most, each in the guide', () => {
  const values = exported.filter((name) => !name.startsWith('type '));
  assert.equal(values.sort(), Object.keys(library).sort());
  assert.ok(exported.length <= 24, `${exported.length} names`);
  const page = guide('library') ?? '';
  for (const name of exported) {
    assert.match(page, new RegExp(`\\b${name.replace('type ', '')}\\b`), name);
  }
});

test('unions have the back ends, targets and formats that there are', () => {
  const all = (names: readonly string[]): string =>
    `{ ${names.map((name) => `'${name}': 1`).join(', ')} }`;
  const ids = all(backends.map(({ id }) => id));
  const formats = all(packagings.map(({ id }) => id));
  const names = all(targetNames());
  const source = (one = ids): string => `
import type { BackendId, Format, TargetName } from 'macvtap-render';
type Distribution = TargetName extends infer Name ? Name extends \`\${string}=\${string}\` ? never : Name : never;
export const ids: Record<BackendId, 1> = ${one};
export const formats: Record<Format, 1> = ${formats};
export const names: Record<Distribution & string, 1> = ${names};
`;
  const [right, less, more] = compiled([
    { source: source() },
    { source: source(ids.replace("'ifupdown': 1, ", '')) },
    { source: source(ids.replace('{', '{ other: 1,')) },
  ]);
  assert.is(right, '');
  assert.match(less ?? '', /TS2741/);
  assert.match(more ?? '', /TS2353/);
});

interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** The type that a JSON Schema describes. */
function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  const [, words] = /^\^\(([a-z|]+)\)=$/.exec(schema.pattern ?? '') ?? [];
  if (words !== undefined) {
    return `\`\${${words
      .split('|')
      .map((word) => `'${word}'`)
      .join(' | ')}}=\${string}\``;
  }
  if (schema.type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (schema.properties) {
    const keys = Object.entries(schema.properties).map(([key, value]) => {
      const mark = schema.required?.includes(key) ? '' : '?';
      return `readonly ${JSON.stringify(key)}${mark}: ${typeOf(value)}`;
    });
    return `{ ${keys.join('; ')} }`;
  }
  if (schema.type === 'object') {
    return `{ readonly [name: string]: ${typeOf(schema.additionalProperties ?? {})} }`;
  }
  return schema.type === 'integer' ? 'number' : (schema.type ?? 'unknown');
}

const SCHEMA = (JSON.parse(jsonSchema(systemNames())) as { else: Schema }).else;

test('the type of an intent is what the schema describes, key by key', () => {
  const source = `
import type { Intent } from 'macvtap-render';
type Flat<T> = T extends readonly (infer Item)[] ? readonly Flat<Item>[] : T extends object ? { [Key in keyof T]: Flat<T[Key]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type FromSchema = ${typeOf(SCHEMA)};
export const same: Same<Flat<Intent>, Flat<FromSchema>> = true;
`;
  const changes = [
    ['  readonly dhcp4?: boolean;\n', ''],
    ['  readonly dhcp4?: boolean;\n', '  readonly dhcp4?: boolean;\n  readonly dhcp5?: boolean;\n'],
    ["'balance-rr'", "'balance-xx'"],
    ['  readonly via?: string;', '  readonly via: string;'],
    ['  readonly id?: number;', '  readonly id?: string;'],
  ] as const;
  const [same, ...different] = compiled([
    { source },
    ...changes.map(([right, wrong]) => ({ source, intent: INTENT.replace(right, wrong) })),
  ]);
  assert.is(same, '');
  for (const [index, [right, wrong]] of changes.entries()) {
    assert.ok(INTENT.includes(right), right);
    assert.match(different[index] ?? '', /TS2322/, wrong);
  }
});

test('each key of the type has the description that the schema has', () => {
  const plain = (text: string): string => text.replace(/\s*\n\s*\*\s*/g, ' ').trim();
  const documented = new Map<string, Set<string>>();
  for (const [, comment = '', key = ''] of INTENT.matchAll(
    /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*readonly '?([\w-]+)'?\??:/g,
  )) {
    documented.set(key, (documented.get(key) ?? new Set()).add(plain(comment)));
  }
  const missing: string[] = [];
  const visit = ({ properties = {}, additionalProperties, items }: Schema): void => {
    for (const [key, value] of Object.entries(properties)) {
      if (value.description && !documented.get(key)?.has(value.description)) {
        missing.push(`${key}: ${value.description}`);
      }
      visit(value);
    }
    if (additionalProperties) visit(additionalProperties);
    if (items) visit(items);
  };
  visit(SCHEMA);
  assert.equal(missing, []);
});

test('every golden intent that is right assigns to the type', () => {
  // Names, owners and permissions that are numbers are taken as they are written: that is of text alone.
  const right = caseNames().filter((name) => !/^(?:bad-|(?:awkward-names|taps)$)/.test(name));
  const values = right.map((name, index) => {
    const value: unknown = parse(intentOf(name), { merge: true });
    const isFleet = Object.keys(value ?? {}).some((key) => key === 'hosts' || key === 'defaults');
    const type = isFleet ? 'FleetIntent' : 'Intent';
    return `const case${index}: ${type} = ${JSON.stringify(value)}; // ${name}`;
  });
  assert.ok(values.length > 60, `${values.length} intents`);
  const source = `import type { FleetIntent, Intent } from 'macvtap-render';\n${values.join('\n')}\nexport {};\n`;
  const [good, bad] = compiled([{ source }, { source: source.replace('"parent":', '"parnt":') }]);
  assert.is(good, '');
  assert.match(bad ?? '', /TS2\d+/);
});

test('the package has the types and the schemas', () => {
  const { files, exports } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    files: string[];
    exports: Record<string, string | { types: string }>;
  };
  assert.equal(exports['.'], { types: './dist/index.d.ts', default: './dist/index.js' });
  for (const name of [
    'index.d.ts',
    'intent.d.ts',
    'names.d.ts',
    'intent.schema.json',
    'output.schema.json',
    'THIRD-PARTY-NOTICES',
  ]) {
    assert.ok(files.includes(`dist/${name}`), name);
  }
  for (const name of ['intent', 'output']) {
    assert.is(exports[`./${name}.schema.json`], `./dist/${name}.schema.json`);
  }
});

test('every package in the bundles has its notice, with its licence whole', () => {
  const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES'), 'utf8');
  const names = new Set(
    inputs.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  assert.ok(names.size >= 10, [...names].join(' '));
  const [, list = ''] = /in part:\n\n((?: {2}.*\n)+)/.exec(notices) ?? [];
  const listed = list
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ')[0] ?? '');
  assert.equal([...listed].sort(), [...names].sort());
  for (const { name, version, text } of bundledPackages(REPOSITORY, inputs)) {
    assert.ok(notices.includes(`\n${name} ${version}\n`), name);
    assert.ok(notices.includes(text), name);
    assert.match(text, /copyright/i, name);
  }
  assert.throws(() => bundledPackages(REPOSITORY, ['node_modules/none/x.js']));
});

test.run();
