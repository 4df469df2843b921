/** Whether a gateway answers. */
import { type ProgramResult, type System, SystemError } from '../system.ts';

const STEP_MS = 200;
/** The kernel asks again each second (`retrans_time_ms`, ip-sysctl). */
const ASKED_MS = 1000;
/** It asks a neighbour that it knows three times (`ucast_solicit`), and then gives it up. */
const PROBED_MS = 4000;

/**
 * To a ping, or at least to ARP: a firewall may keep it from answering pings.
 * @param gateway an address on a link of this host; a link-local one with its link, as `fe80::1%veth0`
 */
export function answers(system: System, gateway: string): boolean {
  const isPinged = outputOf(system, 'ping', ['-n', '-c', '1', '-W', '1', gateway]);
  if (isPinged?.status === 0) return true;
  // Not installed: the kernel asks by ARP itself for an entry that is in use (`use`, ip-neighbour(8)).
  if (!isPinged && !use(system, gateway)) return false;
  const asked = isPinged ? 0 : ASKED_MS;
  let isProbed = false;
  for (let waited = 0; waited < PROBED_MS; waited += STEP_MS) {
    const entries = neighbours(system, gateway);
    if (entries.some(({ state }) => state === 'REACHABLE')) return true;
    // Known from earlier: the kernel sends to it for five seconds before it asks (`delay_first_probe_time`, arp(7)).
    if (entries.length === 0 && waited >= asked) return false;
    if (!isProbed) for (const { link } of entries) probe(system, gateway, link);
    isProbed ||= entries.length > 0;
    system.sleep(STEP_MS);
  }
  return false;
}

/** @returns false where no link leads there */
function use(system: System, gateway: string): boolean {
  const { address, on } = partsOf(gateway);
  const shown = outputOf(system, 'ip', ['-o', 'route', 'get', address, ...on])?.stdout ?? '';
  const link = / dev (\S+)/.exec(shown)?.[1];
  if (link === undefined) return false;
  outputOf(system, 'ip', ['neigh', 'replace', address, 'dev', link, 'use']);
  return true;
}

/** States in which a MAC is known and was used lately. */
const KNOWN: ReadonlySet<string> = new Set(['REACHABLE', 'DELAY', 'PROBE']);

/** Has the kernel ask at once. */
function probe(system: System, gateway: string, link: string): void {
  outputOf(system, 'ip', [
    ...['neigh', 'change', partsOf(gateway).address],
    ...['dev', link, 'nud', 'probe'],
  ]);
}

function neighbours(system: System, gateway: string): { link: string; state: string }[] {
  const { address, on } = partsOf(gateway);
  const shown = outputOf(system, 'ip', ['neigh', 'show', 'to', address, ...on])?.stdout ?? '';
  return shown.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    // With `dev` it does not repeat the link.
    const link = on[1] ?? words[words.indexOf('dev') + 1];
    const state = words.find((word) => KNOWN.has(word));
    return link !== undefined && state !== undefined ? [{ link, state }] : [];
  });
}

function partsOf(gateway: string): { readonly address: string; readonly on: readonly string[] } {
  const [address = '', link] = gateway.split('%');
  return { address, on: link === undefined ? [] : ['dev', link] };
}

/** Undefined where it cannot be run. */
function outputOf(
  system: System,
  program: string,
  words: readonly string[],
): ProgramResult | undefined {
  try {
    return system.run(program, words, LIMIT);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

const LIMIT = { timeoutMs: 5000 };
