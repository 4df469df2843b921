/** Facts → causes, the first one first: one ordered list, one cause a function. */

import * as bridge from './causes/bridge.ts';
import * as carrier from './causes/carrier.ts';
import type { FindCause } from './causes/cause.ts';
import * as conflict from './causes/conflict.ts';
import * as filters from './causes/filters.ts';
import * as others from './causes/filters-of-others.ts';
import * as guest from './causes/guest.ts';
import * as host from './causes/host.ts';
import * as ipsec from './causes/ipsec.ts';
import * as macs from './causes/macs.ts';
import * as modes from './causes/modes.ts';
import * as mtu from './causes/mtu.ts';
import * as path from './causes/path.ts';
import * as reach from './causes/reach.ts';
import * as routers from './causes/routers.ts';
import * as routing from './causes/routing.ts';
import * as settings from './causes/settings.ts';
import type { Cause, Facts } from './facts.ts';

/**
 * What is certain before what is likely, what is below before what is on top of it, the host before
 * its LAN and its LAN before guests. Reading it is reading the policy.
 */
const CAUSES: readonly FindCause[] = [
  host.unreadable,
  host.wifi,
  bridge.bridgePorts,
  host.links,
  carrier.carrierOfUsed,
  host.dormant,
  host.mtuBelowIpv6,
  host.arpOff,
  settings.arpNotSent,
  settings.ipv6Off,
  settings.ipv6OffForAll,
  settings.advertisements,
  others.advertisementsDropped,
  host.addresses,
  macs.duplicateMac,
  macs.duplicateMacOfLan,
  conflict.addressConflict,
  macs.duplicateMacOfTarget,
  macs.staticNeighbour,
  routing.coreRules,
  routing.ownAddresses,
  host.routes,
  routing.routeElsewhere,
  routing.detour,
  routing.answersElsewhere,
  reach.ownAnswers,
  reach.notTaken,
  routing.otherGateway,
  routers.rogueRouter,
  routing.markedElsewhere,
  routing.sourceElsewhere,
  routing.refusedNetworks,
  modes.noShim,
  modes.shimMode,
  modes.sourceList,
  guest.guestOutsideRoutes,
  filters.reversePath,
  reach.strictReturn,
  guest.guestMode,
  guest.guestElsewhere,
  macs.duplicateMacOfGuests,
  guest.guestDown,
  bridge.bridgeEntries,
  bridge.bridgeFlooding,
  ipsec.ipsecDrops,
  filters.queueDrops,
  filters.firewallDrops,
  filters.natRewrites,
  filters.firewallMayDrop,
  filters.xdp,
  filters.neighbourTable,
  // Who cannot ask for the MAC of this host answers only until it has to ask again.
  host.broadcasts,
  settings.arpIgnored,
  settings.arpIgnoredBeside,
  others.requestsDropped,
  others.besideDropped,
  others.addressDropped,
  host.otherMac,
  path.foreignMacs,
  modes.sourceListUnseen,
  path.gatewaySilent,
  guest.guestAbsent,
  guest.guestMacDiffers,
  guest.guestMulticast,
  guest.guestSilent,
  path.targetFirewall,
  mtu.narrowLink,
  mtu.smallerThanLan,
  mtu.pathMtu,
  settings.proxyArp,
  host.daemon,
  host.mac,
  routing.otherUplink,
  settings.echoIgnored,
  host.oddities,
];

/** Why host, guests and LAN do not reach each other; empty where nothing is found. */
export function diagnose(facts: Facts): readonly Cause[] {
  const found = CAUSES.flatMap((find) => find(facts));
  return found.filter(
    (one, index) => found.findIndex(({ message }) => message === one.message) === index,
  );
}
