/**
 * YAML scalars for netplan, whose parser (libyaml, YAML 1.1) and whose readers (often YAML 1.1
 * too) must all see the same text.
 */

/** Words that some YAML reads as something else than text. */
const AMBIGUOUS = /^(?:y|yes|n|no|on|off|true|false|null|nan|inf)$/i;

/** What some reader of YAML 1.1 takes for a number without a mantissa. */
const EXPONENT = /^e-?[0-9]/i;

/** Text that no YAML takes for a number, a date, a time or a truth value. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:\/[0-9]{1,2})?$/;

/** A text as a YAML scalar: plain where that is safe everywhere, quoted otherwise. */
export function scalar(text: string): string {
  const isWord = PLAIN.test(text) && !AMBIGUOUS.test(text) && !EXPONENT.test(text);
  const isPlain = isWord || IPV4.test(text);
  return isPlain ? text : JSON.stringify(text);
}
