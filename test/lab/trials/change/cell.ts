/** A change of a host, with all that is needed to try it. */
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import type { Host } from '../../drive/boot.ts';
import type { Driver } from '../../drive/drivers.ts';
import { managerOf } from '../../drive/look.ts';
import { type Program, theProgram } from '../../drive/program.ts';
import type { Image } from '../../image/images.ts';
import { withPackages } from '../../image/packages.ts';
import { driversFor, expectFor, hostFor } from './hosts.ts';
import { ADDRESS, type Kind, THIRD } from './kinds.ts';
import type { Aimed, Side } from './settled.ts';

export interface Cell {
  readonly kind: Kind;
  readonly host: Host;
  readonly program: Program;
  readonly first: Side;
  readonly second: Aimed;
  /** Another change after the second. */
  readonly third: Aimed;
  /** The host may be out of reach for so long. */
  readonly limitSeconds?: number;
}

/** Programs that are started one after the other, and by ifupdown2 each in Python. */
const LIMITS: Readonly<Record<string, number>> = { ifupdown: 8, 'ifupdown-ng': 8, ifupdown2: 15 };

/** Without the package classic ifupdown ignores `bridge_ports`; the two others have that themselves. */
export const withBridges = async (image: Image, { flavour }: Driver): Promise<Image> =>
  flavour === 'ifupdown' ? withPackages(image, 'bridge', ['bridge-utils']) : image;

export async function cellOf(
  kind: Kind,
  backend: string,
  image: Image,
  driver: Driver,
): Promise<Cell | { readonly refusal: string }> {
  const program = await theProgram();
  const ofHost = kind.site ? await withBridges(image, driver) : image;
  const host = hostFor(kind, backend, ofHost, driver, program.binds);
  const after = kind.becomes ? kind.becomes[backend] : backend;
  if (after === undefined) throw new Error(`${kind.name}: nothing to become of ${backend}`);
  const side = (aim: Kind['second'], id: string): Aimed | { readonly refusal: string } => {
    const [own] = id === backend ? [driver] : driversFor(id, image);
    const expected = own ? expectFor(aim, id, image, own) : { refusal: 'no driver' };
    if ('refusal' in expected) return expected;
    const needs = allBackends.find((item) => item.id === id)?.needs ?? [];
    return {
      address: aim.address,
      manager: managerOf(needs, id === backend ? driver.flavour : undefined),
      wanted: { intent: aim.intent, backend: id, expected },
    };
  };
  const second = side(kind.second, after);
  if ('refusal' in second) return second;
  const third = side(THIRD, after);
  if ('refusal' in third) return third;
  const old = { address: ADDRESS, manager: managerOf(host.systems, driver.flavour) };
  const first = kind.first ? side(kind.first, backend) : old;
  if ('refusal' in first) return first;
  const limitSeconds = LIMITS[driver.flavour ?? ''];
  return {
    kind,
    host,
    program,
    first,
    second,
    third,
    ...(limitSeconds !== undefined && { limitSeconds }),
  };
}
