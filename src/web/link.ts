/** A link that holds an intent and what was chosen beside it: in the fragment, which no browser sends. */

export interface Linked {
  readonly text: string;
  readonly backend?: string;
  readonly target?: string;
}

const MARK = '#intent=';

/** Longer links are cut by what they are pasted into. */
const LONGEST = 30_000;

/** @returns undefined where the intent is too long for a link, or no text that can be written in one */
export function fragmentOf({ text, backend, target }: Linked): string | undefined {
  try {
    const parts = [
      `${MARK}${encoded(text)}`,
      ...(backend === undefined ? [] : [`backend=${encoded(backend)}`]),
      ...(target === undefined ? [] : [`target=${encoded(target)}`]),
    ];
    const fragment = parts.join('&');
    return fragment.length > LONGEST ? undefined : fragment;
  } catch {
    // An unpaired surrogate.
    return undefined;
  }
}

/** @returns undefined for any other fragment */
export function linkedIn(fragment: string): Linked | undefined {
  if (!fragment.startsWith(MARK)) return undefined;
  const [text = '', ...rest] = fragment.slice(MARK.length).split('&');
  try {
    const partOf = (key: string): string | undefined => {
      const part = rest.find((item) => item.startsWith(`${key}=`));
      return part && decodeURIComponent(part.slice(key.length + 1));
    };
    const [backend, target] = [partOf('backend'), partOf('target')];
    return {
      text: decodeURIComponent(text),
      ...(backend && { backend }),
      ...(target && { target }),
    };
  } catch {
    return undefined;
  }
}

/** As `encodeURIComponent`, and what ends a link in running text is encoded, too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*.~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
