/**
 * The language, version 1: the one source of the type `Intent`, of validation and of the JSON
 * Schema. Where netplan has a word for something, that word is used (netplan-yaml(5)).
 *
 * Mappings whose keys the user chooses are `v.map`: a plain object would drop or reorder names
 * such as `constructor` or `10`. A check's message is the code of the diagnostic it becomes.
 */
import * as v from 'valibot';
import type { AddressingIntent, RouteIntent, RuleIntent } from './language/addressing.ts';
import { guest, parent, shim, tap } from './language/devices.ts';
import { type AsRead, about, code, oneOf, optional, text } from './language/words.ts';

export {
  BOND,
  type BondRow,
  BRIDGE,
  type BridgeRow,
  type Row,
  unitOf,
  type Values,
} from './language/parameters.ts';
export type { AddressingIntent, RouteIntent, RuleIntent };

/** Interface names and ids: what the kernel, systemd, NetworkManager and netplan all take. */
export const NAME = /^(?![0-9]+$)[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** Names of hosts; no one of them is a path. */
export const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

export const intentSchema = v.pipe(
  v.object({
    version: v.pipe(
      v.literal(1, code('version-unsupported')),
      about('The version of the language.'),
    ),
    host: optional(() =>
      v.pipe(
        v.string(),
        v.regex(HOST, code('host-malformed')),
        about(
          "The host's name. It seeds derived MACs, so that no two hosts share one; required wherever a MAC is derived.",
        ),
      ),
    ),
    renderer: oneOf(
      ['networkd', 'NetworkManager'],
      'The renderer of netplan; default: `networkd`.',
    ),
    backend: optional(() =>
      v.pipe(
        v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1, code('wrong-value')))]),
        about(
          'The back end that is rendered where the command line names none, as `--backend` takes it; or a list of them.',
        ),
      ),
    ),
    target: optional(() =>
      text(
        'What must accept the output where the command line names no target: a distribution, or versions, as `--target` takes them.',
      ),
    ),
    parents: optional(() =>
      v.pipe(v.map(v.string(), parent), about('NICs, VLANs, bonds and bridges, by id.')),
    ),
    shims: optional(() => v.pipe(v.map(v.string(), shim), about('Shims, by name.'))),
    taps: optional(() => v.pipe(v.map(v.string(), tap), about('Taps, by name.'))),
    guests: optional(() => v.pipe(v.map(v.string(), guest), about("Guests' interfaces, by name."))),
  }),
  about(
    "The network of one virtualisation host: guests attach to the parent by macvtap, the host's address is on the shim.",
  ),
);

/** What the user wrote, as far as it fits the schema; what is not written is absent. */
export type Intent = AsRead<v.InferOutput<typeof intentSchema>>;
export type ParentIntent = AsRead<v.InferOutput<typeof parent>>;
export type ShimIntent = AsRead<v.InferOutput<typeof shim>>;
export type TapIntent = AsRead<v.InferOutput<typeof tap>>;
export type GuestIntent = AsRead<v.InferOutput<typeof guest>>;
