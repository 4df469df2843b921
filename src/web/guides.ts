/** Guides, and the pages of keys and diagnostics. The guides are HTML of the build, one shown at a time. */
import { CODES } from '../diagnostics/codes.ts';
import { keyPlaces } from '../explain/keys.ts';
import { matchingPage, nearestNames, referencePage } from '../explain/reference.ts';
import { byId, element } from './element.ts';

export interface Guides {
  /** The page of a diagnostic or key. */
  explain(word: string): void;
  showPage(page: string): void;
}

/** @param open shows the tab that they are in */
export function startGuides(open: () => void): Guides {
  const choice = byId('guide-choice', HTMLSelectElement);
  const showGuide = (topic: string): void => {
    choice.value = topic;
    for (const guide of document.querySelectorAll<HTMLElement>('.guide')) {
      guide.hidden = guide.id !== `guide-${topic}`;
    }
  };
  choice.addEventListener('change', () => showGuide(choice.value));
  const word = byId('reference-word', HTMLInputElement);
  const reference = byId('reference', HTMLPreElement);
  const names = [...Object.keys(CODES), ...keyPlaces().map(({ key }) => key)];
  byId('reference-words', HTMLDataListElement).append(
    ...[...new Set(names)]
      .filter((name) => !name.startsWith('<'))
      .sort()
      .map((name) => element('option', { value: name })),
  );
  const showPage = (page: string): void => {
    reference.textContent = page.trim();
    reference.hidden = false;
    open();
  };
  const explain = (wanted: string): void => {
    const near = nearestNames(wanted.slice(0, 100));
    const meant = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
    showPage(
      referencePage(wanted) ??
        matchingPage(wanted) ??
        `There is no diagnostic or key of this name.${meant}`,
    );
  };
  byId('reference-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    explain(word.value.trim());
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('[data-topic]') : null;
    const topic = link?.getAttribute('data-topic');
    if (!topic) return;
    event.preventDefault();
    showGuide(topic);
    document.getElementById(`guide-${topic}`)?.scrollIntoView();
  });
  return {
    explain(wanted) {
      word.value = wanted;
      explain(wanted);
    },
    showPage,
  };
}
