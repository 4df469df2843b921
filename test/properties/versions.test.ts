/** What a version does not know is not written, and what is dropped is announced. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compilation, compile, type RenderedSet } from '../../src/compile.ts';
import { targetNames } from '../../src/targets/distributions.ts';
import { parseTarget } from '../../src/targets/requested.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
import { BACKENDS } from './backends.ts';
import { asJson, checkAnswer, checkSet, fingerprint, run, same } from './checks.ts';
import { type Files, fail } from './description.ts';
import { hasStatic } from './expected/addressing.ts';
import { ignoresCarrier } from './expected/links.ts';
import { hasMacvlans, nodesOf } from './expected/nodes.ts';
import type { IntentData } from './intents/data.ts';
import { intent } from './intents/intent.ts';
import { print } from './intents/print.ts';
import { checkText } from './readers/text.ts';
import { check, RUNS } from './runs.ts';
import { isAtLeast, type Setting, settingsOf, sinceOf } from './since.ts';
import { words } from './texts.ts';

const NEWEST = targetOf('systemd=999,networkmanager=9.0,netplan=9.0');

function targetOf(text: string): TargetSpec {
  const target = parseTarget(text);
  return typeof target === 'string' ? fail(target) : target;
}

/** A distribution, or versions of the three, many of them old. */
const targetText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...targetNames()),
  fc
    .record({
      systemd: fc.integer({ min: 219, max: 262 }),
      manager: fc.integer({ min: 10, max: 56 }),
      netplan: fc.constantFrom(
        ...words(
          '0.95 0.97 0.98 0.99 0.100 0.101 0.102 0.103 0.104 0.106 0.107 1.0 1.0.1 1.1.2 1.2',
        ),
      ),
    })
    .map(
      ({ systemd, manager, netplan }) =>
        `systemd=${systemd},networkmanager=1.${manager},netplan=${netplan}`,
    ),
);

/** No key in the files that the version does not know. */
function checkKnown(files: Files, { name, versions }: TargetSpec): void {
  for (const setting of settingsOf(files)) {
    const version = versions[setting.daemon]?.join('.') ?? fail(`no version of ${setting.daemon}`);
    for (const since of sinceOf(setting)) {
      if (!isAtLeast(version, since))
        fail(
          `${name}: ${setting.key}=${setting.value} in ${setting.path}, since ${since} of ${setting.daemon}`,
        );
    }
  }
}

/** What is dropped, or expressed otherwise, is announced: by the name of its key. */
function checkAnnounced(
  data: IntentData,
  newer: RenderedSet,
  older: RenderedSet,
  diagnostics: Compilation['diagnostics'],
): void {
  const { backend: backendId } = newer;
  const textOf = ({ path, key, value }: Setting): string => `${path} ${key}=${value}`;
  const left = settingsOf(filesOf(older));
  const kept = new Set(left.map(textOf));
  const announced = diagnostics
    .filter(({ backend }) => backend === backendId)
    .filter(({ code, severity }) => severity === 'error' || ANNOUNCING.has(code))
    .map(({ message }) => message);
  const isNamed = ({ key }: Setting): boolean =>
    announced.some((message) => message.includes(key.replace(/^.*[ .]/, '')));
  const whole = settingsOf(filesOf(newer));
  const isKept = (setting: Setting): boolean =>
    kept.has(textOf(setting)) ||
    // With `-`, a line of sysctl.d(5) may fail; that it may not does no harm.
    setting.key.startsWith('sysctl') ||
    (setting.key === 'netplan ignore-carrier' && isCarrierKept(data, left)) ||
    left.some(({ key }) => IN_OTHER_WORDS[setting.key]?.includes(key)) ||
    // NetworkManager before 1.36 makes the gateway a neighbour by itself, and fails if the file does so, too.
    textOf(setting).includes(' keyfile [ipv4] routeN_options=onlink') ||
    // A section under its older name.
    (kept.has(textOf(setting).replace('[DHCPv4]', '[DHCP]')) &&
      announced.some((message) => message.includes('[DHCPv4]')));
  // A file goes with what it is for.
  const isGone = ({ path }: Setting): boolean =>
    left.every((other) => other.path !== path) &&
    whole.some((other) => other.path === path && isNamed(other));
  const silent = whole.find((item) => !isKept(item) && !isNamed(item) && !isGone(item));
  if (silent)
    fail(
      `${backendId}: ${textOf(silent)} is dropped without a word; announced:\n${announced.join('\n')}`,
    );
}

