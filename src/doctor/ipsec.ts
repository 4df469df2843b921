/** IPsec's policies and what they lose: `ip xfrm policy` (ip-xfrm(8)), `/proc/net/xfrm_stat`. */
import { ask, textAt } from '../kernel/ask.ts';
import type { System } from '../system.ts';
import type { Ipsec, IpsecPolicy } from './facts.ts';

/** Gateways of sites have hundreds. */
const MAX_LINES = 50_000;

/** Counters of packets that a policy kept from passing (Documentation/networking/xfrm_proc). */
const COUNTERS: ReadonlySet<string> = new Set([
  ...['XfrmInNoPols', 'XfrmInPolBlock', 'XfrmInPolError', 'XfrmInTmplMismatch'],
  ...[
    'XfrmOutNoStates',
    'XfrmOutPolBlock',
    'XfrmOutPolDead',
    'XfrmOutPolError',
    'XfrmAcquireError',
  ],
]);

/** Undefined where the kernel does not count. */
export function readLosses(system: System): Map<string, number> | undefined {
  const text = textAt(system, '/proc/net/xfrm_stat');
  if (text === undefined) return undefined;
  const found = new Map<string, number>();
  for (const line of text.split('\n', 200)) {
    const [, name = '', count = ''] = /^(Xfrm\w{1,40})\s+(\d{1,15})$/.exec(line) ?? [];
    if (COUNTERS.has(name)) found.set(name, Number(count));
  }
  return found;
}

export function readIpsec(system: System, before: Map<string, number> | undefined): Ipsec {
  const policies = readPolicies(ask(system, 'ip', ['xfrm', 'policy']).text ?? '');
  const after = readLosses(system);
  if (!before || !after) return { policies };
  const lost = [...after].map(([name, count]): [string, number] => [
    name,
    count - (before.get(name) ?? 0),
  ]);
  return { policies, lost: new Map(lost.filter(([, count]) => count > 0)) };
}

/** `src 0.0.0.0/0 dst 192.0.2.0/24`, then lines that are indented: `dir out action block priority 7`, `tmpl …`. */
export function readPolicies(text: string): IpsecPolicy[] {
  const lines = text.split('\n', MAX_LINES).join('\n');
  return lines.split(/^(?=src )/m).flatMap((block): IpsecPolicy[] => {
    const [head = '', ...templates] = block.split(/^[ \t]+tmpl /m);
    const [, source, destination] = /^src (\S{1,50}) dst (\S{1,50})/.exec(head) ?? [];
    const [, direction, more = ''] = /^[ \t]+dir (in|out)\b(.*)$/m.exec(head) ?? [];
    if (source === undefined || destination === undefined) return [];
    if (direction !== 'in' && direction !== 'out') return [];
    return [
      {
        direction,
        source,
        destination,
        isBlocking: / action block\b/.test(more),
        // With `level use`, a template takes an association where there is one, and requires none.
        isEncrypting: templates.some((template) => !/^[ \t]+level use\b/m.test(template)),
        priority: Number(/ priority (\d{1,10})/.exec(more)?.[1] ?? 0),
      },
    ];
  });
}
