/** Where answers of this host leave, and what of the LAN and of guests it does not take: rules by source and by link. */
import type { Facts, Reach } from '../facts.ts';
import { cause, type FindCause } from './cause.ts';
import { answersElsewhere, detour, isByIntent, isInSubnet, routeElsewhere } from './routing.ts';

/** Whether a route that is missing, or a lookup of what the host starts, explains all that differs. */
const isExplained = (facts: Facts): boolean =>
  facts.drift.some(({ code }) => code === 'route-missing' || code === 'link-missing') ||
  [routeElsewhere, detour, answersElsewhere].some((find) => find(facts).length > 0);

/** Answers and connections from an address of this host to somebody in its LAN: by the link that leads there, directly. */
export const ownAnswers: FindCause = (facts) => {
  if (isExplained(facts)) return [];
  return facts.reach
    .flatMap((one) => {
      const where = leaves(facts, one);
      return where === undefined ? [] : [{ one, where }];
    })
    .slice(0, 2)
    .map(({ one, where }) =>
      cause('route-elsewhere', `Answers from ${one.own} to ${one.who} ${where}.`, {
        link: one.expected,
        hint: `\`ip route get ${one.peer} from ${one.own}\` shows the route, \`ip rule\` the rule that chooses its table by the source address: add the subnet of \`${one.expected}\` to that table (\`scope link\`), or put a rule before it: \`to\` the LAN, \`lookup main\`.`,
      }),
    );
};

function leaves(
  facts: Facts,
  { answer, expected, peer, isChosenByIntent }: Reach,
): string | undefined {
  const { link, via, refusal } = answer;
  if (refusal !== undefined) return `are refused by the kernel (${refusal})`;
  if (link === undefined) return undefined;
  if (link !== expected) return `leave by \`${link}\`, not by \`${expected}\``;
  const isDetour =
    via !== undefined &&
    via !== peer &&
    !isChosenByIntent &&
    isInSubnet(facts, expected, peer) &&
    !isByIntent(facts, via, peer);
  return isDetour
    ? `go to the gateway ${via}, although \`${expected}\` is in its subnet`
    : undefined;
}

/** What the kernel answers for a source that its return path filter refuses: EXDEV, of later versions EINVAL. */
const FILTERED = /Invalid cross-device link|Invalid argument/;

const isStrict = ({ state }: Facts, link: string): boolean => {
  const of = (name: string): number =>
    Number(state.sysctls.get(`net/ipv4/conf/${name}/rp_filter`) ?? 0);
  return Math.max(of(link), of('all')) === 1;
};

/**
 * Whether packets to the address come in by the link that leads to the peer: that link has it, or answers
 * ARP for every address of the host (arp_ignore 0), and before a macvlan on top of it does.
 */
function isHeardThere({ state }: Facts, { own, by, expected }: Reach): boolean {
  if (by === expected) return false;
  const there = state.links.find(({ name }) => name === expected)?.addresses ?? [];
  const of = (name: string): number =>
    Number(state.sysctls.get(`net/ipv4/conf/${name}/arp_ignore`) ?? 0);
  return there.some(({ address }) => address === own) || Math.max(of(expected), of('all')) === 0;
}

/** The return path filter would drop what the LAN or a guest sends to an address of this host. */
export const strictReturn: FindCause = (facts) =>
  facts.reach
    .filter(({ request, by }) => FILTERED.test(request.refusal ?? '') && isStrict(facts, by))
    .filter((one) => !isHeardThere(facts, one))
    .filter(({ own }) => !own.includes(':'))
    .slice(0, 1)
    .map(({ own, who, by, expected }) =>
      cause(
        'rp-filter-drops',
        `The kernel drops what ${who} sends to ${own} by \`${by}\`: answers would leave by \`${expected}\` (\`rp_filter\` 1).`,
        {
          link: by,
          certainty: 'likely',
          hint: `Run \`sysctl -w net/ipv4/conf/${by}/rp_filter=2\`, and find the file in /etc/sysctl.d that sets it.`,
        },
      ),
    );

/** A rule for what comes in by a link takes it before the table of own addresses does (ip-rule(8), iif). */
export const notTaken: FindCause = (facts) =>
  isExplained(facts)
    ? []
    : facts.reach
        .filter(({ own, by }) => isThere(facts, own, by))
        .flatMap((one) => {
          const { link, refusal = '' } = one.request;
          const isRefused = refusal !== '' && !FILTERED.test(refusal);
          const isForwarded = link !== undefined && link !== 'lo';
          if (!isRefused && !isForwarded) return [];
          const effect = isRefused ? `refuses it (${refusal})` : `sends it on to \`${link}\``;
          return cause(
            'route-elsewhere',
            `What ${one.who} sends to ${one.own} comes in by \`${one.by}\`, and the kernel ${effect}.`,
            {
              link: one.by,
              hint: `\`ip route get ${one.own} from ${one.peer} iif ${one.by}\` shows it, \`ip rule\` the rule that comes before the table \`local\`: the rule that looks up \`local\` has to be the first.`,
            },
          );
        })
        .slice(0, 2);

/** The address is there, and the link is up: else the kernel refuses for that reason. */
function isThere({ state }: Facts, own: string, by: string): boolean {
  const link = state.links.find(({ name }) => name === by);
  return (
    link?.isUp === true &&
    state.links.some(({ addresses }) => addresses.some(({ address }) => address === own))
  );
}
