/** What NetworkManager does where a profile has nothing: metrics by the kind of link (nm-settings-nmcli(5), route-metric). */
import { type FoundLink, itemsOf, scalarOf, set } from './found.ts';

const METRIC: Readonly<Record<string, number>> = {
  ethernet: 100,
  bond: 300,
  vlan: 400,
  macvlan: 410,
  bridge: 425,
};

/** IP6_RT_PRIO_USER of the kernel; the profile of the shim sets it. */
const OF_ADVERTISED = 1024;

/** Static routes have the metric of the link, too. */
export function addManagerDefaults(link: FoundLink): void {
  const metric = METRIC[link.kind];
  if (metric === undefined || link.master !== undefined) return;
  for (const entry of itemsOf(link, 'routes')) {
    const { value } = entry;
    if (typeof value !== 'object' || 'metric' in value || Array.isArray(value)) continue;
    const at = link.entries.indexOf(entry);
    link.entries.splice(at, 1, {
      ...entry,
      value: withMetric(value as Readonly<Record<string, string | number | boolean>>, metric),
    });
  }
  const [address] = itemsOf(link, 'addresses');
  if (address) {
    link.left.push({
      origin: address.origin,
      setting: `metric ${metric}`,
      why: `NetworkManager gives it to routes to the subnets of the link; on the shim they have the metric of the kernel.`,
      isNote: true,
    });
  }
  const advertised = link.entries.find(
    ({ key, value, origin: { path } }) =>
      key === 'accept-ra' && value === true && path !== undefined,
  );
  if (advertised && metric !== OF_ADVERTISED) {
    link.left.push({
      origin: advertised.origin,
      setting: `metric ${metric}`,
      why: `NetworkManager gives it to advertised routes; on the shim they have ${OF_ADVERTISED}, the metric of the kernel.`,
      isNote: true,
    });
  }
  const origin = { note: `default of NetworkManager for ${link.kind}` };
  if (
    scalarOf(link, 'dhcp4') === true &&
    scalarOf(link, 'dhcp4-overrides.route-metric') === undefined &&
    metric !== 100
  ) {
    set(link, 'dhcp4-overrides.route-metric', metric, origin);
  }
}

const withMetric = (
  { table, ...route }: Readonly<Record<string, string | number | boolean>>,
  metric: number,
) => ({ ...route, metric, ...(table !== undefined && { table }) });
