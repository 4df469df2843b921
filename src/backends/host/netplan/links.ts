/** Which of our links a definition of netplan's is of: an id is a name only where nothing is matched. */
import { type Claim, fits } from '../foreign.ts';
import type { Definition } from './definitions.ts';

/** `may`: the driver or the MAC decides, which a tree does not tell. */
export type Fit = 'yes' | 'may' | 'no';

/** Of definitions of these the kernel's device is there before netplan. */
const PHYSICAL: ReadonlySet<string> = new Set(['ethernets', 'wifis', 'modems']);

/** Whether a definition is of this link. */
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

/** Whether the definition's own words choose the link as it is before it is renamed. */
function matches(match: Readonly<NonNullable<Definition['match']>>, claim: Claim): Fit {
  const { name, macaddress, drivers } = match;
  const isNic = claim.kind === 'ethernet';
  if (name !== undefined && !fits(name, claim.name)) return 'no';
  // A device of the kernel's own making has no permanent MAC, and its driver is another one.
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
 * Whether netplan has udev rename the link away from the name that the intent has for it: by a rule
 * where it matches a MAC, which counts after every `.link` file, or by a `.link` file of its own.
 */
export function renamesAway({ match, setName }: Definition, claim: Claim): boolean {
  if (!match || setName === undefined || setName === claim.name) return false;
  const { name, macaddress, drivers } = match;
  if (claim.kind !== 'ethernet' || drivers) return false;
  if (macaddress !== undefined) return macaddress === claim.permanentMac;
  return name !== undefined && claim.permanentMac === undefined && fits(name, claim.name);
}

/**
 * Whether `[Match]` of the file that netplan writes for networkd takes the link: by the name after
 * renaming, and by the permanent MAC (networkd.c, append_match_section).
 */
export function fileFits({ id, section, match, setName }: Definition, claim: Claim): Fit {
  if (!PHYSICAL.has(section)) return 'no';
  if (!match) return id === claim.name ? 'yes' : 'no';
  const name = setName ?? match.name;
  if (name === undefined && match.macaddress === undefined && !match.drivers) {
    // systemd up to 249 takes an empty section for all links, later ones take the file for none.
    return 'may';
  }
  return matches({ ...match, ...(name !== undefined && { name }) }, claim);
}
