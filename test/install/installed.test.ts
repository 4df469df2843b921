/** Which back end has written a set of files, as the files alone show. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendsIn } from '../../src/backends/generated.ts';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';

const HOSTS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

/** Path → text, as each back end writes them for a case. */
function setsOf(name: string, ids: readonly string[]): Map<string, Map<string, string>> {
  const { sets = [] } = compile(intentOf(name), { file: name, backends: ids, ...targetOf(name) });
  return new Map(
    sets.map(({ backend, files }) => [backend, new Map(files.map((one) => [one.path, one.text]))]),
  );
}

test('every set is known by its files, whatever the case', () => {
  let sets = 0;
  for (const name of caseNames()) {
    for (const [backend, files] of setsOf(name, HOSTS)) {
      sets += 1;
      // Without a link for its YAML, netplan over NetworkManager writes what NetworkManager alone does.
      const isWithoutYaml = /^netplan-n.*manager$/.test(backend) && !files.has(YAML);
      const expected = isWithoutYaml ? 'networkmanager' : backend;
      assert.equal(backendsIn(files), [expected], `${name} ${backend}`);
    }
  }
  assert.ok(sets >= 300, `${sets} sets`);
});

const YAML = '/etc/netplan/60-macvtap.yaml';

test('two installed back ends are both reported; no files, or files of guests, are none', () => {
  const sets = setsOf('original', [...HOSTS, 'libvirt', 'iproute2']);
  const of = (id: string): [string, string][] => [...(sets.get(id) ?? [])];
  assert.equal(backendsIn(new Map([...of('ifupdown'), ...of('networkmanager')])).sort(), [
    'ifupdown',
    'networkmanager',
  ]);
  assert.equal(backendsIn(new Map()), []);
  assert.equal(backendsIn(new Map([...of('libvirt'), ...of('iproute2')])), []);
});

test.run();
