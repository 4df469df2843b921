/** Arrows run one way: who may import whom. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SRC = new URL('../src/', import.meta.url);

/** Modules a file imports: paths below `src/` without their ending, or names of packages. */
function importsOf(file: string, text = readFileSync(new URL(file, SRC), 'utf8')): string[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map(([, a, b, c]) => {
    const name = a ?? b ?? c ?? '';
    return name.startsWith('.')
      ? posix.normalize(posix.join(posix.dirname(file), name)).replace(/\.ts$/, '')
      : name;
  });
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .sort();

/** Which modules of `src/` each part may import. First match counts. */
const RULES: readonly { readonly part: RegExp; readonly may: RegExp }[] = [
  { part: /^codes$/, may: /^$/ },
  { part: /^diagnostics$/, may: /^codes$/ },
  { part: /^(ownership|shell|system|visible)$/, may: /^$/ },
  { part: /^build\//, may: /./ },
  { part: /^main$/, may: /^(cli|node|\.\.\/package\.json)$/ },
  { part: /^node(-[a-z]+)?$/, may: /^(node(-[a-z]+)?|ownership|system)$/ },
  {
    part: /^cli$/,
    may: /^(index|options|help\/(usage|topics)|explain|reference|intent\/json-schema|commands\/.*)$/,
  },
  { part: /^commands\//, may: /^(commands\/.*|index|options)$/ },
  { part: /^help\/topics$/, may: /^#guides$/ },
  { part: /^help\/usage$/, may: /^(index|options|help\/topics)$/ },
  { part: /^keys$/, may: /^intent\/(schema|language\/addressing)$/ },
  { part: /^reference$/, may: /^(backends\/registry|compile|diagnostics|keys|report|#examples)$/ },
  { part: /^options$/, may: /^index$/ },
  { part: /^index$/, may: /^(?!cli|commands|node|main|build|options|help).*/ },
  {
    part: /^compile$/,
    may: /^(backends\/(distributions|fit|habits|registry|target|types)|diagnostics|intent\/(parse|source)|model\/(resolve|types))$/,
  },
  {
    part: /^fleet$/,
    may: /^(compile|diagnostics|intent\/(fleet|parse|source)|model\/fleet|positions)$/,
  },
  { part: /^intent\//, may: /^(intent\/.*|diagnostics|system)$/ },
  { part: /^model\/types$/, may: /^diagnostics$/ },
  { part: /^model\//, may: /^(model\/.*|diagnostics|intent\/schema)$/ },
  { part: /^backends\/registry$/, may: /^(backends\/(types|[a-z0-9]+\/index)|model\/types)$/ },
  // A back end never sees the intent, the emitters or a sibling; what two share lies beside types.ts.
  {
    part: /^backends\/([a-z0-9]+)\//,
    may: /^(backends\/[a-z-]+|backends\/OWN\/.*|model\/(types|derive)|diagnostics|ownership|shell|template)$/,
  },
  {
    part: /^backends\//,
    may: /^(backends\/[a-z-]+|model\/(types|derive)|diagnostics|template|ownership|shell)$/,
  },
  { part: /^template$/, may: /^backends\/types$/ },
  { part: /^emit\/changes$/, may: /^(changes-words|visible)$/ },
  { part: /^emit\/fleet-changes$/, may: /^(changes-(words|fleet)|emit\/changes|visible)$/ },
  { part: /^emit\/sarif$/, may: /^(backends\/foreign|diagnostics|visible)$/ },
  {
    part: /^emit\//,
    may: /^(backends\/types|diff|emit\/.*|folders|ownership|shell|strays|system|template)$/,
  },
  {
    part: /^packages$/,
    may: /^(backends\/(registry|types)|compile|diagnostics|emit\/package|install\/change-script|model\/types|positions|shell|template)$/,
  },
  { part: /^folders$/, may: /^system$/ },
  { part: /^strays$/, may: /^(emit\/places|folders|ownership|system)$/ },
  { part: /^diff$/, may: /^(emit\/places|folders|ownership|strays|system)$/ },
  { part: /^check$/, may: /^(backends\/foreign|diagnostics|diff|emit\/stream|ownership|strays)$/ },
  {
    part: /^contradictions$/,
    may: /^(backends\/foreign|emit\/tree|model\/(ip|types)|survey|system)$/,
  },
  { part: /^survey$/, may: /^(backends\/foreign|folders|emit\/places|ownership|system)$/ },
  { part: /^install\/recreated$/, may: /^install\/files\/(networkmanager|sections)$/ },
  {
    part: /^install\/change-script$/,
    may: /^(backends\/(activation|types)|model\/types|ownership|shell|template)$/,
  },
  {
    part: /^install\/steps$/,
    may: /^(backends\/types|install\/(change-script|recreated)|model\/types|shell)$/,
  },
  { part: /^install\/files\//, may: /^(install\/files\/.*|model\/types)$/ },
  { part: /^install\/running-host$/, may: /^model\/ip$/ },
  {
    part: /^install\/what-happens$/,
    may: /^(changes(-[a-z]+)?|emit\/changes|install\/(files\/.*|recreated)|model\/types|ownership)$/,
  },
  { part: /^changes(-[a-z]+)?$/, may: /^(changes(-[a-z]+)?|model\/types)$/ },
  { part: /^survey-all$/, may: /^(backends\/foreign|folders|emit\/places|survey|system)$/ },
  {
    part: /^network-owner$/,
    may: /^(backends\/(foreign|owner[a-z-]*|types)|emit\/places|model\/types|survey(-all)?|system)$/,
  },
  {
    part: /^target-host$/,
    may: /^(backends\/(target|target-host)|survey-all|system)$/,
  },
  // The package of that name, not our own module.
  { part: /^patch$/, may: /^diff$/ },
  { part: /^positions$/, may: /^(diagnostics|intent\/source)$/ },
  { part: /^report$/, may: /^(backends\/foreign|diagnostics|intent\/source|positions|visible)$/ },
  {
    part: /^explain$/,
    may: /^(backends\/types|intent\/source|emit\/stream|positions|report|template)$/,
  },
];

function violations(module: string, imports: readonly string[]): string[] {
  const rule = RULES.find(({ part }) => part.test(module));
  if (!rule) return [`${module}: no rule says what it may import`];
  const own = rule.part.exec(module)?.[1] ?? '';
  const may = new RegExp(rule.may.source.replaceAll('OWN', own));
  return imports
    .filter((name) => !/^[a-z@#]/.test(name) || files.includes(`${name}.ts`))
    .filter((name) => !may.test(name))
    .map((name) => `${module} imports ${name}`);
}

test('arrows run one way', () => {
  assert.ok(files.length > 30, `${files.length} files`);
  const found = files.flatMap((file) => violations(file.replace(/\.ts$/, ''), importsOf(file)));
  assert.equal(found, []);
});

test('a wrong arrow is noticed', () => {
  assert.is(violations('backends/networkd/view', ['backends/netplan/yaml']).length, 1);
  assert.is(violations('backends/networkd/view', ['intent/schema']).length, 1);
  assert.is(violations('model/types', ['model/resolve']).length, 1);
  assert.is(violations('diagnostics', ['system']).length, 1);
  assert.equal(
    importsOf(
      'x/a.ts',
      "import { b } from './b.ts';\nconst c = await import('../c.ts');\nexport * from './d.ts';",
    ),
    ['x/b', 'c', 'x/d'],
  );
});

test('only the implementations of System import node:, and only the build sees the world at build time', () => {
  const users = files.filter((file) => importsOf(file).some((name) => name.startsWith('node:')));
  const build = users.filter((file) => file.startsWith('build/'));
  assert.equal(build, [
    'build/bundle.ts',
    'build/notices.ts',
    'build/templates.ts',
    'build/texts.ts',
    'build/types.ts',
  ]);
  const others = users.filter((file) => !file.startsWith('build/'));
  assert.ok(others.includes('node.ts'));
  assert.equal(
    others.filter((file) => !/^node(-[a-z]+)?\.ts$/.test(file)),
    [],
  );
});

test('the flow is readable: compile.ts is short and names the stages in their order', () => {
  const text = readFileSync(new URL('compile.ts', SRC), 'utf8');
  const body = text.slice(text.indexOf('export function compile('));
  const at = ['parse(', 'resolve(', '.check(', '.render('].map((call) => body.indexOf(call));
  assert.ok(
    at.every((index) => index > 0),
    String(at),
  );
  assert.equal(
    [...at].sort((a, b) => a - b),
    at,
  );
  assert.ok(body.split('\n').length <= 40);
});

test.run();
