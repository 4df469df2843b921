/** The scripts for a trial and for a change, as shells and shellcheck(1) read them: POSIX, and without a remark. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeScript } from '../../../src/install/change-script.ts';
import { targetOf } from '../../golden/cases.ts';
import { compileFor, modelOf } from '../case.ts';
import { run } from '../process.ts';
import type { Trial } from '../trial.ts';

const PART = 'scripts';
const BACKEND = 'iproute2';

const READERS = [
  ['shellcheck', '--shell=sh'],
  ['dash', '-n'],
  ['busybox', 'sh', '-n'],
];

/** shellcheck takes a second for each: together these have every step. */
const CHANGE = 'change';
const LINTED = [
  CHANGE,
  'awkward-names',
  'bridge-parent',
  'dual-stack',
  'mode-source',
  'policy-routing',
];

/** Wrong for each of them. */
const WRONG = '#!/bin/sh\nfor one in $1; do\n  [[ $one = a ]] && echo $one\n';

/** The data of a change script alone differs between hosts: of the most awkward one. */
const CHANGED = ['awkward-names', 'networkd'] as const;

function changeScriptOf(): readonly [text: string, name: string] {
  const [name, id] = CHANGED;
  const model = modelOf(name);
  const { files } = compileFor(name, id, targetOf(name).target);
  if (!model || !files) throw new Error(`nothing is rendered for ${name}`);
  return [changeScript({ id }, model, files), CHANGE];
}

/** One trial for all: most of each script is in all of them. */
export function scriptsOf(cases: readonly string[], backends: readonly string[]): Trial[] {
  if (!backends.includes(BACKEND)) return [];
  const texts = new Map([
    changeScriptOf(),
    ...cases.flatMap((name) =>
      (compileFor(name, BACKEND, targetOf(name).target).files ?? []).map(
        ({ text }) => [text, name] as const,
      ),
    ),
  ]);
  return [
    {
      part: PART,
      words: ['all scripts', BACKEND],
      repeat: ['--tier', '1', '--backend', BACKEND, '--only', PART],
      run: async () => {
        const directory = mkdtempSync(join(tmpdir(), 'macvtap-render-scripts-'));
        try {
          const files = [...texts].map(([text, name]) => {
            const path = join(directory, name);
            writeFileSync(path, text);
            return path;
          });
          const wrong = join(directory, 'wrong');
          writeFileSync(wrong, WRONG);
          const printed = [];
          for (const reader of READERS) {
            const ofGenerated = [];
            for (const file of files) {
              const isRead =
                reader[0] !== 'shellcheck' || LINTED.some((item) => file.endsWith(`/${item}`));
              if (isRead) ofGenerated.push(await run([...reader, file], '', 60));
            }
            const ofWrong = await run([...reader, wrong], '', 60);
            printed.push({ reader: reader.join(' '), ofOurs: ofGenerated, ofWrong });
          }
          return {
            failures: printed.flatMap(({ reader, ofOurs: ofGenerated, ofWrong }) => [
              ...ofGenerated
                .filter(({ status, stderr }) => status !== 0 || stderr !== '')
                .map(({ stdout, stderr }) => `${reader}: ${stdout}${stderr}`),
              ...(ofWrong.status === 0 ? [`${reader} lets a wrong script pass`] : []),
            ]),
          };
        } finally {
          rmSync(directory, { recursive: true, force: true });
        }
      },
    },
  ];
}
