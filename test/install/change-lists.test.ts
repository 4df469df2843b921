/** The lists of an activation and a rollback are in memory: a full disk has no room for them. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installedOn, rendered } from './changed-host.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const PENDING = '/etc/macvtap-render/pending';
const LISTS = '/run/macvtap-work';
const MAIN = `source /etc/network/interfaces.d/*
source-directory interfaces.d
  source  more.d/lan
auto lo
iface lo inet loopback
`;
/** Keeps the file that it gets, and whether a list is on the disk. */
const IFDOWN = `cp "$2" "$FAKE/stanzas"; ls -d "$FAKE/etc/macvtap-render"/pending*/work 2>/dev/null >>"$FAKE/on-disk"`;

function activated(): FakeHost {
  const host = fakeHost({ ifdown: IFDOWN, ifup: '', ifquery: '' });
  host.write('/etc/network/interfaces', MAIN);
  installedOn(host, rendered(undefined, 'ifupdown'));
  return host;
}

test('stanzas that go are read from the copy, by absolute and by relative names', () => {
  const host = activated();
  host.change(['activate']);
  const copy = join(host.root, PENDING, 'before/etc/network');
  const sources = (host.read('/stanzas') ?? '').split('\n').filter((line) => /source/.test(line));
  assert.equal(sources, [
    `source ${copy}/interfaces.d/*`,
    `source-directory ${copy}/interfaces.d`,
    `  source  ${copy}/more.d/lan`,
  ]);
});

test('no list is on the disk, and none is left in memory', () => {
  const host = activated();
  for (const word of ['activate', 'rollback']) {
    host.change([word]);
    assert.is(host.read('/on-disk'), '', word);
    assert.not.ok(existsSync(join(host.root, LISTS)), word);
  }
});

test('without /run they are on the disk, and go with the copies', () => {
  const host = activated();
  rmSync(join(host.root, 'run'), { recursive: true });
  host.write('/run', '');
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(host.read('/on-disk') ?? '', /pending\/work/);
  assert.not.ok(existsSync(join(host.root, PENDING, 'work')));
});

test('where /run has too little room they are on the disk', () => {
  const host = activated();
  const full = `case "$*" in '-c 65536 '*) [ -e "$FAKE/asked" ] || { : >"$FAKE/asked"; printf x; exit 1; } ;; esac
PATH=/usr/bin:/bin
exec head "$@"`;
  writeFileSync(join(host.root, '../bin/head'), `#!/bin/sh\nFAKE='${host.root}'\n${full}\n`, {
    mode: 0o755,
  });
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
  assert.match(host.read('/on-disk') ?? '', /pending\/work/);
});

test('those of an activation that was killed go with a confirmation', () => {
  const host = activated();
  host.write(`${LISTS}/gone`, '');
  assert.is(host.change(['confirm']).status, 0);
  assert.not.ok(existsSync(join(host.root, LISTS)));
});

test('who reads a list stops early, and nobody complains in a service', () => {
  const host = fakeHost();
  const set = rendered();
  installedOn(host, set);
  for (let number = 0; number < 400; number += 1) {
    host.write(`/etc/systemd/network/10-netplan-x${number}.netdev`, '');
  }
  assert.ok(set.files.some(({ path }) => path.endsWith('.netdev')));
  const { status, output } = host.change(['activate']);
  assert.is(status, 0, output);
});

test.run();
