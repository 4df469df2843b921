/** What changes, and the steps of an installation. */
import type { ShownChange, ShownSet } from './answer.ts';
import { DOWNLOADS, type Download } from './downloads.ts';
import { element } from './element.ts';
import { withCode } from './findings.ts';
import { showPicture } from './picture.ts';

const SEVERITIES = {
  'may-lock-out': 'may lock out',
  'drops-connections': 'drops connections',
  harmless: 'harmless',
} as const;

/** @param change absent where the kept intent has errors */
export function showChange(place: HTMLElement, change: ShownChange | undefined): void {
  if (!change) {
    place.replaceChildren(
      element('p', {}, 'The intent that this is compared with has errors: there is no comparison.'),
    );
    return;
  }
  const { changes, patches, picture } = change;
  const parts: Node[] = [];
  if (changes.length + patches.length === 0) {
    parts.push(element('p', {}, 'Nothing has changed.'));
  } else if (changes.length === 0) {
    parts.push(element('p', {}, 'Nothing changes on the machine.'));
  }
  if (changes.length > 0) parts.push(changeList(changes));
  if (picture !== undefined) {
    const frame = scrolling('What changes in the topology');
    showPicture(frame, picture);
    parts.push(frame);
  }
  for (const { backend, patch } of patches) {
    parts.push(element('h3', {}, `Files of ${backend}`), patchElement(patch));
  }
  place.replaceChildren(...parts);
}

const changeList = (changes: ShownChange['changes']): HTMLElement =>
  element(
    'ul',
    { class: 'changes' },
    ...changes.map(({ severity, subject, message }) =>
      element(
        'li',
        { class: severity },
        element('strong', {}, subject),
        ' ',
        element('span', { class: 'badge' }, SEVERITIES[severity]),
        element('p', {}, ...withCode(message)),
      ),
    ),
  );

function patchElement(patch: string): HTMLElement {
  const lines = patch.split('\n').map((line) => {
    const kind = /^(?:\+(?!\+\+ )|-(?!-- ))/.exec(line)?.[0];
    const style = kind === '+' ? 'plus' : kind === '-' ? 'minus' : undefined;
    return element('span', style ? { class: style } : {}, `${line}\n`);
  });
  const box = element('pre', {}, ...lines);
  return focusable(box, 'Unified diff');
}

/** A part that scrolls by itself, and so takes the focus. */
export const scrolling = (label: string): HTMLElement =>
  focusable(element('div', { class: 'scrolls' }), label);

function focusable<Kind extends HTMLElement>(box: Kind, label: string): Kind {
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', label);
  return box;
}

export function showSteps(place: HTMLElement, sets: readonly ShownSet[]): void {
  place.replaceChildren(
    ...sets.flatMap(({ backend, steps }) => [
      ...(sets.length > 1 ? [element('h3', {}, backend)] : []),
      element(
        'ol',
        { class: 'steps' },
        ...steps.map(({ text, commands, note }, index) =>
          element(
            'li',
            {},
            element('p', {}, ...withCode(text)),
            ...(commands.length > 0
              ? [
                  focusable(
                    element('pre', {}, commands.join('\n')),
                    `Commands of step ${index + 1}, ${backend}`,
                  ),
                ]
              : []),
            ...(note === undefined ? [] : [element('p', { class: 'hint' }, ...withCode(note))]),
          ),
        ),
      ),
    ]),
  );
}

export function showDownloads(
  place: HTMLElement,
  sets: readonly ShownSet[],
  save: (backend: string, download: Download) => void,
): void {
  place.replaceChildren(
    ...sets.flatMap(({ backend, isForHost }) => [
      ...(sets.length > 1 ? [element('h3', {}, backend)] : []),
      element(
        'ul',
        { class: 'downloads' },
        ...DOWNLOADS.filter(({ activates }) => isForHost || !activates).map((download) => {
          const button = element('button', { type: 'button' }, download.title);
          button.addEventListener('click', () => save(backend, download));
          return element('li', {}, button, element('span', {}, download.summary));
        }),
      ),
    ]),
  );
}
