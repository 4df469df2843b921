/** The names that there are, as types: back ends, targets and formats, each from its own table. */
import { backends } from '../backends/registry.ts';
import { packagings } from '../package/packagings.ts';
import { targetNames } from '../targets/distributions.ts';
import { DAEMONS } from '../targets/target.ts';

/** The text of `names.d.ts`, for `library/names.ts`. */
export function namesTypes(): string {
  const ids = backends.map(({ id }) => id);
  const formats = packagings.map(({ id }) => id);
  const daemons = DAEMONS.map((name) => `'${name.toLowerCase()}'`).join(' | ');
  return `/** What back ends, targets and formats are called. */

/** What files can be rendered for. */
export type BackendId =${union(ids)};

/** What must accept the files: a distribution, or versions (\`systemd=252,netplan=0.106\`). */
export type TargetName =${union(targetNames())}
  | \`\${${daemons}}=\${string}\`;

/** What \`pack\` makes of files. */
export type Format =${union(formats)};
`;
}

const union = (names: readonly string[]): string => names.map((name) => `\n  | '${name}'`).join('');
