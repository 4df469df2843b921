/** Each key of the language changes what the model has of it, in some golden case. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isMap, isSeq, parseDocument } from 'yaml';
import { parse } from '../../src/intent/parse.ts';
import { OF_DEVICES, OF_INTENT, OF_PARTS } from '../../src/model/keys.ts';
import { resolve } from '../../src/model/resolve.ts';
import type { Model } from '../../src/model/types.ts';
import { caseNames, intentOf } from '../golden/cases.ts';

type Kind = keyof typeof OF_DEVICES;
type Steps = readonly (string | number)[];
const KINDS: readonly Kind[] = ['parents', 'shims', 'taps', 'guests'];

function modelOf(text: string): Model | undefined {
  const { intent, diagnostics } = parse('x', text);
  return intent && resolve(intent, diagnostics).draft;
}

/** A value of the model as text; of a parent, that is another link, its name. */
const printed = (value: unknown): string =>
  JSON.stringify(value, (key, part: unknown) =>
    key === 'origin' ? undefined : key === 'parent' ? (part as { name: string }).name : part,
  ) ?? 'nothing';

/** The properties of a device, or of a part of one, that differ without the key at `path`. */
function changedBy(document: ReturnType<typeof parseDocument>, path: Steps): Set<string> | 'all' {
  const other = document.clone();
  other.deleteIn(path);
  const [a, b] = [document, other].map((one) => ofOrigin(modelOf(String(one)), path.slice(0, -1)));
  const keys = [a, b].flatMap((one) => Object.keys(one ?? {}));
  // Without what it needs a route is gone, with all that it has and has not.
  if (!a || !b) return 'all';
  return new Set(keys.filter((key) => printed(a[key]) !== printed(b[key])));
}

type Properties = Readonly<Record<string, unknown>>;

/** The device, route, rule or client that has its origin at `path`. */
function ofOrigin(model: Model | undefined, path: Steps): Properties | undefined {
  const kind = path[0] as Kind;
  const devices: readonly object[] = [
    ...(model?.[kind] ?? []),
    ...(kind === 'parents' ? (model?.unmanaged ?? []) : []),
  ];
  const parts = devices.flatMap((device) =>
    Object.entries(device).flatMap(([key, value]) => (key === 'parent' ? [] : (value as object[]))),
  );
  return [...devices, ...parts].find(
    (one): one is Properties =>
      typeof one === 'object' && 'origin' in one && `${one.origin}` === `${path}`,
  );
}

/** Every key of a device in a golden case, and of what is in a key of one. */
function placesIn(document: ReturnType<typeof parseDocument>): Steps[] {
  const keysAt = (path: Steps): Steps[] => {
    const node = document.getIn(path);
    return isMap(node) ? node.items.map(({ key }) => [...path, String(key)]) : [];
  };
  const itemsAt = (path: Steps): Steps[] => {
    const node = document.getIn(path);
    return isSeq(node) ? node.items.map((_, index) => [...path, index]) : [path];
  };
  const ofDevices = KINDS.flatMap((kind) => keysAt([kind]).flatMap(keysAt));
  const ofParts = ofDevices
    .filter((path) => Object.hasOwn(OF_PARTS, String(path[2])))
    .flatMap(itemsAt)
    .flatMap(keysAt);
  return [...ofDevices, ...ofParts];
}

/** Keys of parents that golden cases have on shims. */
const MORE = [
  'version: 1\nparents: {eth0: {dhcp4: true, dhcp-identifier: duid, dns-default-route: false}}\n',
  'version: 1\nparents: {eth0: {accept-ra: true, ra-overrides: {table: 5}}}\n',
  'version: 1\nparents: {eth0: {addresses: [192.0.2.1/24], link-local: [ipv6], ignore-carrier: true, routing-policy: [{from: 192.0.2.1, table: 5}]}}\n',
];

test('each key changes its place in the model', () => {
  const missing = new Set<string>(
    Object.entries({ ...OF_DEVICES, ...OF_PARTS }).flatMap(([of, keys]) =>
      Object.entries<readonly string[]>(keys).flatMap(([key, places]) =>
        places.map((place) => `${of}.${key} → ${place}`),
      ),
    ),
  );
  const right = caseNames().filter((name) => !name.startsWith('bad-'));
  for (const text of [...right.map(intentOf), ...MORE]) {
    const document = parseDocument(text);
    if (document.errors.length > 0 || !isMap(document.contents)) continue;
    for (const path of placesIn(document)) {
      const [kind, , key] = path;
      const start = `${path.length > 3 ? key : kind}.${path.at(-1)} → `;
      const wanted = [...missing].filter((item) => item.startsWith(start));
      if (wanted.length === 0) continue;
      const changed = changedBy(document, path);
      for (const item of wanted) {
        if (changed === 'all' || changed.has(item.slice(start.length))) missing.delete(item);
      }
    }
  }
  assert.equal([...missing], []);
});

test('each key of the whole is read', () => {
  const text =
    'version: 1\nhost: kvm1\nrenderer: NetworkManager\nbackend: networkd\ntarget: arch\n';
  const lists = KINDS.map(
    (kind) => `${kind}: {x: {${kind === 'parents' ? '' : 'parent: eth0'}}}\n`,
  );
  const whole = modelOf(`${text}${lists.join('')}`);
  const empty = modelOf('version: 1\n');
  for (const [key, places] of Object.entries(OF_INTENT)) {
    for (const place of places) {
      assert.is.not(printed(whole?.[place]), printed(empty?.[place]), key);
    }
  }
});

test.run();
