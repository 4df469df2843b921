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
  {
    part: /^(diagnostics\/codes|diagnostics\/fix|diagnostics\/visible|system|view\/(octal|ownership|place|shell))$/,
    may: /^$/,
  },
  { part: /^diagnostics\//, may: /^diagnostics\// },
  // Entries name keys that a table of versions has.
  { part: /^view\/rendered$/, may: /^(diagnostics\/.*|targets\/since|view\/place)$/ },
  { part: /^view\//, may: /^(view|diagnostics)\// },
  { part: /^targets\//, may: /^targets\// },
  // The words that other systems have for a bond's and a bridge's parameters.
  {
    part: /^intent\/language\/parameters$/,
    may: /^(intent\/language\/words|targets\/since)$/,
  },
  { part: /^intent\//, may: /^(intent\/.*|diagnostics\/.*|system)$/ },
  { part: /^model\/types$/, may: /^(diagnostics\/diagnostic|intent\/schema)$/ },
  { part: /^model\//, may: /^(model\/.*|diagnostics\/.*|intent\/(schema|slips))$/ },
  // Back ends: what several share, what else is on a host, and each one's own folder.
  {
    part: /^backends\/backend$/,
    may: /^(backends\/host\/foreign|backends\/shared\/(activation|file-links)|diagnostics\/.*|model\/types|targets\/target|view\/(place|rendered))$/,
  },
  { part: /^backends\/registry$/, may: /^(backends\/(backend|[a-z0-9]+\/index)|model\/types)$/ },
  {
    part: /^backends\/(generated|places)$/,
    may: /^(backends\/(registry|shared\/file-links)|view\/place)$/,
  },
  {
    part: /^backends\/shared\//,
    may: /^(backends\/shared\/.*|diagnostics\/.*|model\/(derive|ip|parameters|types)|targets\/.*|view\/.*)$/,
  },
  {
    part: /^backends\/host\//,
    may: /^(backends\/(backend|host\/.*|shared\/.*)|diagnostics\/.*|model\/(ip|types)|targets\/target|view\/.*)$/,
  },
  // netplan writes files of both its renderers.
  {
    part: /^backends\/netplan\//,
    may: /^(backends\/(backend|(host|netplan|networkd|networkmanager|shared)\/.*)|diagnostics\/.*|fit|model\/(derive|parameters|types)|targets\/.*|view\/.*)$/,
  },
  // A back end never sees the intent, the installation or a sibling.
  {
    part: /^backends\/([a-z0-9]+)\//,
    may: /^(backends\/(backend|host\/.*|shared\/.*|OWN\/.*)|diagnostics\/.*|model\/(derive|parameters|types)|targets\/.*|view\/.*)$/,
  },
  { part: /^fit$/, may: /^(backends\/backend|diagnostics\/.*|targets\/.*|view\/.*)$/ },
  {
    part: /^selection$/,
    may: /^(backends\/(backend|registry)|diagnostics\/.*|intent\/(schema|slips)|model\/types|targets\/.*)$/,
  },
  {
    part: /^compile$/,
    may: /^(backends\/(backend|host\/host-defaults)|diagnostics\/.*|fit|intent\/(parse|source)|model\/(on-host|resolve|types)|selection|targets\/.*|view\/rendered)$/,
  },
  {
    part: /^compile-fleet$/,
    may: /^(compile|diagnostics\/.*|intent\/(edits|fleet|parse|positions|source)|model\/(fleet|types)|selection)$/,
  },
  { part: /^fix-blame$/, may: /^(diagnostics\/.*|intent\/(edits|regions|source))$/ },
  {
    part: /^fix-attempt$/,
    may: /^(compile-fleet|diagnostics\/.*|fix-blame|intent\/(edits|fleet|positions|source))$/,
  },
  {
    part: /^fix-texts$/,
    may: /^(compile-fleet|diagnostics\/.*|fix-(attempt|blame)|intent\/fleet)$/,
  },
  // What is done with files and models.
  { part: /^changes\//, may: /^(changes\/.*|diagnostics\/visible|model\/types)$/ },
  { part: /^draw\//, may: /^(draw\/.*|diagnostics\/visible|model\/types)$/ },
  { part: /^report\//, may: /^(report\/.*|diagnostics\/.*|intent\/(edits|positions|source))$/ },
  {
    part: /^install\//,
    may: /^(install\/.*|backends\/(backend|generated|places|host\/.*|shared\/(activation|file-links))|changes\/.*|diagnostics\/.*|model\/(ip|on-host|types)|system|targets\/target|view\/.*)$/,
  },
  {
    part: /^doctor\//,
    may: /^(doctor\/.*|status\/.*|kernel\/.*|diagnostics\/.*|model\/(ip|types)|report\/text|system)$/,
  },
  // libvirt's domains, and how they follow the host.
  {
    part: /^domains\//,
    may: /^(domains\/.*|backends\/host\/foreign|diagnostics\/.*|kernel\/types|model\/types|system|view\/shell)$/,
  },
  // A host becomes an intent: its files are read by the grammars of `backends/host`.
  {
    part: /^adopt\//,
    may: /^(adopt\/.*|backends\/(generated|host\/.*)|compile|diagnostics\/.*|domains\/.*|intent\/language\/parameters|kernel\/types|model\/(derive|ip)|targets\/.*|view\/(ownership|shell))$/,
  },
  // The running host: what it says, and how that differs from a model.
  { part: /^kernel\//, may: /^(kernel\/.*|model\/(ip|types)|system)$/ },
  {
    part: /^status\//,
    may: /^(status\/.*|kernel\/.*|backends\/shared\/sysctl|diagnostics\/.*|model\/(ip|types)|report\/text)$/,
  },
  {
    part: /^apply\//,
    may: /^(apply\/.*|backends\/(backend|host\/.*)|diagnostics\/.*|domains\/.*|install\/.*|kernel\/.*|model\/types|status\/.*|system)$/,
  },
  {
    part: /^package\//,
    may: /^(package\/.*|backends\/(backend|host\/cloud-init|places|registry)|compile|diagnostics\/.*|install\/change-script|intent\/(positions|source)|model\/types|report\/output(s\/render)?|view\/.*)$/,
  },
  {
    part: /^explain\//,
    may: /^(explain\/.*|backends\/(backend|registry)|compile|diagnostics\/.*|intent\/(language\/.*|positions|schema|source)|report\/.*|selection|view\/.*|#(key-)?examples)$/,
  },
  // The two faces: the library and the command; and the worlds they run in.
  { part: /^index$/, may: /^(backends\/registry|library\/.*|targets\/distributions)$/ },
  { part: /^library\//, may: /^(?!(index|main)$|(build|cli|help|node)\/).*/ },
  { part: /^help\/topics$/, may: /^#guides$/ },
  {
    part: /^cli\/(usage|command-help|option-help)$/,
    may: /^(backends\/registry|cli\/(command-help|command-line|option-help)|help\/topics|package\/packagings)$/,
  },
  {
    part: /^cli\/(command-line|nearest|option(s|-rules|-values))$/,
    may: /^(cli\/(command-(help|line)|nearest|option(s|-help|-rules|-values))|apply\/duration|diagnostics\/codes|backends\/registry|model\/types|package\/packagings|selection|targets\/.*)$/,
  },
  { part: /^cli\//, may: /^(?!(index|main)$|(build|library|node)\/).*/ },
  // The page: the core's functions, and no world but the browser's.
  {
    part: /^web\//,
    may: /^(?!(index|main)$|(adopt|apply|build|cli|doctor|help|kernel|library|native|node|status)\/).*/,
  },
  { part: /^node\//, may: /^(node\/.*|system|view\/ownership)$/ },
  {
    part: /^native\/(?:main|search)$/,
    may: /^(cli\/run|native\/.*|node\/node|system|\.\.\/package\.json)$/,
  },
  // What takes the place of Node's modules knows nothing of the program.
  { part: /^native\//, may: /^native\// },
  { part: /^main$/, may: /^(cli\/run|node\/node|\.\.\/package\.json)$/ },
  { part: /^build\//, may: /./ },
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

/** What nobody imports: programs, what the bundler puts in the place of `#…`, and a table that the compiler and a test hold. */
// What src/node/ imports by another name in the native binary, too.
const BEGINNINGS =
  /^(main|native\/(main|child-process|heap|interrupt|search|sleep)|web\/main|index|build\/.*|library\/names|model\/keys)$/;

const unused = (all: readonly string[]): string[] => {
  const imported = new Set(all.flatMap((file) => importsOf(file)));
  return all
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((module) => !BEGINNINGS.test(module) && !imported.has(module));
};

test('no module is left over: each is imported by another', () => {
  assert.equal(unused(files), []);
  // Without the command, nothing imports the module of its options.
  assert.ok(unused(files.filter((file) => !file.startsWith('cli/'))).length > 0);
});

test('a wrong arrow is noticed', () => {
  assert.is(violations('backends/networkd/view', ['backends/netplan/yaml']).length, 1);
  assert.is(violations('backends/networkd/view', ['intent/schema']).length, 1);
  assert.is(violations('backends/shared/sysctl', ['backends/networkd/devices']).length, 1);
  assert.is(violations('backends/ifupdown/check', ['backends/networkd/check']).length, 1);
  assert.is(violations('backends/host/foreign', ['backends/networkmanager/conf']).length, 1);
  assert.is(violations('view/template', ['backends/backend']).length, 1);
  assert.is(violations('install/write', ['package/tar']).length, 1);
  assert.is(violations('install/rank', ['backends/networkd/generated']).length, 1);
  assert.is(violations('install/interim', ['backends/netplan/interim']).length, 1);
  assert.is(violations('package/ansible', ['backends/networkd/places']).length, 1);
  assert.is(violations('kernel/read', ['status/drift']).length, 1);
  assert.is(violations('status/drift', ['doctor/diagnose']).length, 1);
  assert.is(violations('adopt/adopt', ['install/survey-all']).length, 1);
  assert.is(violations('status/drift', ['install/compare']).length, 1);
  assert.is(violations('report/text', ['backends/host/foreign']).length, 1);
  assert.is(violations('model/types', ['model/resolve']).length, 1);
  assert.is(violations('diagnostics/diagnostic', ['system']).length, 1);
  assert.equal(
    importsOf(
      'x/a.ts',
      "import { b } from './b.ts';\nconst c = await import('../c.ts');\nexport * from './d.ts';",
    ),
    ['x/b', 'c', 'x/d'],
  );
});

const LAB = new URL('lab/', import.meta.url);
/** The lab's folders: each imports only those before it; files beside them know the trials. */
const LAB_ORDER = ['image', 'network', 'judge', 'drive', 'trials'];

function labViolations(file: string, imports: readonly string[]): string[] {
  const rank = (path: string): number => LAB_ORDER.indexOf(path.split('/')[0] ?? '');
  return imports
    .filter((name) => rank(file) >= 0 && rank(name) > rank(file))
    .map((name) => `${file} imports ${name}`);
}

test('the lab: network on top of images, then judge, drive and trials', () => {
  const all = readdirSync(LAB, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const folders = new Set(
    all.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
  );
  assert.equal([...folders].sort(), [...LAB_ORDER].sort());
  const found = all.flatMap((file) =>
    labViolations(file, importsOf(file, readFileSync(new URL(file, LAB), 'utf8'))),
  );
  assert.equal(found, []);
  assert.is(labViolations('judge/check.ts', ['drive/scene']).length, 1);
});

/** Whether a module parses addresses that the model holds parsed. Those in files of a host are none. */
const parsesAgain = (module: string, text: string): boolean =>
  /^(model\/(?!ip$|resolve\/)|backends\/(?!host\/|shared\/file-links$)|changes\/|view\/|explain\/)/.test(
    module,
  ) && /\bparse(?:Ip|Cidr|Network)\b|from 'ipaddr/.test(text);

test('each address is parsed once, on its way into the model', () => {
  const modules = files.map((file) => file.replace(/\.ts$/, ''));
  const text = (module: string): string => readFileSync(new URL(`${module}.ts`, SRC), 'utf8');
  assert.equal(
    modules.filter((module) => parsesAgain(module, text(module))),
    [],
  );
  assert.ok(parsesAgain('model/rules/reach', 'const via = parseIp(route.via);'));
  assert.ok(parsesAgain('backends/networkd/network', "import ipaddr from 'ipaddr.js';"));
  assert.not.ok(parsesAgain('model/resolve/addressing', 'parseCidr(text)'));
});

/** Folders, endings and sections that some system's files have. */
const FORMAT =
  /\/etc\/(?:systemd|netplan|network|NetworkManager|sysctl\.d)\b|\.(?:nmconnection|netdev|network)\b['"`/$]|^\[(?:NetDev|Match|connection)\]/m;

/** What is done with files, whatever system they are for; the change script is a text for a host. */
const knowsFormats = (text: string): boolean => FORMAT.test(text);

test('what is done with files knows no format of any system: the back ends do', () => {
  const rooms = files.filter((file) => /^(?:apply|install|package|changes|status)\//.test(file));
  assert.ok(rooms.length > 40, `${rooms.length} files`);
  const found = rooms.filter((file) => knowsFormats(readFileSync(new URL(file, SRC), 'utf8')));
  assert.equal(found, []);
  for (const text of [
    "const DIRECTORY = '/etc/netplan';",
    "path.endsWith('.nmconnection')",
    'const NAME = /^00-macvtap-.+\\.netdev$/;',
  ]) {
    assert.ok(knowsFormats(text), text);
  }
});

test('no test file is longer than 700 lines', () => {
  const tests = new URL('./', import.meta.url);
  const lengths = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      file,
      lines: readFileSync(new URL(file, tests), 'utf8').split('\n').length,
    }));
  assert.ok(lengths.some(({ lines }) => lines > 300));
  assert.equal(
    lengths.filter(({ lines }) => lines > 700),
    [],
  );
});

test('only the implementations of System import node:, and only the build sees the world at build time', () => {
  const users = files.filter((file) => importsOf(file).some((name) => name.startsWith('node:')));
  const build = users.filter((file) => file.startsWith('build/'));
  assert.equal(build, [
    'build/bundle.ts',
    'build/code-cache.ts',
    'build/deb.ts',
    'build/debian.ts',
    'build/engine.ts',
    'build/modules.ts',
    'build/native.ts',
    'build/notices.ts',
    'build/parts.ts',
    'build/templates.ts',
    'build/texts.ts',
    'build/views.ts',
    'build/web.ts',
  ]);
  const others = users.filter((file) => !file.startsWith('build/'));
  assert.ok(others.includes('node/node.ts'));
  assert.equal(
    others.filter((file) => !file.startsWith('node/')),
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
