/**
 * The commands that move domains, in their order, for people who read or run them. The kernel has the order: a NIC
 * that is a port of a bridge takes no macvtap, and a NIC with a macvtap cannot become a port (EBUSY, both).
 */
import { visible } from '../diagnostics/visible.ts';
import { quote } from '../view/shell.ts';
import { type Move, type MovePlan, shownAttachment } from './plan.ts';

export interface Step {
  readonly text: string;
  /** One command line each. */
  readonly commands: readonly string[];
}

/**
 * @param host what changes the host's own network, in its place among the others
 * @param isKnownToRun whether the domains were asked; else every domain has commands for one that runs
 */
export function moveSteps({ moves, stays }: MovePlan, host: Step, isKnownToRun: boolean): Step[] {
  const running = moves.filter((move) => !isKnownToRun || move.live);
  const stored = moves.filter((move) => move.stored);
  const which = isKnownToRun ? list(running) : `${list(running)}, as far as they run`;
  const define = step(
    `Replace the interface in the stored definitions, for the next start of ${list(stored)}. \`update-device --config\` keeps the MAC and the address on the guest's bus; \`attach-device --config\` would add a second interface with the same MAC.`,
    stored.flatMap(storeCommand),
  );
  const steps = moves.some(({ to }) => to.type === 'bridge')
    ? [
        ...step(`Detach ${which}. ${UNTIL_GONE}`, running.flatMap(offCommands)),
        ...define,
        host,
        ...step(`Attach ${which}. ${RESTART}`, running.flatMap(onCommand)),
      ]
    : [
        host,
        ...define,
        ...step(
          `Detach and attach ${which}, one after the other. ${UNTIL_GONE} ${RESTART}`,
          running.flatMap((move) => [...offCommands(move), ...onCommand(move)]),
        ),
      ];
  return [...steps, ...stays.map(stayStep), ...leftStep(moves)];
}

const UNTIL_GONE =
  '`detach-interface` reports success even while the guest keeps the device: attach only when `domiflist` no longer shows the MAC.';
const RESTART =
  'A guest that keeps its old interface has the LAN again after `virsh shutdown` and `virsh start`.';

const stayStep = ({ name, mac, from, why }: MovePlan['stays'][number]): Step => ({
  text: `\`${visible(name)}\` (${mac}) is not moved from ${shownAttachment(from)}, and loses the LAN. ${why}`,
  commands: [],
});

const step = (text: string, commands: readonly string[]): Step[] =>
  commands.length === 0 ? [] : [{ text, commands }];

const list = (moves: readonly Move[]): string =>
  moves.map(({ name }) => `\`${visible(name)}\``).join(', ');

/** An interface as it runs; for a tree, as it is stored. */
const definition = ({ live, stored }: Move) => live ?? stored;

const offCommands = ({ word, mac, from }: Move): string[] => [
  `virsh detach-interface ${quote(word)} ${from.type} --mac ${mac} --live`,
  `virsh domiflist ${quote(word)}`,
];

const onCommand = (move: Move): string[] =>
  given(definition(move)?.after, `virsh attach-device ${quote(move.word)} /dev/stdin --live`);

const storeCommand = (move: Move): string[] =>
  given(move.stored?.after, `virsh update-device ${quote(move.word)} /dev/stdin --config`);

const given = (xml: string | undefined, command: string): string[] =>
  xml === undefined ? [] : [`echo '${xml}' | ${command}`];

function leftStep(moves: readonly Move[]): Step[] {
  const lines = moves.flatMap((move) => {
    const left = definition(move)?.left ?? [];
    const names = left.map((name) => `\`<${name}>\``).join(', ');
    return left.length === 0 ? [] : [`${names} of \`${visible(move.name)}\` (${move.mac})`];
  });
  return lines.length === 0
    ? []
    : [
        {
          text: `Not in the new interfaces, as libvirt does not accept it there: ${lines.join('; ')}.`,
          commands: [],
        },
      ];
}

/** The same moves in the other direction. */
export const reversed = ({ moves }: MovePlan): MovePlan => ({
  moves: moves.map((move) => ({
    ...move,
    from: move.to,
    to: { type: 'bridge', source: move.from.source },
    ...(move.stored && { stored: turned(move.stored) }),
    ...(move.live && { live: turned(move.live) }),
  })),
  stays: [],
});

const turned = <T extends { readonly before: string; readonly after: string }>(one: T) => ({
  before: one.after,
  after: one.before,
  left: [],
});
