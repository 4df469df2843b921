/** Small packets come through, and large ones do not. */
import type { Facts, Probe } from '../facts.ts';
import { belowOf } from './carrier.ts';
import { cause, type FindCause, named } from './cause.ts';

const losesLarge = ({ isAnswered, isLargeAnswered }: Probe): boolean =>
  isAnswered && isLargeAnswered === false;

interface Narrow {
  readonly name: string;
  readonly mtu: number;
}

/** Links of this host on the way to a target that take less than what is sent to it: those below, and its own device. */
function narrowOf(facts: Facts, { link, role, mac, mtu = 0 }: Probe): readonly Narrow[] {
  const own = facts.guests.find(
    (device) => role === 'guest' && mac !== undefined && device.mac === mac,
  );
  const names = [...belowOf(facts, link ?? ''), ...(own?.name === undefined ? [] : [own.name])];
  return facts.state.links.filter(
    (one) => names.includes(one.name) && one.mtu > 0 && one.mtu < mtu,
  );
}

/** A link of this host on the way takes less than the one that packets leave by. */
export const narrowLink: FindCause = (facts) =>
  facts.probes.filter(losesLarge).flatMap((probe) =>
    narrowOf(facts, probe)
      .slice(0, 1)
      .map(({ name, mtu }) =>
        cause(
          'mtu-drift',
          `The MTU of \`${name}\` is ${mtu}, and packets of ${probe.mtu} bytes go to the ${named(probe)} by \`${probe.link}\`: those are lost.`,
          {
            link: name,
            severity: 'error',
            hint: `Run \`ip link set dev ${name} mtu ${probe.mtu}\`, and find what set it; a guest's device has the MTU that its XML says (\`<mtu size='${probe.mtu}'/>\`).`,
          },
        ),
      ),
  );

/** The LAN sends larger packets than this host takes. */
export const smallerThanLan: FindCause = (facts) =>
  facts.probes
    .filter(({ isAnswered, isUsualAnswered }) => isAnswered && isUsualAnswered === false)
    .slice(0, 1)
    .map((probe) => {
      const chain = belowOf(facts, probe.link ?? '');
      const lowest = facts.state.links
        .filter(({ name, mtu }) => chain.includes(name) && mtu < 1500)
        .sort((a, b) => chain.indexOf(b.name) - chain.indexOf(a.name))[0];
      const name = lowest?.name ?? probe.link ?? '';
      const isIntended = [...facts.model.parents, ...facts.model.shims].some(
        (link) => chain.includes(link.name) && link.mtu !== undefined && link.mtu < 1500,
      );
      return cause(
        isIntended ? 'path-mtu' : 'mtu-drift',
        `The ${named(probe)} answers packets of ${probe.mtu} bytes, and none of 1500: the MTU of \`${name}\` is ${lowest?.mtu ?? probe.mtu}, and the LAN sends larger packets.`,
        {
          link: name,
          severity: 'error',
          certainty: 'likely',
          ...(!isIntended && {
            hint: `The intent has no \`mtu\` here: run \`ip link set dev ${name} mtu 1500\`, the link below first, and find what set it; or give the whole LAN that MTU, and the intent, too.`,
          }),
        },
      );
    });

/** Nothing on this host explains it. */
export const pathMtu: FindCause = (facts) =>
  facts.probes
    .filter((probe) => losesLarge(probe) && narrowOf(facts, probe).length === 0)
    .map((probe) =>
      cause(
        'path-mtu',
        `The ${named(probe)} answers small packets, and none of ${probe.mtu} bytes, the largest that the kernel sends to it by \`${probe.link}\`.`,
      ),
    );
