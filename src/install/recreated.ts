/**
 * What a change of files asks of devices that exist: nothing can be read from the model here, as an
 * installation knows only the files before and after it. `diff`, the installation and the printed
 * steps all ask this; what creates a device says what it needs (`Maker`).
 */
import {
  type Aspect,
  type FileLink,
  type FilesRead,
  type How,
  readGenerated,
} from '../backends/generated.ts';

/** One file before and after a change; absent: it is not there. */
export interface FileChange {
  /** Absolute, on the target. */
  readonly path: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export interface Recreated {
  readonly device: string;
  /**
   * `live`: the device that exists is changed. `recreate`: it is deleted and created, within a
   * second. `reboot`: only a reboot does it.
   */
  readonly how: How;
  readonly aspect: Aspect;
}

/** What of a virtual device is compared, in the words of ip-link(8). */
const ASPECTS: Readonly<Record<Aspect, (link: FileLink) => string | undefined>> = {
  kind: ({ kind }) => kind,
  parent: ({ parent }) => parent,
  mode: ({ mode }) => mode,
  mac: ({ mac }) => mac?.toLowerCase(),
  vlan: ({ vlanId }) => vlanId?.toString(),
  parameters: ({
    bondMode,
    parameters,
    sourceMacs,
    broadcastQueueLength,
    broadcastQueueThreshold,
  }) =>
    [bondMode, parameters, broadcastQueueLength, broadcastQueueThreshold, ...sourceMacs].join('\n'),
};

/**
 * Devices that are there before and after the change and differ; those that are only created or only
 * removed are not among them. In the order of the files, each device and aspect once.
 * @param backend the one that is installed, by its id, if that is known
 */
export function recreated(files: readonly FileChange[], backend?: string): Recreated[] {
  const textsOf = (
    texts: readonly (readonly [string, string | undefined])[],
  ): Map<string, string> =>
    new Map(texts.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
  return recreatedBetween(
    readGenerated(textsOf(files.map(({ path, before }) => [path, before])), backend),
    readGenerated(textsOf(files.map(({ path, after }) => [path, after])), backend),
  );
}

/** Names of devices that only a reboot changes, each once. */
export const rebootOnly = (effects: readonly Recreated[]): string[] => [
  ...new Set(effects.filter(({ how }) => how === 'reboot').map(({ device }) => device)),
];

export function recreatedBetween(before: FilesRead, after: FilesRead): Recreated[] {
  return [...after.links].flatMap(([device, now]) => {
    const was = before.links.get(device);
    const { maker } = now;
    if (!was?.maker || !maker) return [];
    return (Object.keys(ASPECTS) as Aspect[])
      .filter((aspect) => differs(aspect, was, now))
      .map((aspect) => ({ device, how: maker.howOf(aspect, was, now), aspect }));
  });
}

/** A value that only one side has is not a difference, except for a MAC: without one the kernel chooses. */
function differs(aspect: Aspect, before: FileLink, after: FileLink): boolean {
  const [was, now] = [ASPECTS[aspect](before), ASPECTS[aspect](after)];
  if (aspect === 'parameters') return before.maker?.id === after.maker?.id && was !== now;
  if (was === undefined && aspect !== 'mac') return false;
  return was !== now && now !== undefined;
}
