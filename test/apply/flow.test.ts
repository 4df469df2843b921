/** The flow of a change, on a world in which programs answer from a table. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FlowOptions, type Outcome, type Parts, runChange } from '../../src/apply/flow.ts';
import { SystemError } from '../../src/system.ts';
import { type FakeWorld, fakeSystem } from '../fake-system.ts';

const FOLDER = 'etc/macvtap-render';
const OPTIONS: FlowOptions = { seconds: 120, isReboot: false, confirmsItself: false };

const made: string[] = [];
test.after(() => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

interface World extends Pick<FakeWorld, 'entered' | 'isTerminal'> {
  /** What Ctrl-C interrupts: the first, second or third that it may. */
  readonly interrupted?: 1 | 2 | 3;
  /** What happens on the host at that moment. */
  readonly interrupting?: (host: Host) => void;
  /** Words of the script that fail. */
  readonly fails?: readonly string[];
  /** What happens on the host while the program waits; by the number of waits. */
  readonly meanwhile?: (waits: number, host: Host) => void;
  readonly parts?: Partial<Parts>;
  /** What happens on the host while it is verified. */
  readonly verifying?: (host: Host) => void;
  /** What the system refuses once the files are being written. */
  readonly refused?: SystemError;
}

interface Host {
  put(path: string): void;
  remove(path: string): void;
}

interface Seen extends Outcome {
  readonly words: readonly string[];
  readonly shown: readonly string[];
  readonly waits: readonly string[];
  readonly record: readonly string[];
}

/** Runs a change of a host whose script does what it is asked for, and only says so. */
function changed(world: World = {}, options: Partial<FlowOptions> = {}): Seen {
  const root = mkdtempSync(join(tmpdir(), 'macvtap-flow-'));
  made.push(root);
  const host: Host = {
    put(path) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    },
    remove: (path) => rmSync(join(root, path), { recursive: true }),
  };
  const words: string[] = [];
  let waits = 0;
  const system = fakeSystem({
    root,
    ...(world.isTerminal !== undefined && { isTerminal: world.isTerminal }),
    ...(world.entered && { entered: world.entered }),
    programs: {
      sh: ([, word = '', ...rest]) => {
        words.push([word, ...rest].join(' '));
        if (world.fails?.includes(word))
          return { status: 1, stderr: `macvtap: ${word} is wrong\n` };
        if (word === 'confirm' || word === 'rollback') host.remove(FOLDER);
        return 'macvtap: done\n';
      },
    },
  });
  const passes = <T>(answer: T): T => {
    waits += 1;
    world.meanwhile?.(waits, host);
    return answer;
  };
  let interruptible = 0;
  const shown: string[] = [];
  const texts: string[] = [];
  const outcome = runChange(
    {
      ...system,
      untilInterrupt(act) {
        interruptible += 1;
        if (interruptible !== world.interrupted) return system.untilInterrupt(act);
        world.interrupting?.(host);
        return undefined;
      },
      sleep: (milliseconds) => passes(system.sleep(milliseconds)),
      waitForEnter: (milliseconds) =>
        milliseconds === 0 ? system.waitForEnter(0) : passes(system.waitForEnter(milliseconds)),
    },
    {
      install(onKept) {
        host.put(`${FOLDER}/pending/change`);
        onKept();
        if (world.refused) throw world.refused;
      },
      log: () => ['logged'],
      isInPlace: () => true,
      ...world.parts,
      verify: () => {
        world.verifying?.(host);
        return world.parts?.verify?.() ?? [];
      },
    },
    { ...OPTIONS, ...options },
    {
      begins: (name) => void shown.push(name),
      ends() {},
      finds: (found) => void shown.push(...found.map(({ message }) => message)),
      waits: (text) => void texts.push(text),
    },
  );
  return { ...outcome, words, shown, waits: texts, record: system.record };
}

