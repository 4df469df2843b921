/** What `doctor` found, drawn: the running guests, who answers, and where it breaks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { foundIn } from '../../src/draw/found.ts';
import { drawingSvg } from '../../src/draw/svg.ts';
import { treeText } from '../../src/draw/text.ts';
import { device, facts, gateway, guestProbe, MODEL, silent } from '../doctor/facts.ts';
import { modelOf } from '../status/hosts.ts';

const OTHER_MAC = '52:54:00:51:01:c7';

const drawn = (found: Facts) => foundIn(MODEL, { ...found, causes: diagnose(found) });

const treeOf = (found: Facts): string[] =>
  treeText(drawn(found)).map((line) => line.replace(/, (?:MAC|198\.51\.100\.50).*?(?=, !|$)/, ''));

test('of a healthy host nothing is marked; its guests are those that run, and who answers', () => {
  const found = facts({ guests: [device({ guest: 'vm1' })], probes: [gateway(), guestProbe()] });
  assert.equal(diagnose(found), []);
  assert.equal(treeOf(found), [
    'LAN          gateway 198.51.100.254 answers',
    '└─ eth0      NIC, no address, MTU 9000',
    '   ├─ veth0  shim, macvlan, mode bridge',
    '   ├─ tap0   tap, macvtap, mode bridge',
    '   └─ vm1    guest, macvtap0, mode bridge',
  ]);
  assert.not.match(drawingSvg(drawn(found), []), /class="[^"]*breaks/);
});

test('the guest that breaks the path is marked, with the code of its cause', () => {
  const guests = [device({ guest: 'vm1', mode: 'vepa' }), device({ name: 'macvtap1', mac: '' })];
  const asked = { word: 'vm1', address: '198.51.100.198', isKnown: true };
  const found = facts({ guests, asked, probes: [gateway(), silent(guestProbe())] });
  assert.is(diagnose(found)[0]?.code, 'guest-mode');
  assert.equal(treeOf(found), [
    'LAN             gateway 198.51.100.254 answers',
    '└─ eth0         NIC, no address, MTU 9000',
    '   ├─ veth0     shim, macvlan, mode bridge',
    '   ├─ tap0      tap, macvtap, mode bridge',
    '   ├─ ! vm1     guest, macvtap0, mode vepa, ! guest-mode, ! guest 198.51.100.198: no answer',
    '   └─ macvtap1  guest, macvtap1, mode bridge',
  ]);
  const svg = drawingSvg(drawn(found), []);
  assert.match(svg, /class="box guest breaks"/);
  assert.match(svg, />! guest-mode<\/text>/);
  assert.match(
    svg,
    /guest vm1 on top of eth0: .*? It breaks here: guest-mode, guest 198\.51\.100\.198: no answer\./,
  );
  assert.not.match(svg, /Who reaches whom/);
});

const TWO = modelOf(
  'shims: {veth0: {parent: eth0, addresses: [198.51.100.50/24]}, veth1: {parent: eth1, addresses: [203.0.113.50/24]}}\nguests: {vm1: {parent: eth0}}',
);

test('a guest with two NICs is drawn once for each, and the one is marked that breaks the path', () => {
  const guests = [
    device({ guest: 'vm1' }),
    device({ guest: 'vm1', name: 'macvtap1', parent: 'eth1', mode: 'private', mac: OTHER_MAC }),
    { guest: 'vm1', type: 'network', parent: 'default', isUp: true },
  ];
  const answer = { role: 'guest', isAnswered: true };
  const drawing = foundIn(TWO, {
    guests,
    asked: { word: 'vm1' },
    probes: [
      { ...answer, address: '203.0.113.7', link: 'veth1', mac: OTHER_MAC },
      { ...answer, address: '198.51.100.198', link: 'veth0' },
      { ...answer, address: '203.0.113.9', link: 'veth1', isAnswered: false },
    ],
    causes: [{ code: 'guest-mode', link: 'macvtap1' }],
  });
  assert.is(new Set(drawing.nodes.map(({ id }) => id)).size, drawing.nodes.length);
  assert.equal(
    treeText(drawing)
      .filter((line) => line.includes('vm1'))
      .map((line) => line.replace(/, MAC [^,]*/, '')),
    [
      '   └─ vm1    guest, macvtap0, mode bridge, guest 198.51.100.198 answers',
      '   └─ ! vm1  guest, macvtap1, mode private, guest 203.0.113.7 answers, ! guest-mode, ! guest 203.0.113.9: no answer',
      'vm1          guest, no device, on default',
    ],
  );
  const boxes = drawing.nodes.filter(({ name }) => name === 'vm1').map(({ id }) => id);
  assert.equal(
    drawing.edges.filter(({ to }) => boxes.includes(to)).map(({ from }) => from),
    ['link eth0', 'link eth1'],
  );
});

test('a guest on a link that is not in the intent, without a device, and with a hostile name', () => {
  const guests = [
    { guest: '</text><script>', parent: 'br7', type: 'bridge', isUp: true },
    { guest: 'off', isUp: false },
  ];
  const tree = treeOf(facts({ guests }));
  assert.ok(tree.some((line) => line.includes('no device, on br7')));
  assert.ok(tree.some((line) => line.includes('no device, down')));
  assert.not.match(drawingSvg(drawn(facts({ guests })), []), /<script/);
});

test.run();
