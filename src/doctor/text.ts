/** What `doctor` prints: the cause first, then what was looked at. */
import { painter, visible } from '../report/text.ts';
import type { Cause, Facts, Probe } from './facts.ts';
import { intended } from './intended.ts';
import { kindCodes } from './kinds.ts';

export function causesText(causes: readonly Cause[], colour: boolean): string {
  const paint = painter(colour);
  return causes
    .map(({ code, severity, certainty, message, hint, alternatives = [] }) => {
      const tint = severity === 'error' ? paint.red : paint.yellow;
      const how = certainty === 'certain' ? '' : ` (${certainty})`;
      const mayBe = alternatives.map((one) => `  ${paint.bold('may be')}: ${visible(one)}\n`);
      return `${tint(`${severity}[${code}]`)}${how}: ${visible(message)}\n${mayBe.join('')}  ${paint.bold('help')}: ${visible(hint)}\n`;
    })
    .join('\n');
}

/** A sentence for each thing that was looked at. */
export function lookedAt(facts: Facts): string[] {
  const { state, probes, guests, filters, missing } = facts;
  const dropping = filters.filter(({ dropped }) => dropped > 0).length;
  const devices = guests.map(
    ({ name, guest, parent, mode, type }) =>
      `\`${name ?? guest}\` on \`${parent ?? '?'}\` (${mode ?? type ?? '?'})`,
  );
  return [
    ...probes.map(ofProbe),
    ...intended(facts),
    devices.length === 0
      ? 'No device of a guest is on this host.'
      : `Guests: ${devices.slice(0, 10).join(', ')}${devices.length > 10 ? ` and ${devices.length - 10} more` : ''}.`,
    `${filters.length} rules and policies of the firewall drop packets; ${dropping} of them counted one meanwhile.`,
    `${state.links.length} links, ${state.routes.length} routes and ${state.rules.length} rules of the kernel were compared with the intent.`,
    `${kindCodes().length} kinds of causes were looked for: \`help unreachable\` lists them, and what is not looked at.`,
    ...missing.map(
      (program) => `\`${program}\` is not installed or gives no answer: less is known.`,
    ),
  ];
}

function ofProbe({ role, address, link, refusal, isAnswered, mac }: Probe): string {
  const who = `The ${role} ${address}`;
  if (link === undefined) return `${who}: the kernel refuses packets to it (${refusal}).`;
  if (isAnswered) return `${who} answers on \`${link}\`${mac === undefined ? '' : ` (${mac})`}.`;
  return mac === undefined
    ? `${who} answers neither ARP nor a ping on \`${link}\`.`
    : `${who} answers ARP on \`${link}\` (${mac}), and no ping.`;
}
