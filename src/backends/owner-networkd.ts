/** Whether a file of systemd-networkd's is for a link. */
import {
  type Claim,
  fits,
  type HostFile,
  merged,
  type Setting,
  settingsOf,
  type Watch,
} from './foreign.ts';
import type { Claimed } from './owner-claims.ts';

/** systemd.network(5), without `/run`, which is empty at the next boot. */
const FOLDERS = [
  '/etc/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

export const networkWatches: readonly Watch[] = FOLDERS.map((folder) => ({
  folder,
  name: /\.network$/,
}));

/** The first file that matches has the link; one that only may match counts where no other does. */
export function claimedByNetworkd(claim: Claim, files: readonly HostFile[]): Claimed | undefined {
  let perhaps: Claimed | undefined;
  for (const { path, text = '' } of merged(files, FOLDERS)) {
    const settings = settingsOf(text);
    const match = settings.filter(({ section }) => section === 'Match');
    const answer = match.length === 0 ? 'no' : matches(match, claim);
    if (answer === 'no') continue;
    const isIgnored = settings.some(
      ({ section, key, value }) =>
        section === 'Link' && key === 'Unmanaged' && /^(?:yes|y|true|t|on|1)$/i.test(value),
    );
    const place = { path, line: match[0]?.line ?? 1 };
    if (answer === 'yes') return isIgnored ? perhaps : { ...place, by: 'file' };
    if (!isIgnored) perhaps ??= { ...place, by: 'perhaps' };
  }
  return perhaps;
}

type Answer = 'yes' | 'no' | 'maybe';

/** systemd.network(5), [Match]: all keys must fit. */
function matches(settings: readonly Setting[], claim: Claim): Answer {
  const answers = settings.map(({ key, value }) =>
    matchesKey(key, value.split(/\s+/).filter(Boolean), claim),
  );
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

/** A macvlan is plain Ethernet to networkd; what it cannot be told by here is `maybe`. */
function matchesKey(key: string, words: readonly string[], claim: Claim): Answer {
  const isNic = claim.kind === 'ethernet';
  switch (key) {
    case 'Name':
      return byPatterns(words, claim.name);
    case 'Type':
      return byPatterns(words, isNic ? 'ether' : claim.kind);
    case 'Kind':
      return byPatterns(words, isNic ? '' : claim.kind);
    case 'MACAddress':
    case 'PermanentMACAddress': {
      const { permanentMac } = claim;
      if (permanentMac === undefined) return 'maybe';
      return words.some((word) => word.toLowerCase() === permanentMac) ? 'yes' : 'no';
    }
    case 'WLANInterfaceType':
    case 'SSID':
    case 'BSSID':
      return 'no';
    default:
      return 'maybe';
  }
}

/** A list whose first word begins with `!` is one of those that do not fit. */
function byPatterns(words: readonly string[], name: string): Answer {
  const isNegated = words[0]?.startsWith('!') === true;
  const isListed = words.some((word) => fits(word.replace(/^!/, ''), name));
  return isListed === isNegated ? 'no' : 'yes';
}
