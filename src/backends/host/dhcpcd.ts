/** dhcpcd as a service: it configures every link that its configuration does not deny (dhcpcd.conf(5)). */
import { type Finding, finding } from '../../diagnostics/finding.ts';
import { type Claim, fits, type HostFile, type Watch } from './foreign.ts';

const CONFIG = '/etc/dhcpcd.conf';
const WANTS = '/etc/systemd/system/multi-user.target.wants';

export const dhcpcdWatches: readonly Watch[] = [
  { folder: '/etc', name: /^dhcpcd\.conf$/ },
  { folder: WANTS, name: /^dhcpcd\.service$/ },
];

/** Raspberry Pi OS up to 11 has the service; under ifupdown there is none. */
export function judgeDhcpcd(claims: readonly Claim[], files: readonly HostFile[]): Finding[] {
  const isEnabled = files.some(({ folder }) => folder === WANTS);
  const config = files.find(({ path }) => path === CONFIG);
  if (!isEnabled || config?.text === undefined) return [];
  const lines = config.text.split('\n').map((raw, index) => {
    const [key = '', ...names] = raw.replace(/#.*/, '').trim().split(/\s+/);
    return { key, names, line: index + 1 };
  });
  const denied = namesAfter(lines, 'denyinterfaces');
  const allowed = namesAfter(lines, 'allowinterfaces');
  return claims
    .filter(({ name }) => !denied.some((pattern) => fits(pattern, name)))
    .filter(({ name }) => allowed.length === 0 || allowed.some((pattern) => fits(pattern, name)))
    .map(({ name }) => {
      const own = lines.find(({ key, names: [first] }) => key === 'interface' && first === name);
      return finding('dhcpcd-claims-link', CONFIG, `dhcpcd gives \`${name}\` addresses at boot.`, {
        ...(own && { line: own.line }),
        hint: `Add \`denyinterfaces ${name}\`.`,
      });
    });
}

const namesAfter = (
  lines: readonly { readonly key: string; readonly names: readonly string[] }[],
  wanted: string,
): string[] => lines.flatMap(({ key, names }) => (key === wanted ? names : []));