/** Words that netplan has had since 1.1, and what a file of networkd says before. */
const IN_OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  'netplan ipv6-address-generation': [
    'network [IPv6AcceptRA] Token',
    'network [Network] IPv6Token',
  ],
  'netplan ra-overrides.use-dns': ['network [IPv6AcceptRA] UseDNS'],
  'netplan ra-overrides.use-domains': ['network [IPv6AcceptRA] UseDomains'],
  'netplan ra-overrides.table': ['network [IPv6AcceptRA] RouteTable'],
};

/** What an older netplan has no word for, a file of its renderer says, where there are addresses. */
function isCarrierKept(data: IntentData, left: readonly Setting[]): boolean {
  const nodes = nodesOf(data);
  const isNeeded =
    nodes.some((node) => ignoresCarrier(node) && hasStatic(node.given) && !hasMacvlans(node)) ||
    [...(data.shims?.values() ?? [])].some((shim) => shim['ignore-carrier'] && hasStatic(shim));
  return !isNeeded || left.some(({ key }) => key === 'network [Network] ConfigureWithoutCarrier');
}

const ANNOUNCING: ReadonlySet<string> = new Set(['left-out-for-target', 'older-spelling']);

const filesOf = (set: RenderedSet): Files =>
  new Map(set.files.map(({ path, text }) => [path, text]));

const aimed = fc.record({
  data: intent,
  target: targetText,
  backend: fc.constantFrom(...BACKENDS),
});

test('what a version does not know is not written, and what is dropped is announced', () => {
  let rendered = 0;
  check(
    RUNS / 4,
    aimed,
    ({ data, target, backend }) =>
      `--backend ${backend} --target ${target}\n${print(data, { notation: 'block', seed: 1 })}`,
    ({ data, target: name, backend }) => {
      const text = asJson(data);
      const target = targetOf(name);
      const newest = run(text, [backend], NEWEST);
      checkAnswer(text, newest, [backend]);
      for (const set of newest.sets ?? []) {
        checkSet(set.files, backend, data, true);
        const older = run(text, [backend], target);
        checkAnswer(text, older, [backend]);
        const [aged] = older.sets ?? [];
        if (!aged) continue;
        rendered += 1;
        for (const { path, text: written } of aged.files) checkText(path, written, data.host);
        checkKnown(filesOf(aged), target);
        checkAnnounced(data, set, aged, older.diagnostics);
      }
    },
  );
  console.log(`\n  ${rendered} sets for targets`);
  assert.ok(rendered > RUNS / 20, `only ${rendered} sets for targets`);
});

/** What the compiler says, apart from where it stands. */
const answered = ({ sets, diagnostics }: Compilation): string =>
  `${fingerprint(sets)}\n${diagnostics.map(({ code, path, backend }) => [code, path, backend].join(' ')).join('\n')}`;

test('`backend` and `target` of the intent render what the command line would, which wins', () => {
  const isOther = (backend: string): string => (backend === 'networkd' ? 'ifupdown' : 'networkd');
  check(
    RUNS / 6,
    aimed,
    ({ data, target, backend }) =>
      print({ ...data, backend, target }, { notation: 'block', seed: 1 }),
    ({ data: { backend: _, ...data }, target, backend }) => {
      const asked = run(asJson(data), [backend], targetOf(target));
      const file = 'intent.yaml';
      same(
        answered(compile(asJson({ ...data, backend, target }), { file })),
        answered(asked),
        target,
      );
      same(
        answered(compile(asJson({ ...data, backend: [backend], target }), { file })),
        answered(asked),
        target,
      );
      const contrary = asJson({ ...data, backend: isOther(backend), target: 'arch' });
      same(answered(run(contrary, [backend], targetOf(target))), answered(asked), contrary);
      // The negative: without the options it is another answer.
      const other = compile(contrary, { file });
      if (asked.sets && other.sets) assert.is.not(answered(other), answered(asked));
    },
  );
});

test.run();
