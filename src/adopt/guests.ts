/** libvirt's stored domains → guests: interfaces on a link or on a bridge of the host (formatdomain, Network interfaces). */
import type { HostFile, Watch } from '../backends/host/foreign.ts';
import type { Origin } from './found.ts';
import { macOf } from './values.ts';

const FOLDER = '/etc/libvirt/qemu';

export const domainWatches: readonly Watch[] = [{ folder: FOLDER, name: /^[^.].*\.xml$/ }];

export interface FoundGuest {
  readonly name: string;
  /** The bridge or link that it is attached to. */
  readonly on: string;
  readonly mac?: string;
  readonly model?: string;
  readonly mode?: string;
  readonly origin: Origin;
}

/** A limit for interfaces of one domain. */
const MOST = 64;

const attribute = (text: string, element: string, name: string): string | undefined =>
  new Map(
    [...(findElement(text, element) ?? '').matchAll(/([\w-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")/g)].map(
      ([, key = '', single, double]) => [key, single ?? double ?? ''] as const,
    ),
  ).get(name);

/** The start tag of the first element of this name. */
function findElement(text: string, element: string): string | undefined {
  const at = text.indexOf(`<${element} `);
  return at < 0 ? undefined : text.slice(at, text.indexOf('>', at) + 1);
}

export function guestsIn(files: readonly HostFile[]): FoundGuest[] {
  return files
    .filter(({ folder }) => folder === FOLDER)
    .flatMap(({ path, text = '' }) => {
      const domain = /<name>([A-Za-z0-9_.-]{1,60})<\/name>/.exec(text)?.[1];
      if (domain === undefined) return [];
      const found: FoundGuest[] = [];
      for (
        let at = text.indexOf('<interface ');
        at >= 0 && found.length < MOST;
        at = text.indexOf('<interface ', at + 1)
      ) {
        const end = text.indexOf('</interface>', at);
        const guest = guestOf(text.slice(at, end < 0 ? text.length : end));
        const line = text.slice(0, at).split('\n').length;
        const name = found.length === 0 ? domain : `${domain}-${found.length + 1}`;
        if (guest) found.push({ name, ...guest, origin: { path, line } });
      }
      return found;
    });
}

function guestOf(text: string): Omit<FoundGuest, 'name' | 'origin'> | undefined {
  const type = attribute(text, 'interface', 'type');
  const on = attribute(text, 'source', type === 'bridge' ? 'bridge' : 'dev');
  if ((type !== 'bridge' && type !== 'direct') || on === undefined) return undefined;
  const mac = macOf(attribute(text, 'mac', 'address'));
  const model = attribute(text, 'model', 'type');
  const mode = type === 'direct' ? attribute(text, 'source', 'mode') : undefined;
  return {
    on,
    ...(mac !== undefined && { mac }),
    ...(model !== undefined && /^[A-Za-z0-9_-]{1,32}$/.test(model) && { model }),
    ...(mode !== undefined && /^(?:bridge|private|vepa|passthrough)$/.test(mode) && { mode }),
  };
}
