/** What the parameters of a bond or bridge need of each other (Documentation/networking/bonding). */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { BOND, type BondRow, type ParentIntent } from '../../intent/schema.ts';
import type { BondParameters, Parent } from '../types.ts';
import type { Context } from './context.ts';

type Written = NonNullable<ParentIntent['parameters']>;
type Wrong = (key: string, message: string, hint: string) => void;

/** What the settings of a bond need of each other and of its mode. */
export function checkBond(context: Context, parent: Parent): void {
  const { damaged, report } = context;
  const { bond } = parent;
  const parameters = context.intent.parents?.get(parent.id)?.parameters;
  if (!bond || !parameters || damaged([...bond.origin, 'mode'])) return;
  if (parameters.mode === undefined) return;
  const wrong: Wrong = (key, message, hint) =>
    report(diagnostic('bond-parameters', [...bond.origin, key], message, { hint }));
  checkModes(parameters, bond, wrong);
  const { primary } = bond.values;
  if (parameters.primary !== undefined && !parent.members.includes(primary ?? '')) {
    wrong(
      'primary',
      `\`${parameters.primary}\` is not a member of \`${parent.name}\`.`,
      `Name one of its \`interfaces\`, or add it to them.`,
    );
  }
  checkMonitoring(parameters, wrong);
  checkDelays(parameters, bond, wrong);
  checkUnderMacvlans(context, parent, bond, parameters);
}

/** Parameters that only some modes know. */
function checkModes(parameters: Written, { values: { mode } }: BondParameters, wrong: Wrong): void {
  for (const [word, { modes }] of Object.entries<BondRow>(BOND)) {
    if (!modes || modes.some((one) => one === mode)) continue;
    if (parameters[word as keyof typeof BOND] === undefined) continue;
    const list = modes.map((one) => `\`${one}\``).join(', ');
    wrong(
      word,
      `\`${word}\` is for mode ${list}, not \`${mode}\`.`,
      `Remove \`${word}\`, or choose another \`mode\`.`,
    );
  }
}

/** Members are watched by their carrier or by ARP. */
function checkMonitoring(parameters: Written, wrong: Wrong): void {
  const arp = parameters['arp-interval'];
  const targets = parameters['arp-ip-targets'];
  if (arp && parameters['mii-monitor-interval']) {
    wrong(
      'arp-interval',
      '`arp-interval` and `mii-monitor-interval` exclude each other.',
      'Remove one of the two.',
    );
  }
  if (arp && (targets ?? []).length === 0) {
    wrong('arp-interval', '`arp-interval` needs `arp-ip-targets`.', 'Add `arp-ip-targets`.');
  }
  if (targets && !arp)
    wrong('arp-ip-targets', '`arp-ip-targets` needs `arp-interval`.', 'Add `arp-interval`.');
  if (targets && targets.length > 16)
    wrong('arp-ip-targets', 'The kernel takes at most 16 ARP targets.', 'Remove some of them.');
}

function checkDelays(parameters: Written, { values }: BondParameters, wrong: Wrong): void {
  const interval = values['mii-monitor-interval'];
  for (const key of ['up-delay', 'down-delay'] as const) {
    const delay = parameters[key];
    if (delay && !interval) {
      wrong(key, `\`${key}\` needs \`mii-monitor-interval\`.`, 'Add `mii-monitor-interval`.');
    } else if (delay && interval && delay % interval > 0) {
      const below = delay - (delay % interval);
      wrong(
        key,
        `${delay} ms is not a multiple of \`mii-monitor-interval\` (${interval} ms).`,
        `Write ${below > 0 ? `${below} or ` : ''}${below + interval}.`,
      );
    }
  }
}

/** Links on top of a bond have MACs of their own, which some of its modes and its ARP do not know. */
function checkUnderMacvlans(
  { report }: Context,
  parent: Parent,
  { values: { mode }, origin }: BondParameters,
  parameters: Written,
): void {
  if (parameters['arp-interval'] && parent.hasMacvlans) {
    const message = `\`${parent.name}\` sends ARP requests for the addresses of its shims from its own MAC.`;
    report(diagnostic('bond-arp-monitor', [...origin, 'arp-interval'], message));
  }
  if (mode !== 'balance-tlb' && mode !== 'balance-alb') return;
  if (parent.shims.length + parent.taps.length + parent.vlans.length === 0) return;
  const message = `\`${parent.name}\` changes the MACs of the links on top of it.`;
  report(diagnostic('bond-rewrites-macs', [...origin, 'mode'], message));
}

/** Two members in one network are a loop, unless the bridge looks for one. */
export function checkBridge({ report }: Context, { bridge, members, name, origin }: Parent): void {
  if (!bridge) return;
  const { stp, 'forward-delay': delay } = bridge.values;
  if (stp && delay !== undefined && delay < 2) {
    const path = [...bridge.origin, 'forward-delay'];
    const message = `With \`stp\`, \`forward-delay\` is at least 2 seconds, not ${delay}.`;
    report(diagnostic('wrong-value', path, message, { hint: 'Write 2 to 30.' }));
  }
  if (stp || members.length < 2) return;
  const message = `\`${name}\` has ${members.length} members and no \`stp\`.`;
  report(diagnostic('bridge-without-stp', [...origin, 'interfaces'], message));
}
