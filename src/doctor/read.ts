/** Collects what is known of a host: what is there, who answers, and what dropped packets meanwhile. */

import { ask } from '../kernel/ask.ts';
import { objectsIn, readObjects, textOf } from '../kernel/json.ts';
import { readKernel } from '../kernel/read.ts';
import type { KernelState, Manager } from '../kernel/types.ts';
import { parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';
import { driftOf } from '../status/drift.ts';
import { type System, SystemError } from '../system.ts';
import { conflicts } from './conflicts.ts';
import { neighbourTable, queuesBetween, readCounters, receivedBetween } from './counters.ts';
import type { Asked, Facts, GuestDevice, Probe, Twin } from './facts.ts';
import { askLibvirt, guestDevices } from './guests.ts';
import { readIpsec, readLosses } from './ipsec.ts';
import { notDelivered } from './lookups.ts';
import { arpAnswer, canPing, probe, targetsOf } from './probes.ts';
import { readReach } from './reach.ts';
import { droppedBetween, droppingIn } from './rules/counted.ts';
import { readRuleset } from './rules/read.ts';
import { readEntries, readSettings } from './settings.ts';

/** @param guest a name that libvirt knows, or an address; absent: none in particular */
export function readFacts(system: System, model: Model, manager: Manager, guest?: string): Facts {
  const state = readKernel(system, manager, model.taps);
  const guests = guestDevices(model, state, askLibvirt(system));
  const asked = guest === undefined ? undefined : askedFor(guest, guests, state);
  const missing: string[] = [];
  const before = {
    filters: droppingIn(readRuleset(system, missing)),
    counters: readCounters(system),
    losses: readLosses(system),
  };
  const targets = targetsOf(model, state, asked?.address);
  // A parent has its guests beside it, where it has a shim to them.
  const shims = new Map(model.shims.map(({ name, parent }) => [name, parent.name]));
  const asks = canPing(system);
  if (!asks) missing.push('ping');
  const probes = probe(system, state, targets, guests.length > 0 ? shims : new Map())
    // Who was not asked may answer; where packets leave is known.
    .filter(({ link, expected }) => asks || (expected !== undefined && link !== expected))
    .map((one) => withNic(system, model, state, guests, one, missing));
  const ruleset = readRuleset(system, []);
  const counters = readCounters(system);
  const table = neighbourTable(system);
  return {
    model,
    state,
    drift: driftOf(model, state),
    guests,
    ...(asked && { asked }),
    probes,
    ruleset,
    filters: droppedBetween(before.filters, droppingIn(ruleset)),
    notDelivered: notDelivered(system, model, state),
    reach: readReach(system, model, state, probes),
    entries: readEntries(system, model, state),
    ipsec: readIpsec(system, before.losses),
    settings: readSettings(system, model),
    queues: queuesBetween(before.counters, counters),
    received: receivedBetween(before.counters, counters),
    reversePathDrops: counters.reversePath - before.counters.reversePath,
    groups: groupsOf(system, guests),
    ...(table && { neighbourTable: table }),
    conflicts: conflicts(system, model, state, guests, missing),
    twins: twins(system, model, state),
    wireless: model.parents.map(({ name }) => name).filter((name) => isWireless(system, name)),
    missing: [...new Set(missing)],
  };
}

function askedFor(word: string, guests: readonly GuestDevice[], state: KernelState): Asked {
  const ip = parseIp(word);
  if (ip) return { word, address: ip.text, isKnown: true };
  const own = guests.filter((device) => device.guest === word);
  // The host may have learnt its address from its packets.
  const address = state.neighbours.find(({ mac }) =>
    own.some((device) => mac && device.mac === mac),
  );
  return { word, isKnown: own.length > 0, ...(address && { address: address.address }) };
}

/**
 * Does somebody answer the NIC's own MAC? Of a gateway that does not answer the shim's; and of a guest that is
 * there with a MAC that no device has: a NIC reaches every machine of the LAN, and no macvtap on top of itself.
 */
function withNic(
  system: System,
  model: Model,
  state: KernelState,
  guests: readonly GuestDevice[],
  one: Probe,
  missing: string[],
): Probe {
  const shim = model.shims.find(({ name }) => name === one.link);
  // A shim that takes frames of some MACs only hears nobody else, and the NIC does.
  const hasList = state.links.some(({ name, mode }) => name === one.link && mode === 'source');
  const isInQuestion =
    (hasList && one.mac === undefined) ||
    (one.role === 'gateway'
      ? one.mac === undefined
      : one.mac !== undefined && !one.isStatic && !guests.some(({ mac }) => mac === one.mac));
  if (!shim || one.isAnswered || one.address.includes(':') || !isInQuestion) return one;
  const answer = arpAnswer(system, shim.parent.name, one.address);
  if (!answer) missing.push('arping');
  if (!answer) return one;
  const { mac } = answer;
  return mac === undefined
    ? { ...one, answersNic: false }
    : { ...one, answersNic: true, macByNic: mac };
}

/** More devices than anybody asks about. */
const MAX_DEVICES = 50;

/** The multicast MACs that a guest's device takes: `ip -j maddr` (ip-maddress(8)). */
function groupsOf(system: System, guests: readonly GuestDevice[]): Map<string, readonly string[]> {
  const names = guests.flatMap(({ name }) => name ?? []).slice(0, MAX_DEVICES);
  return new Map(
    names.map((name) => {
      const { text } = ask(system, 'ip', ['-j', 'maddr', 'show', 'dev', name]);
      const [device] = readObjects(text ?? '') ?? [];
      const all = objectsIn(device?.['maddr']).flatMap((one) => textOf(one, 'link') ?? []);
      return [name, all.map((mac) => mac.toLowerCase())];
    }),
  );
}

/**
 * Two NICs may be in two LANs, where one MAC may be used twice (RFC 5798: virtual routers). Asked by the other NIC, a
 * shim answers where they are in one.
 */
function twins(system: System, { shims }: Model, state: KernelState): Twin[] {
  return shims.flatMap(({ name, addresses, parent }): Twin[] => {
    const own = state.links.find((link) => link.name === name);
    const address = addresses.find(({ family }) => family === 'ipv4')?.address;
    const other = state.links.find(
      (link) =>
        (link.kind === 'macvlan' || link.kind === 'macvtap') &&
        link.isUp &&
        link.parent !== undefined &&
        link.parent !== parent.name &&
        link.mac === own?.mac,
    );
    if (!other?.parent || address === undefined) return [];
    const answer = arpAnswer(system, other.parent, address);
    const isHeard = answer?.mac !== undefined && answer.mac === own?.mac;
    return isHeard ? [{ shim: name, other: other.name }] : [];
  });
}

/** Its driver registers a PHY of its own (cfg80211). @throws nothing: what cannot be looked at is not Wi-Fi */
function isWireless(system: System, name: string): boolean {
  if (/[/\s]/.test(name)) return false;
  try {
    const folder = system.openExisting(`/sys/class/net/${name}/phy80211`);
    folder?.close();
    return folder !== undefined;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