test('--yes: armed before anything is in place, confirmed once it is verified', () => {
  const order: string[] = [];
  const { result, words, steps } = changed(
    {
      parts: {
        verify: () => {
          order.push('verify');
          return [];
        },
      },
    },
    { confirmsItself: true },
  );
  assert.is(result, 'confirmed');
  assert.equal(words, ['arm 120', 'activate', 'confirm']);
  assert.equal(order, ['verify']);
  assert.equal(
    steps.map(({ name, isDone }) => `${name} ${isDone}`),
    ['arm true', 'install true', 'activate true', 'verify true', 'confirm true'],
  );
});

test('what cannot be armed is not installed, and what is kept is given up', () => {
  let isWritten = false;
  const { result, words } = changed({
    fails: ['arm'],
    parts: {
      install(onKept) {
        onKept();
        isWritten = true;
      },
    },
  });
  // Nothing was kept in this world: nothing is to be rolled back.
  assert.is(result, 'refused');
  assert.not.ok(isWritten);
  assert.equal(words, []);
});

test('an installation, an activation or a verification that fails is rolled back at once', () => {
  const fails = (parts: Partial<Parts>, world: World = {}) => changed({ ...world, parts });
  const failed = changed({
    refused: new SystemError('refused', '/etc/x', 'no space left on the device'),
  });
  assert.equal(failed.words, ['arm 120', 'rollback']);
  assert.is(failed.result, 'rolled-back');
  assert.match(
    failed.steps.find(({ name }) => name === 'install')?.lines.join(' ') ?? '',
    /no space/,
  );
  const activation = changed({ fails: ['activate'] });
  assert.equal(activation.words, ['arm 120', 'activate', 'rollback']);
  const wrong = fails({
    verify: () => [{ severity: 'error', message: 'No route.', hint: 'Add it.' }],
  });
  assert.equal(wrong.words, ['arm 120', 'activate', 'rollback']);
  assert.equal(wrong.log, ['logged']);
  assert.is(wrong.result, 'rolled-back');
  assert.equal(
    wrong.differences.map(({ message }) => message),
    ['No route.'],
  );
  const warned = fails({
    verify: () => [{ severity: 'warning', message: 'Slow.', hint: 'Wait.' }],
  });
  assert.not.ok(warned.words.includes('rollback'));
});

test('the daemon is asked for its log where a change fails, and not where nobody confirms', () => {
  const over = changed({
    meanwhile: (waits, host) => {
      if (waits === 1) host.remove(FOLDER);
    },
    parts: { isInPlace: () => false },
  });
  assert.is(over.result, 'rolled-back');
  assert.equal(over.log, []);
});

test('a timer that fires while it is verified has rolled back, which is not a failure', () => {
  for (const isInPlace of [true, false]) {
    const { result, words } = changed({
      verifying: (host) => host.remove(FOLDER),
      parts: {
        verify: () => [{ severity: 'error', message: 'No route.', hint: 'Add it.' }],
        isInPlace: () => isInPlace,
      },
    });
    assert.is(result, isInPlace ? 'confirmed' : 'rolled-back');
    assert.equal(words, ['arm 120', 'activate']);
  }
});

test('a failed rollback is reported', () => {
  assert.is(changed({ fails: ['activate', 'rollback'] }).result, 'rollback-failed');
});

test('an error that is not a refusal of the system is an internal error', () => {
  assert.throws(
    () =>
      changed({
        parts: {
          install() {
            throw new TypeError('a fault');
          },
        },
      }),
    /a fault/,
  );
});

test('Enter confirms; what was typed before the question does not', () => {
  const { result, words, waits, record } = changed({
    isTerminal: true,
    entered: ['timeout', 'timeout', 'enter'],
  });
  assert.is(result, 'confirmed');
  assert.is(words.at(-1), 'confirm');
  assert.match(waits[0] ?? '', /Press Enter\. It rolls back in 2:00\./);
  assert.match(waits[2] ?? '', /It rolls back in 1:58\./);
  assert.is(waits.at(-1), '');
  assert.is(
    record.find((line) => line.startsWith('wait ')),
    'wait 0',
    'discarded first',
  );
});

