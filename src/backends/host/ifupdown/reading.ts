/** Whether ifupdown reads the generated file and brings its links up at boot. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { claimsOf, fits } from '../foreign.ts';
import { type Interfaces, isIncluded } from './tree.ts';

/** Findings if ifupdown does not read the generated file, or not all of it. */
export function judgeReading(
  tree: Interfaces,
  rendered: readonly RenderedFile[],
  model: Model,
): Finding[] {
  const generated = rendered.find(({ path }) =>
    path.startsWith('/etc/network/interfaces.d/'),
  )?.path;
  if (generated === undefined) return [];
  const main = '/etc/network/interfaces';
  const found: Finding[] = [];
  if (tree.off) {
    found.push(
      finding(
        'ifupdown-ignores-links',
        tree.off.path,
        '`CONFIGURE_INTERFACES=no`: ifupdown brings nothing up at boot.',
        {
          line: tree.off.line,
          hint: 'Remove the line.',
        },
      ),
    );
  }
  for (const { name } of claimsOf(model)) {
    const excluded = tree.excluded.find(({ pattern }) => fits(pattern, name));
    if (!excluded) continue;
    const message = `\`EXCLUDE_INTERFACES\`: ifupdown does not bring \`${name}\` up at boot.`;
    const hint = `Remove \`${excluded.pattern}\`.`;
    found.push(
      finding('ifupdown-ignores-links', excluded.path, message, { line: excluded.line, hint }),
    );
  }
  const isNoted = tree.includes.some(
    (included) =>
      isIncluded(included, generated) && !(included.name && tree.program === 'ifupdown2'),
  );
  if (tree.main ? !isNoted : tree.isInstalled) {
    const message = tree.main
      ? `It does not include \`${generated}\`: ifupdown does not read it.`
      : `It does not exist: ifupdown reads nothing, \`${generated}\` included.`;
    found.push(finding('ifupdown-ignores-links', main, message));
  }
  for (const { path, line, because } of tree.refusals) {
    if (tree.program === 'ifupdown2') continue;
    const isAll = path === main && tree.program === 'ifupdown';
    const effect = isAll ? 'reads nothing at all' : 'reads this file no further';
    found.push(
      finding('ifupdown-file-refused', path, `Classic ifupdown ${effect}: ${because}.`, {
        line,
        ...(!isAll && { severity: 'warning' }),
      }),
    );
  }
  return found;
}
