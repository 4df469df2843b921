/** `/etc/network/interfaces` without stanzas: what is not of these links stays byte for byte. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutStanzas } from '../../src/backends/host/ifupdown/without.ts';

const DEBIAN = `# This file describes the network interfaces
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

# The primary network interface
allow-hotplug eth0
iface eth0 inet static
    address 198.51.100.50/24
    # the gateway
    gateway 198.51.100.254
iface eth0 inet6 auto

auto eth1 eth0 \\
     br0
iface br0 inet manual
    bridge_ports eth1
`;

test('stanzas and names in lists go, and nothing else', () => {
  assert.is(
    withoutStanzas(DEBIAN, ['eth0', 'veth0']),
    `# This file describes the network interfaces
source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

# The primary network interface
    # the gateway

auto eth1 br0
iface br0 inet manual
    bridge_ports eth1
`,
  );
});

test('nothing of these links: nothing to write', () => {
  assert.is(withoutStanzas(DEBIAN, ['eth7', 'eth']), undefined);
  assert.is(withoutStanzas('', ['eth0']), undefined);
});

test('names that are patterns are not taken for any', () => {
  assert.is(withoutStanzas('auto eth0\n', ['eth.', '*', 'e']), undefined);
});

test('whatever the text is: lines of other links stay, in their order', () => {
  const word = fc.constantFrom(
    'auto',
    'iface',
    'eth0',
    'eth1',
    'inet',
    'static',
    '#',
    '\\',
    'address',
  );
  const line = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = lines.join('\n');
      const result = withoutStanzas(text, ['eth0']);
      if (result === undefined) return;
      assert.is(withoutStanzas(result, ['eth0']), undefined, 'once is enough');
      // A line after a backslash is the end of the one before.
      assert.not.match(result, /(?<!\\\n)^\s*iface eth0\b/m);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test.run();
