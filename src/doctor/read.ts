/** Collects what is known of a host: what is there, who answers, and what dropped packets meanwhile. */
import { ask, readKernel, textAt } from '../kernel/read.ts';
import type { KernelState, Manager } from '../kernel/types.ts';
import { parseIp } from '../model/ip.ts';
import type { Model } from '../model/types.ts';
import { driftOf } from '../status/drift.ts';
import { type System, SystemError } from '../system.ts';
import type { Asked, Facts, Filter, GuestDevice, Probe } from './facts.ts';
import { droppedBetween, readIptables, readNftables } from './firewall.ts';
import { askLibvirt, guestDevices } from './guests.ts';
import { arpAnswer, probe, reversePathDrops, targetsOf } from './probes.ts';

/** @param guest a name that libvirt knows, or an address; absent: none in particular */
export function readFacts(system: System, model: Model, manager: Manager, guest?: string): Facts {
  const state = readKernel(system, manager);
  const guests = guestDevices(model, state, askLibvirt(system));
  const asked = guest === undefined ? undefined : askedFor(guest, guests, state);
  const missing: string[] = [];
  const before = { filters: filters(system, missing), drops: drops(system) };
  const targets = targetsOf(model, state, asked?.address);
  const probes = probe(system, state, targets).map((one) => withNic(system, model, one, missing));
  return {
    model,
    state,
    drift: driftOf(model, state),
    guests,
    ...(asked && { asked }),
    probes,
    filters: droppedBetween(before.filters, filters(system, [])),
    reversePathDrops: drops(system) - before.drops,
    conflicts: conflicts(system, model, state, guests, missing),
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

const drops = (system: System): number =>
  reversePathDrops(textAt(system, '/proc/net/netstat') ?? '');

function filters(system: System, missing: string[]): Filter[] {
  const nft = ask(system, 'nft', ['-j', 'list', 'ruleset']);
  const ofNft = nft.text === undefined ? undefined : readNftables(nft.text);
  if (!ofNft) missing.push('nft');
  const ofIptables = (['iptables', 'ip6tables'] as const).flatMap((name) =>
    // What the one shows as nftables' the other does not have.
    (ofNft ? [`${name}-legacy-save`] : [`${name}-save`, `${name}-legacy-save`]).flatMap(
      (program) => {
        const { text } = ask(system, program, ['-c']);
        const family = name === 'iptables' ? 'ip' : 'ip6';
        return text === undefined ? [] : readIptables(text, program.replace(/-save$/, ''), family);
      },
    ),
  );
  return [...(ofNft ?? []), ...ofIptables];
}

/** Where nobody answers the shim's MAC: does somebody answer the NIC's? */
function withNic(system: System, model: Model, one: Probe, missing: string[]): Probe {
  const shim = model.shims.find(({ name }) => name === one.link);
  const isSilent = !one.isAnswered && one.mac === undefined && !one.address.includes(':');
  if (!shim || !isSilent || one.role !== 'gateway') return one;
  const answer = arpAnswer(system, shim.parent.name, one.address);
  if (!answer) missing.push('arping');
  if (!answer) return one;
  const { mac } = answer;
  return mac === undefined
    ? { ...one, answersNic: false }
    : { ...one, answersNic: true, macByNic: mac };
}

/** A host with many addresses is not to be asked about for minutes. */
const MAX_ADDRESSES = 8;

function conflicts(
  system: System,
  { shims, parents }: Model,
  state: KernelState,
  guests: readonly GuestDevice[],
  missing: string[],
): Map<string, string> {
  const found = new Map<string, string>();
  // Behind the MAC of a guest's device is the guest; a tap of the host answers for the host.
  const theirs = new Set(guests.map(({ name }) => name));
  const ownMacs = new Set(
    state.links.filter(({ name }) => !theirs.has(name)).flatMap(({ mac }) => mac ?? []),
  );
  const own = [...shims, ...parents].flatMap(({ name, addresses }) =>
    addresses.filter(({ family }) => family === 'ipv4').map(({ address }) => ({ name, address })),
  );
  for (const { name, address } of own.slice(0, MAX_ADDRESSES)) {
    const link = state.links.find((one) => one.name === name);
    if (!link?.isUp || !link.hasCarrier) continue;
    const answer = arpAnswer(system, name, address);
    if (!answer) missing.push('arping');
    if (answer?.mac !== undefined && !ownMacs.has(answer.mac)) found.set(address, answer.mac);
  }
  return found;
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
