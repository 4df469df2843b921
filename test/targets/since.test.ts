/** Keys are checked against the tables of versions by the compiler: `npm run typecheck` holds this. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inYaml } from '../../src/backends/netplan/link-yaml.ts';
import { networkEntry } from '../../src/backends/shared/networkd-words.ts';
import { targetFor } from '../../src/targets/floor.ts';
import { parseTarget } from '../../src/targets/requested.ts';
import { daemonOf, knows, sinceOf } from '../../src/targets/since.ts';
import { type Entry, entry } from '../../src/view/rendered.ts';

/** Such a key would be one that every version has. */
const isTakenForOld = ({ authority }: Entry): boolean =>
  daemonOf(authority) !== undefined && sinceOf(authority) === undefined;

test('a misspelt key does not compile, whoever makes the entry', () => {
  const misspelt: readonly Entry[] = [
    // @ts-expect-error: it is called `[Link] WakeOnLan=`
    entry('magic', 'A misspelt key.', 'systemd.link(5), [Link] WakeOnLAN=', []),
    // @ts-expect-error: it is called `RequiredForOnline`
    networkEntry('Link', 'RequireForOnline', 'no', 'A misspelt key.', []),
    // @ts-expect-error: `[DHCPv4]` has no such key, only `[IPv6AcceptRA]` has
    networkEntry('DHCPv4', 'DHCPv6Client', 'no', 'A key of another section.', []),
    // @ts-expect-error: it is called `ignore-carrier`
    inYaml('ignore-carriers', 'true', 'A misspelt key.', []),
    // @ts-expect-error: it is called `[ipv4] route1_options`
    entry('x', 'A misspelt key.', 'nm-settings-keyfile(5), [ipv4] route1_option', []),
  ];
  assert.equal(
    misspelt.map(isTakenForOld),
    misspelt.map(() => true),
  );
  const right: readonly Entry[] = [
    entry('magic', 'A key.', 'systemd.link(5), [Link] WakeOnLan=', []),
    networkEntry('Link', 'RequiredForOnline', 'no', 'A key.', []),
    entry('x', 'A key.', 'nm-settings-keyfile(5), [ipv4] route12_options', []),
  ];
  assert.equal(
    right.map(isTakenForOld),
    right.map(() => false),
  );
});

test('nor does a question for a key that is in no table', () => {
  const asked = parseTarget('systemd=219');
  if (typeof asked === 'string') throw new Error(asked);
  const target = targetFor(['networkd'], asked);
  // @ts-expect-error: it is called `IPv6AcceptRA`
  assert.ok(knows(target, 'systemd.network(5), [Network] IPv6AcceptRa='));
  assert.not.ok(knows(target, 'systemd.network(5), [Network] IPv6AcceptRA='));
});

test.run();
