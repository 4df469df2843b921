/** Asks nftables and both iptables for their rules; each rule is read once. */
import { ask } from '../../kernel/ask.ts';
import type { System } from '../../system.ts';
import { readIptables, tablesIn } from './iptables.ts';
import { readNftables } from './nftables.ts';
import { readQueues } from './queue.ts';
import type { Ruleset } from './ruleset.ts';

const PROGRAMS = [
  { program: 'iptables-save', name: 'iptables', family: 'ip' },
  { program: 'ip6tables-save', name: 'ip6tables', family: 'ip6' },
  { program: 'iptables-legacy-save', name: 'iptables-legacy', family: 'ip' },
  { program: 'ip6tables-legacy-save', name: 'ip6tables-legacy', family: 'ip6' },
] as const;

/** @param missing programs that gave no answer are added to it */
export function readRuleset(system: System, missing: string[]): Ruleset {
  const listening = readQueues(system);
  const { text } = ask(system, 'nft', ['-j', 'list', 'ruleset']);
  const ofNft = text === undefined ? undefined : readNftables(text, listening);
  if (!ofNft) missing.push('nft');
  const seen = new Set<string>();
  const ofIptables = PROGRAMS.flatMap(({ program, name, family }) => {
    const saved = ask(system, program, ['-c']).text ?? '';
    const isOfNft = saved.includes('(nf_tables)');
    // `iptables-save` may be the legacy one under its other name.
    const key = `${family} ${isOfNft ? 'nft' : 'legacy'}`;
    if (saved === '' || seen.has(key)) return [];
    seen.add(key);
    return [{ isOfNft, family, saved, ruleset: readIptables(saved, name, family, listening) }];
  });
  // nft shows iptables' rules, too, without the counters of policies and without what modules do.
  const shown = new Set(
    ofIptables
      .filter(({ isOfNft }) => isOfNft)
      .flatMap(({ family, saved }) => tablesIn(saved).map((table) => `${family} ${table}`)),
  );
  return {
    chains: [
      ...(ofNft?.chains ?? []).filter(({ family, table }) => !shown.has(`${family} ${table}`)),
      ...ofIptables.flatMap(({ ruleset }) => ruleset.chains),
    ],
  };
}
