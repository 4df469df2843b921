/** The broadcast queue of a shim's parent: no daemon sets it on a device that exists, and it outlives the shim. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { queueWords } from '../../src/backends/shared/ip-words.ts';
import { compile } from '../../src/compile.ts';
import { intentOf } from '../golden/cases.ts';
import { installedOn, type Rendered, rendered } from './changed-host.ts';
import { copiesOf, type FakeHost, fakeHost, IP } from './fake-host.ts';

const QUEUES = 'parent: eth0\n    broadcast-queue-length: 5000\n    broadcast-queue-threshold: 4';
const WITHOUT = intentOf('original');
const WITH = WITHOUT.replace('parent: eth0', QUEUES);
/** The threshold of systemd 256, which the oldest target has not. */
const withQueue = (backend = 'networkd', intent = WITH): Rendered => {
  const set = rendered(intent, backend);
  const length = 'BroadcastMulticastQueueLength=5000\n';
  const files = set.files.map(({ path, text }) => {
    return { path, text: text.replace(length, `${length}BroadcastQueueThreshold=4\n`) };
  });
  return { ...set, files };
};
const LEFT = ['1', '1000'];
const SET = ['4', '5000'];

const run = (host: FakeHost, word: string): string => {
  const { status, output } = host.change([word]);
  assert.is(status, 0, output);
  return output;
};
const queues = (host: FakeHost): (string | undefined)[] => [
  host.link('eth0')?.['bclim'],
  host.link('veth0')?.['bcqueuelen'],
];
const confirmedWith = (make: () => Rendered) =>
  copiesOf(() => {
    const host = fakeHost();
    installedOn(host, make());
    run(host, 'activate');
    run(host, 'confirm');
    return host;
  });
const plain = confirmedWith(() => rendered(WITHOUT));
const queued = confirmedWith(withQueue);

test('a queue that only the new files set is the default after a rollback, also with netplan', () => {
  for (const backend of ['networkd', 'netplan-networkd']) {
    const host = plain();
    installedOn(host, withQueue(backend));
    run(host, 'activate');
    assert.equal(queues(host), SET, backend);
    assert.match(run(host, 'rollback'), /as it was before the change/);
    assert.equal(queues(host), LEFT, backend);
  }
});

test('a queue that the files no longer set is the default at once, and as it was after a rollback', () => {
  const host = queued();
  installedOn(host, rendered(WITHOUT));
  run(host, 'activate');
  assert.equal(queues(host), LEFT);
  run(host, 'rollback');
  assert.equal(queues(host), SET);
});

test('the threshold does not stay at the parent when its shim is deleted', () => {
  const host = queued();
  installedOn(host, rendered(WITHOUT.replaceAll('veth0', 'veth7')));
  run(host, 'activate');
  assert.is(host.link('veth0'), undefined);
  assert.is(host.link('eth0')?.['bclim'], '1');
});

test('nor at the parent that its shim leaves for another one, and it follows the shim back', () => {
  const host = queued();
  host.addLink('eth1', { address: '52:54:00:00:00:02', mtu: '1500' });
  const moved = withQueue('networkd', WITH.replace('parent: eth0', 'parent: eth1'));
  installedOn(host, moved);
  run(host, 'activate');
  assert.is(host.link('veth0')?.['parent'], 'eth1');
  assert.is(host.link('eth0')?.['bclim'], '1');
  assert.is(host.link('eth1')?.['bclim'], '4');
  run(host, 'rollback');
  assert.is(host.link('veth0')?.['parent'], 'eth0');
  assert.is(host.link('eth0')?.['bclim'], '4');
  assert.is(host.link('eth1')?.['bclim'], '1');
});

/** An `ip` that sets no queue: the kernel refuses it (2), or it does not know the words. */
const REFUSING = `
case "$*" in
  *bclim* | *bcqueuelen*) exit 2 ;;
  'link help macvlan') [ ! -e "$FAKE/knows" ] || echo 'Usage: ... macvlan [bcqueuelen LEN] [bclim BCLIM]' >&2 ;;
  *) exec "$FAKE/ip" "$@" ;;
esac
`;

test('a change succeeds with an ip(8) that does not know the words, and has a problem where the kernel refuses', () => {
  for (const isKnown of [false, true]) {
    const host = fakeHost({ ip: REFUSING });
    host.write('/ip', `#!/bin/sh\nFAKE='${host.root}'\n${IP}`, 0o755);
    if (isKnown) host.write('/knows', '');
    installedOn(host, withQueue());
    const { status, output } = host.change(['activate']);
    assert.is(status, isKnown ? 1 : 0, output);
    for (const word of ['bclim', 'bcqueuelen']) {
      assert.is(output.includes(`This ip(8) does not know ${word}: `), !isKnown, output);
    }
    assert.is(output.includes('The broadcast queue of veth0 is not set.'), isKnown);
    const back = host.change(['rollback']);
    assert.is(back.status, isKnown ? 1 : 0, back.output);
    assert.is(back.output.includes('The broadcast queue of veth0 is not the default.'), isKnown);
  }
});

test('ifupdown: what a stanza has set is reset before the stanza goes', () => {
  const host = fakeHost();
  installedOn(host, withQueue('ifupdown'));
  run(host, 'activate');
  host.addLink('veth0', { kind: 'macvlan', parent: 'eth0', mode: 'bridge', address: 'x' });
  host.addLink('eth0', { bclim: '4' });
  host.commands();
  run(host, 'rollback');
  assert.is(host.link('eth0')?.['bclim'], '1');
});

test('the reason of a threshold is that of its value: without a queue nothing waits in it', () => {
  const why = (threshold: string): string[] => {
    const text = WITH.replace('threshold: 4', `threshold: ${threshold}`);
    const { model } = compile(text, { file: 'intent.yaml', backends: ['ifupdown'] });
    return (model?.shims ?? []).flatMap(queueWords).map((word) => word.why);
  };
  assert.match(why('4')[1] ?? '', /^Multicast frames that more links than this receive are queued/);
  assert.match(why('-1')[1] ?? '', /^No multicast frame is queued/);
});

test('nothing is reset where no file has set it', () => {
  const host = plain();
  installedOn(host, rendered(WITHOUT.replace('.50/24', '.60/24')));
  host.commands();
  run(host, 'activate');
  assert.not.match(host.commands().join('\n'), /bclim|bcqueuelen/);
  assert.is(host.link('eth0')?.['bclim'], undefined);
});

test.run();
