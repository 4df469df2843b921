/** A parent that other files configure, with a guest on it, changes nothing of what is written for a host. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RenderedSet } from '../../src/compile.ts';
import { BACKENDS, type BackendId } from './backends.ts';
import { asJson, fingerprint, isAccepted, run, same } from './checks.ts';
import { intent } from './intents/intent.ts';
import { check, RUNS } from './runs.ts';

interface Written {
  parents?: Record<string, object>;
  guests?: Record<string, object>;
}

/** Too long for what the generators draw as a name. */
const NIC = 'unmanaged0';
const GUEST = 'guest-of-unmanaged0';

/** What boot waits for is left to the configuration of the unmanaged parent. */
const WAITS = /\/(?:systemd-networkd-wait-online\.service|network-online\.target)\.d\//;

const bytes = (sets: readonly RenderedSet[] | undefined): string =>
  fingerprint(
    sets?.map((set) => ({ ...set, files: set.files.filter(({ path }) => !WAITS.test(path)) })),
  );

test('an unmanaged parent with a guest changes no byte', () => {
  let count = 0;
  let rendered = 0;
  check(RUNS / 3, intent, asJson, (data) => {
    const text = asJson(data);
    const backend: BackendId = BACKENDS[count++ % BACKENDS.length] ?? 'networkd';
    const before = run(text, [backend]);
    if (!isAccepted(before) || !before.sets) return;
    const written = JSON.parse(text) as Written;
    const more = JSON.stringify({
      ...written,
      parents: { ...written.parents, [NIC]: { managed: false } },
      guests: { ...written.guests, [GUEST]: { parent: NIC } },
    });
    rendered += 1;
    same(
      bytes(run(more, [backend]).sets),
      bytes(before.sets),
      `${backend}: files with ${NIC} and without it, of\n${text}`,
    );
  });
  assert.ok(rendered > count / 2, `only ${rendered} of ${count} rendered`);
});

test.run();
