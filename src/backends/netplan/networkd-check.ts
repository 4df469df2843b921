/** What netplan over systemd-networkd cannot express. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import { refusedIn } from '../../fit.ts';
import type { Link, Model } from '../../model/types.ts';
import type { Target } from '../../targets/target.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { routeView, ruleView } from '../networkd/routes.ts';
import { networkEntry } from '../shared/networkd-words.ts';
import { interfaceIdAt, whyInterfaceId } from '../shared/reasons.ts';
import { hasNoWord, hasNoWordForRule } from './drop-in.ts';

export const ID = 'netplan-networkd';

/** Keys that netplan writes for networkd from its YAML, and that this version of networkd lacks. */
export function checkWritten(model: Model, target: Target): Diagnostic[] {
  const inYamlFile = [...model.shims, ...model.parents.filter(({ hasMacvlans }) => !hasMacvlans)];
  const views = inYamlFile.map((link) => ({
    routes: link.routes
      .filter((route) => !hasNoWord(route))
      .map((route) => routeView(route, target)),
    rules: link.rules.filter((rule) => !hasNoWordForRule(rule)).map(ruleView),
    token: writtenToken(link),
  }));
  return refusedIn({ views }, target, ID);
}

/** netplan writes the older name of the key, with a prefix that the daemon has not always known. */
function writtenToken(link: Link): Entry | undefined {
  const why = whyInterfaceId(link);
  if (link.addressToken !== undefined)
    return entry(
      link.addressToken,
      why,
      'systemd.network(5), [Network] IPv6Token= (static:)',
      interfaceIdAt(link),
    );
  return link.addressGeneration === 'stable-privacy'
    ? networkEntry('Network', 'IPv6Token', 'prefixstable', why, interfaceIdAt(link))
    : undefined;
}

/** The file that leaves guests' devices unmanaged sorts before netplan's own files. */
export const checkShadowed = (model: Model): Diagnostic[] =>
  [...model.parents, ...model.shims]
    .filter(({ name }) => name.startsWith('macvtap'))
    .map(({ name, origin }) =>
      diagnostic('name-shadowed', origin, `\`${name}\` begins as guests' devices do.`, {
        backend: ID,
        at: 'key',
      }),
    );

/** netplan refuses overrides that differ between the families (netplan-yaml(5), DHCP overrides). */
export function checkOverrides({ dhcp4, dhcp6, origin }: Link): Diagnostic[] {
  if (!dhcp4 || !dhcp6) return [];
  const shared = [
    ['use-dns', dhcp4.useDns ?? true, dhcp6.useDns ?? true],
    ['use-domains', dhcp4.useDomains, dhcp6.useDomains],
    ['use-ntp', dhcp4.useNtp ?? true, dhcp6.useNtp ?? true],
    ['use-hostname', dhcp4.useHostname ?? true, dhcp6.useHostname ?? true],
  ] as const;
  return shared
    .filter(([, four, six]) => four !== six)
    .map(([key]) =>
      diagnostic(
        'overrides-differ',
        [...origin, 'dhcp6-overrides'],
        `\`${key}\` differs from that in \`dhcp4-overrides\`.`,
        { backend: ID, at: 'key' },
      ),
    );
}
