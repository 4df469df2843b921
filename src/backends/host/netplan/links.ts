/** Whether a netplan definition is for a link: an id is a name only without `match`. */
import { type Claim, fits } from '../foreign.ts';
import type { Definition } from './definition.ts';

/** `may`: depends on the driver or the MAC, which a tree does not have. */
export type Fit = 'yes' | 'may' | 'no';

/** For these sections the device exists before netplan runs. */
const PHYSICAL: ReadonlySet<string> = new Set(['ethernets', 'wifis', 'modems']);

/** Whether a definition is for this link. */
export function isOf(
  {
    id,
    section,
    match,
    setName,
  }: Readonly<Pick<Definition, 'id' | 'section' | 'match' | 'setName'>>,
  claim: Claim,
): Fit {
  if (!PHYSICAL.has(section) || !match) return id === claim.name ? 'yes' : 'no';
  if (setName === claim.name)
    return claim.kind === 'ethernet' ? macFit(match.macaddress, claim, 'yes') : 'no';
  return matches(match, claim);
}

/** Whether the definition matches the link before it is renamed. */
function matches(match: Readonly<NonNullable<Definition['match']>>, claim: Claim): Fit {
  const { name, macaddress, drivers } = match;
  const isNic = claim.kind === 'ethernet';
  if (name !== undefined && !fits(name, claim.name)) return 'no';
  // A virtual device has no permanent MAC, and another driver.
  if (!isNic && (macaddress !== undefined || drivers || name === undefined)) return 'no';
  const byMac = macFit(macaddress, claim, 'may');
  return byMac === 'yes' && drivers ? 'may' : byMac;
}

const macFit = (
  macaddress: string | undefined,
  { permanentMac }: Claim,
  unknown: 'yes' | 'may',
): Fit => {
  if (macaddress === undefined) return 'yes';
  if (permanentMac === undefined) return unknown;
  return macaddress === permanentMac ? 'yes' : 'no';
};

/**
 * Whether netplan has udev rename the link to another name than in the intent: by a rule if it matches
 * a MAC, which counts after every `.link` file, or by a `.link` file.
 */
export function renamesAway({ match, setName }: Definition, claim: Claim): boolean {
  if (!match || setName === undefined || setName === claim.name) return false;
  const { name, macaddress, drivers } = match;
  if (claim.kind !== 'ethernet' || drivers) return false;
  if (macaddress !== undefined) return macaddress === claim.permanentMac;
  return name !== undefined && claim.permanentMac === undefined && fits(name, claim.name);
}

/**
 * Whether `[Match]` of netplan's file for networkd matches the link: by the name after renaming, and
 * by the permanent MAC (networkd.c, append_match_section).
 */
export function fileFits({ id, section, match, setName }: Definition, claim: Claim): Fit {
  if (!PHYSICAL.has(section)) return 'no';
  if (!match) return id === claim.name ? 'yes' : 'no';
  const name = setName ?? match.name;
  if (name === undefined && match.macaddress === undefined && !match.drivers) {
    // systemd up to 249: an empty section matches all links; later: none.
    return 'may';
  }
  return matches({ ...match, ...(name !== undefined && { name }) }, claim);
}
