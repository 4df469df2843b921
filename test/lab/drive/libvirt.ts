/**
 * What libvirt makes of the XML: its schema (virt-xml-validate(1)), and its test driver, which
 * parses and keeps domains and networks as the hypervisors' drivers do, in virsh's own memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetFile } from '../image/host.ts';
import { run } from '../process.ts';

/** The schema takes whole domains only, and the test driver attaches nothing to one that is there. */
const domainOf = (guest: string, xml: string): string => `<domain type='test'>
<name>${guest}</name>
<memory unit='MiB'>64</memory>
<vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os>
<devices>
${xml}</devices>
</domain>
`;

const GUEST = /\/macvtap-guest-(.+)\.xml$/;
const NETWORK = /\/macvtap-network-(.+)\.xml$/;

export interface Heard {
  /** What was refused, and how. */
  readonly complaints: readonly string[];
  /** Guest → its interface, as libvirt keeps it. */
  readonly guests: ReadonlyMap<string, string>;
  /** Parent → the network over it, as libvirt keeps it, and what it says of its state. */
  readonly networks: ReadonlyMap<string, string>;
}

/** Gives libvirt all files of a set, and asks what it has. */
export async function hear(files: readonly TargetFile[]): Promise<Heard> {
  const directory = mkdtempSync(join(tmpdir(), 'macvtap-render-libvirt-'));
  try {
    const complaints: string[] = [];
    /** Without what differs from run to run, and what follows from the first fault. */
    const brief = (text: string): string =>
      text.replaceAll(`${directory}/`, '').trim().split('\n').slice(0, 2).join('; ');
    const guests = new Map<string, string>();
    const networks = new Map<string, string>();
    for (const [index, { path, text }] of files.entries()) {
      const file = join(directory, `${index}.xml`);
      const guest = GUEST.exec(path)?.[1];
      const parent = NETWORK.exec(path)?.[1];
      if (guest === undefined && parent === undefined) {
        complaints.push(`${path}: nothing that libvirt is given`);
        continue;
      }
      // Without comments: they are not part of a device.
      writeFileSync(file, guest === undefined ? text : domainOf(guest, text));
      const schema = guest === undefined ? 'network' : 'domain';
      const valid = await run(['virt-xml-validate', file, schema]);
      if (valid.status !== 0) complaints.push(`${path}: schema: ${brief(valid.stderr)}`);
      // One at a time: the test driver's memory ends with virsh.
      const commands =
        guest === undefined
          ? networkCommands(file, `macvtap-${parent}`)
          : [`define ${file}`, `dumpxml --inactive ${guest}`];
      const virsh = ['virsh', '--connect', 'test:///default', '--quiet', commands.join('; ')];
      const printed = await run(virsh);
      if (printed.status !== 0 || printed.stderr.trim() !== '') {
        complaints.push(`${path}: virsh: ${brief(printed.stderr)}`);
      } else if (guest === undefined) networks.set(parent ?? '', printed.stdout);
      else guests.set(guest, /<interface [\s\S]*<\/interface>/.exec(printed.stdout)?.[0] ?? '');
    }
    return { complaints, guests, networks };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As the program says that it is activated. */
const networkCommands = (file: string, name: string): string[] => [
  `net-define ${file}`,
  `net-autostart ${name}`,
  `net-start ${name}`,
  `net-dumpxml ${name}`,
  `net-info ${name}`,
];

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&apos;': "'",
  '&quot;': '"',
};

/** An attribute of the first element of a name, in what libvirt itself has written. */
export const attributeOf = (xml: string, element: string, attribute: string): string | undefined =>
  new RegExp(`<${element}(?: [^>]*?)? ${attribute}='([^']*)'`)
    .exec(xml)?.[1]
    ?.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
