/** udev's `.link` files → what they set for a NIC, whichever system configures it (systemd.link(5)). */
import type { Claim, HostFile } from '../backends/host/foreign.ts';
import { type Unit, unitsOf } from '../backends/host/networkd/judge.ts';
import { type Answer, matchOf } from '../backends/host/networkd/match.ts';
import { type FoundLink, leave, newLink, type Origin, set } from './found.ts';
import { isVendor, matchWords } from './networkd-sections.ts';
import { macOf, wholeOf } from './values.ts';

/** Those that name a NIC or set something for it. */
export const linkFiles = (files: readonly HostFile[]): Unit[] =>
  unitsOf(files, '.link').filter((unit) => !isVendor(unit));

export const nameGiven = ({ settings }: Unit): string | undefined =>
  settings.findLast(({ section, key }) => section === 'Link' && key === 'Name')?.value;

/** A `.link` file that names the NIC has its MAC. */
export function withMac(claim: Claim, files: readonly HostFile[]): Claim {
  if (claim.permanentMac !== undefined || claim.kind !== 'ethernet') return claim;
  const unit = linkFiles(files).find((item) => nameGiven(item) === claim.name);
  const mac =
    unit &&
    macOf([...matchWords(unit, 'PermanentMACAddress'), ...matchWords(unit, 'MACAddress')][0]);
  return mac === undefined ? claim : { ...claim, permanentMac: mac };
}

/** What networkd's own reader takes: name and match, too. Called before the files of the link are read. */
export function readUdev(link: FoundLink, files: readonly HostFile[], claim: Claim): void {
  if (link.kind !== 'ethernet') return;
  const unit = unitFor(link, linkFiles(files), claim);
  for (const { section, key, value, path, line } of unit?.settings ?? []) {
    const origin: Origin = { path, line };
    if (section === 'Match') {
      const mac = /^(?:Permanent)?MACAddress$/.test(key) ? macOf(value) : undefined;
      if (mac !== undefined && nameGiven(unit as Unit) !== undefined)
        set(link, 'match.macaddress', mac, origin);
      else if (mac === undefined && key !== 'OriginalName')
        leave(link, origin, `${key}=${value}`, 'The intent matches a NIC by its name or MAC.');
      continue;
    }
    const mac = key === 'MACAddress' ? macOf(value) : undefined;
    const isHidden = link.entries.some((entry) => entry.key === 'match.macaddress');
    if (key === 'Name') set(link, 'set-name', value, origin);
    // The generated `.link` file, which is first, hides this one: it matches the NIC by its MAC.
    else if (mac !== undefined && isHidden) set(link, 'macaddress', mac, origin);
    else readUdevKey(link, key, value, origin);
  }
}

/**
 * What udev sets for a NIC of another system, which overrides it by settings of its own. The file keeps its name
 * and match.
 * @param isNetplan whether netplan writes a file `10-netplan-ID.link` for it, where it sets one of its keys
 */
export function addUdev(
  link: FoundLink,
  files: readonly HostFile[],
  given: Claim,
  isNetplan: boolean,
): void {
  if (link.kind !== 'ethernet') return;
  const own = files.filter(({ folder }) => !folder.startsWith('/run/'));
  const isWritten =
    isNetplan && link.entries.some(({ key }) => /^(?:set-name|wakeonlan|mtu)$/.test(key));
  const units = linkFiles(own).filter(({ name }) => !isWritten || name < '10-netplan-');
  const found = newLink(link.name, link.kind, link.origin);
  const unit = unitFor(found, units, withMac(given, own));
  for (const { section, key, value, path, line } of unit?.settings ?? []) {
    if (section === 'Link' && key !== 'Name') readUdevKey(found, key, value, { path, line });
  }
  for (const entry of found.entries) {
    const { key, value, origin } = entry;
    const other = link.entries.find((item) => item.key === key);
    if (!other) link.entries.push(entry);
    else if (other.value !== value) {
      const why = `\`${other.origin.path ?? link.name}\` overrides it.`;
      leave(link, origin, `${key}: ${String(value)}`, why);
    }
  }
  link.left.push(...found.left);
}

/** The first file that matches a NIC. What files before it set, which may match it, is reported. */
function unitFor(link: FoundLink, units: readonly Unit[], claim: Claim): Unit | undefined {
  for (const unit of units) {
    const name = nameGiven(unit);
    if (name === claim.name) return unit;
    const answer = name === undefined ? answerOf(unit, claim) : undefined;
    if (answer === 'yes') return unit;
    if (answer === 'maybe') reportDoubtful(link, unit);
  }
  return undefined;
}

/** A NIC has the name of the kernel, where the first file that matches it gives it no other. */
function answerOf({ settings }: Unit, claim: Claim): Answer | undefined {
  const original = settings.filter(({ key }) => key === 'OriginalName');
  if (original.length === 0 || settings.some(({ key }) => key === 'NamePolicy'))
    return matchOf(settings, claim, 'link');
  // That of a virtual link is always its name.
  const named = matchOf(original, { name: claim.name, kind: 'bridge' }, 'link');
  if (named !== 'yes') return named;
  const others = settings.filter((setting) => !original.includes(setting));
  return matchOf(others, claim, 'link') ?? 'yes';
}

const WEIGHTY = /^(?:MTUBytes|MACAddress|WakeOnLan)$/;

function reportDoubtful(link: FoundLink, { settings }: Unit): void {
  for (const { section, key, value, path, line } of settings) {
    if (section !== 'Link' || !WEIGHTY.test(key)) continue;
    const why = `These files do not show whether its [Match] fits \`${link.name}\`.`;
    leave(link, { path, line }, `${key}=${value}`, why);
  }
}

/** The name is that of the intent, wherever it is from. */
const NEUTRAL = /^(?:Description|NamePolicy|AlternativeNamesPolicy)$/;

/** The kernel refuses a macvlan with the MAC of the link below (macvlan_addr_busy), which this file goes on to set. */
const SET_BY_UDEV = 'udev sets it for the NIC, and the shim has another MAC.';

function readUdevKey(link: FoundLink, key: string, value: string, origin: Origin): void {
  const mtu = wholeOf(value);
  if (key === 'MTUBytes' && mtu !== undefined) set(link, 'mtu', mtu, origin);
  else if (key === 'MACAddress') leave(link, origin, `${key}=${value}`, SET_BY_UDEV);
  else if (key === 'WakeOnLan' && /^(?:magic|off)$/.test(value)) {
    set(link, 'wakeonlan', value === 'magic', origin);
  } else if (!NEUTRAL.test(key)) leave(link, origin, `${key}=${value}`);
}