test('what was found is shown before somebody decides', () => {
  const WARNING = { severity: 'warning', message: 'It is slow.', hint: 'Wait.' } as const;
  const { shown, result } = changed({
    isTerminal: true,
    entered: ['enter'],
    parts: { verify: () => [WARNING] },
  });
  assert.is(result, 'confirmed');
  assert.equal(shown.slice(-3), ['verify', 'It is slow.', 'confirm']);
});

test('rolled back by its timer, or confirmed, while it is verified: what was seen then is not of the change', () => {
  const WRONG = { severity: 'error', message: 'There is no address.', hint: 'Wait.' } as const;
  for (const isInPlace of [false, true]) {
    const { result, words, differences } = changed({
      parts: { verify: () => [WRONG], isInPlace: () => isInPlace },
      verifying: (host) => host.remove(FOLDER),
    });
    assert.is(result, isInPlace ? 'confirmed' : 'rolled-back');
    assert.equal(words, ['arm 120', 'activate'], 'there is nothing to roll back');
    assert.equal(
      differences.map(({ message }) => message),
      isInPlace ? [] : ['The change was rolled back before its verification ended.'],
    );
  }
});

test('a terminal that is closed does not confirm, and is not asked without end', () => {
  const { result, words, waits } = changed({
    isTerminal: true,
    entered: ['closed'],
    meanwhile: (waits, host) => {
      if (waits === 3) host.remove(FOLDER);
    },
    parts: { isInPlace: () => false },
  });
  assert.is(result, 'rolled-back');
  assert.not.ok(words.includes('confirm'));
  assert.match(waits[1] ?? '', /^Keep it\? Run `macvtap-render confirm`\. It rolls back in 1:59\./);
});

test('confirmed or rolled back by another run: the files show which', () => {
  for (const isInPlace of [true, false]) {
    const { result, words } = changed({
      meanwhile: (waits, host) => {
        if (waits === 2) host.remove(FOLDER);
      },
      parts: { isInPlace: () => isInPlace },
    });
    assert.is(result, isInPlace ? 'confirmed' : 'rolled-back');
    assert.equal(words, ['arm 120', 'activate']);
  }
});

test('a rollback that is under way is waited for; one that stays claimed has failed', () => {
  const claimed = (host: Host): void => {
    host.remove(`${FOLDER}/pending`);
    host.put(`${FOLDER}/pending.claimed/change`);
  };
  const over = changed({
    meanwhile: (waits, host) => {
      if (waits === 1) claimed(host);
      if (waits === 6) host.remove(FOLDER);
    },
    parts: { isInPlace: () => false },
  });
  assert.is(over.result, 'rolled-back');
  const stuck = changed({
    meanwhile: (waits, host) => {
      if (waits === 1) claimed(host);
    },
  });
  assert.is(stuck.result, 'rollback-failed');
});

test('a timer that never comes is not waited for without end', () => {
  const { result } = changed({});
  assert.is(result, 'rollback-failed');
});

test('--reboot: armed for after the reboot, and nothing is activated', () => {
  const { result, words } = changed({}, { isReboot: true, seconds: 300 });
  assert.is(result, 'waits-for-reboot');
  assert.equal(words, ['arm 300 reboot']);
});

test('--yes that comes too late says what became of the change', () => {
  const { result } = changed(
    {
      fails: ['confirm'],
      meanwhile: (waits, host) => {
        if (waits === 1) host.remove(FOLDER);
      },
      parts: { isInPlace: () => false },
    },
    { confirmsItself: true },
  );
  assert.is(result, 'rolled-back');
});

test('Ctrl-C while it activates, verifies or waits: the change stays pending, with its countdown', () => {
  for (const interrupted of [1, 2, 3] as const) {
    const { result, words, waits } = changed({ interrupted });
    assert.is(result, 'pending', `${interrupted}`);
    assert.not(words.some((word) => word === 'confirm' || word === 'rollback'));
    assert.is(waits.at(-1), '');
  }
});

test('Ctrl-C after the change was rolled back reports the rollback', () => {
  const rolledBack = (host: Host): void => host.remove(FOLDER);
  const { result } = changed({
    interrupted: 3,
    interrupting: rolledBack,
    parts: { isInPlace: () => false },
  });
  assert.is(result, 'rolled-back');
});

test.run();
