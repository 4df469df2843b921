/** Rules of udev that make NetworkManager ignore a link: NM_UNMANAGED, udev(7). */
import { type Finding, finding } from '../../../diagnostics/finding.ts';
import { type Claim, fits, type HostFile, merged, type Watch } from '../foreign.ts';
import { isByNetplan, type NetworkOwner } from '../network-owner.ts';
import { booleanOf } from './keyfile.ts';

/** Rules of packages are in /usr/lib, and not about specific links. */
const FOLDERS = ['/etc/udev/rules.d', '/run/udev/rules.d'];

export const udevWatches: readonly Watch[] = FOLDERS.map((folder) => ({
  folder,
  name: /\.rules$/,
}));

/** netplan writes them again at each boot, from YAML that is checked separately (and may be generated). */
const OF_NETPLAN = /^\/run\/.*netplan/;

export function judgeUdev(
  claims: readonly Claim[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  const rules = merged(files, FOLDERS)
    .filter(({ path }) => !(isByNetplan(owner) && OF_NETPLAN.test(path)))
    .flatMap(rulesOf);
  return claims.flatMap((claim) => {
    let last: Finding | undefined;
    for (const { path, line, terms, isUnmanaged } of rules) {
      const fit = fitsRule(terms, claim);
      if (fit === 'no') continue;
      if (!isUnmanaged && fit === 'yes') last = undefined;
      if (!isUnmanaged) continue;
      const does = fit === 'yes' ? 'does' : 'may';
      last = finding(
        'unmanaged-by-others',
        path,
        `With this udev rule, NetworkManager ${does} not manage \`${claim.name}\` (\`NM_UNMANAGED\`).`,
        {
          line,
          severity: fit === 'yes' && !OF_NETPLAN.test(path) ? 'error' : 'warning',
          hint: 'Remove the rule, or exclude the link from it.',
        },
      );
    }
    return last ? [last] : [];
  });
}

interface Term {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

interface Rule {
  readonly path: string;
  readonly line: number;
  readonly terms: readonly Term[];
  readonly isUnmanaged: boolean;
}

/** The rules that set NM_UNMANAGED; `\` at the end continues a line. */
function rulesOf({ path, text = '' }: HostFile): Rule[] {
  const rules: Rule[] = [];
  let parts: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (parts.length === 0 && line.startsWith('#')) continue;
    if (line.endsWith('\\')) {
      parts.push(line.slice(0, -1));
      continue;
    }
    const start = index + 1 - parts.length;
    const terms = termsOf([...parts, line].join(' '));
    parts = [];
    const set = terms.findLast(
      ({ key, operator }) => key === 'ENV{NM_UNMANAGED}' && /^:?=$/.test(operator),
    );
    if (!set) continue;
    rules.push({ path, line: start, terms, isUnmanaged: booleanOf(set.value) === true });
  }
  return rules;
}

/** `KEY{attribute}=="value"`, separated by commas. The text before a quote is parsed backwards. */
function termsOf(rule: string): Term[] {
  const parts = rule.split('"');
  return parts.flatMap((part, index) => {
    const value = parts[index + 1];
    if (index % 2 === 1 || value === undefined) return [];
    const [, key, operator] =
      /([A-Za-z]+(?:\{[^{}]*\})?)\s*(==|!=|[:+-]?=)\s*$/.exec(part.slice(-MOST_KEY)) ?? [];
    return key === undefined || operator === undefined ? [] : [{ key, operator, value }];
  });
}

/** Longer than any key with its attribute. */
const MOST_KEY = 128;

type Fit = 'yes' | 'no' | 'maybe';

/** By the names and MACs of a rule; other conditions depend on the host. */
function fitsRule(terms: readonly Term[], claim: Claim): Fit {
  const answers = terms
    .filter(({ operator }) => operator === '==' || operator === '!=')
    .map(({ key, operator, value }): Fit => {
      const fit = fitsTerm(key, value, claim);
      if (operator === '==' || fit === 'maybe') return fit;
      return fit === 'yes' ? 'no' : 'yes';
    });
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function fitsTerm(key: string, value: string, { name, mac, permanentMac, kind }: Claim): Fit {
  const patterns = value.split('|');
  switch (key) {
    case 'SUBSYSTEM':
      return patterns.some((pattern) => fits(pattern, 'net')) ? 'yes' : 'no';
    // One of these is true at some time for a link that comes up.
    case 'ACTION':
      return patterns.some((item) => /^(?:add|change|move|\*)$/.test(item)) ? 'yes' : 'no';
    case 'KERNEL':
    case 'NAME':
    case 'ENV{INTERFACE}':
    case 'ENV{ID_NET_NAME}':
      return patterns.some((pattern) => fits(pattern, name)) ? 'yes' : 'no';
    case 'ATTR{address}': {
      const own = mac ?? permanentMac;
      if (own === undefined) return 'maybe';
      return patterns.some((pattern) => fits(pattern.toLowerCase(), own)) ? 'yes' : 'no';
    }
    case 'ENV{ID_NET_DRIVER}':
      return kind === 'ethernet' || fits(value, kind) ? 'maybe' : 'no';
    default:
      return 'maybe';
  }
}
