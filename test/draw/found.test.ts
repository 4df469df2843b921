/** What `doctor` found, drawn: the running guests, who answers, and where it breaks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import { foundIn } from '../../src/draw/found.ts';
import { drawingSvg } from '../../src/draw/svg.ts';
import { treeText } from '../../src/draw/text.ts';
import { device, facts, gateway, guestProbe, MODEL, silent } from '../doctor/facts.ts';

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
