/** A comparison → findings: how a tree differs from the rendered files, and the fix. */

import type { DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { octal } from '../view/octal.ts';
import { intentNamed } from '../view/ownership.ts';
import type { Compared, Comparison, State } from './compare.ts';
import type { Leftover } from './leftovers.ts';

const CODE: Readonly<Record<Exclude<State, 'same'>, DiagnosticCode>> = {
  missing: 'file-missing',
  changed: 'file-changed',
  mode: 'file-mode',
  owner: 'file-owner',
  edited: 'file-edited',
  'other-host': 'file-of-other-host',
  obstacle: 'file-in-the-way',
};

/** Differences that an installation fixes; others need a decision. */
const FIXED_BY_INSTALL: ReadonlySet<DiagnosticCode> = new Set([
  'file-missing',
  'file-changed',
  'file-mode',
  'file-owner',
  'file-extra',
  'file-left-over',
]);

export const isFixedByInstall = ({ code }: Finding): boolean => FIXED_BY_INSTALL.has(code);

const REPLACE = 'Move it away, or replace it with `--force`.';

/** Whether it is an obstacle that no option replaces. */
export const isStuck = ({ code, hint }: Finding): boolean =>
  code === 'file-in-the-way' && hint !== REPLACE;

/** @param ignoreRights a checkout of git keeps neither modes nor owners */
export function differences(
  { files, leftovers }: Comparison,
  { ignoreRights }: { readonly ignoreRights: boolean },
): Finding[] {
  return [
    ...files.flatMap((compared) => ofFile(compared, ignoreRights)),
    ...leftovers.flatMap(ofLeftover),
  ];
}

function ofFile(compared: Compared, ignoreRights: boolean): Finding[] {
  const { state, path } = compared;
  if (state === 'same' || (ignoreRights && (state === 'mode' || state === 'owner'))) return [];
  const message = messageOf(state, compared);
  const place =
    state === 'changed' || state === 'edited' ? { line: firstDifference(compared) } : {};
  const hint = state === 'obstacle' && compared.isReplaceable ? { hint: REPLACE } : {};
  return [finding(CODE[state], path, message, { ...place, ...hint })];
}

function messageOf(
  state: Exclude<State, 'same'>,
  { placement, rights, because }: Compared,
): string {
  switch (state) {
    case 'missing':
      return `The file is missing. ${placement.file.about?.why ?? ''}`;
    case 'changed':
      return 'Differs from the rendered file.';
    case 'mode':
      return `The mode is ${octal(rights?.mode ?? 0)}, and must be ${octal(placement.file.mode)}.`;
    case 'owner':
      return `The owner is ${rights?.uid}:${rights?.gid}, and must be root (0:0).`;
    default:
      return `It ${because}.`;
  }
}

function firstDifference({ text = '', placement }: Compared): number {
  const wanted = placement.file.text.split('\n');
  const lines = text.split('\n');
  const index = lines.findIndex((line, at) => line !== wanted[at]);
  return Math.max(1, Math.min(index === -1 ? lines.length : index + 1, lines.length));
}

function ofLeftover({ kind, path, text }: Leftover): Finding[] {
  switch (kind) {
    case 'orphan':
      return [finding('file-extra', path, 'Generated file no longer in the intent.')];
    case 'orphan-of-other':
      return [finding('file-of-other-host', path, `Generated from ${intentNamed(text)}.`)];
    case 'temporary':
      return [finding('file-left-over', path, 'Temporary file of an interrupted run.')];
    case 'no-file':
      return [
        finding(
          'file-in-the-way',
          path,
          'A directory with the name of a lock or of a temporary file.',
          {
            severity: 'warning',
            hint: 'Move it away, or remove it.',
          },
        ),
      ];
    case 'lock':
      // Of a run in progress, or of one that has ended and blocks nobody.
      return [];
  }
}
