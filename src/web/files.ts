/** The rendered files, each line with its reason: on hover, on focus, and by arrow keys. */
import { visible } from '../diagnostics/visible.ts';
import type { ShownFile, ShownLine, ShownSet } from './answer.ts';
import { element } from './element.ts';
import { withCode } from './findings.ts';

export interface FilesView {
  show(sets: readonly ShownSet[]): void;
  /** Lines that come from a line of the intent. */
  link(line: number): void;
}

export interface FilesEvents {
  /** A line of the intent, counted from 1; undefined: none. */
  point(line: number | undefined): void;
  goTo(line: number): void;
}

/** So many lines are shown; the archive has them all. */
const MOST_LINES = 5000;

interface Shown {
  readonly key: string;
  readonly element: HTMLElement;
  readonly lines: ReadonlyMap<HTMLElement, ShownLine>;
}

/** @param reason what the chosen line's reason is shown in */
export function startFiles(
  place: HTMLElement,
  reason: HTMLElement,
  events: FilesEvents,
): FilesView {
  let shown: readonly Shown[] = [];
  const lineOf = (target: EventTarget | null): [HTMLElement, ShownLine] | undefined => {
    const option = target instanceof Element ? target.closest<HTMLElement>('[role=option]') : null;
    for (const { lines } of option ? shown : []) {
      const line = option && lines.get(option);
      if (option && line) return [option, line];
    }
    return undefined;
  };
  const choose = (target: EventTarget | null): void => {
    const found = lineOf(target);
    if (!found) return;
    const [option, line] = found;
    for (const other of place.querySelectorAll('[aria-selected=true]')) {
      other.setAttribute('aria-selected', 'false');
    }
    option.setAttribute('aria-selected', 'true');
    reason.replaceChildren(...reasonOf(line, () => events.goTo(line.origin)));
    events.point(line.origin);
  };
  place.addEventListener('mouseover', ({ target }) => choose(target));
  place.addEventListener('focusin', ({ target }) => choose(target));
  place.addEventListener('mouseleave', () => events.point(undefined));
  place.addEventListener('keydown', (event) => {
    const found = lineOf(event.target);
    if (found && moveBy(event.key, found[0], events, found[1])) event.preventDefault();
  });
  return {
    show(sets) {
      const known = new Map(shown.map((item) => [item.key, item]));
      const { parts, files } = partsOf(sets, known);
      shown = files;
      const isSame =
        parts.length === place.childNodes.length &&
        parts.every((part, index) => part === place.childNodes[index]);
      if (!isSame) place.replaceChildren(...parts);
    },
    link(line) {
      for (const { lines } of shown) {
        for (const [option, { origin }] of lines) {
          option.classList.toggle('linked', origin === line);
        }
      }
    },
  };
}

function partsOf(
  sets: readonly ShownSet[],
  known: ReadonlyMap<string, Shown>,
): { parts: Node[]; files: Shown[] } {
  const parts: Node[] = [];
  const files: Shown[] = [];
  let left = MOST_LINES;
  let isCut = false;
  for (const { backend, files: own } of sets) {
    if (sets.length > 1) parts.push(element('h3', { class: 'backend' }, backend));
    if (own.length === 0) parts.push(element('p', {}, `${backend} has nothing to write.`));
    for (const file of own) {
      left -= file.lines.length;
      if (left < 0) {
        isCut = true;
        continue;
      }
      const key = JSON.stringify([backend, file]);
      const made = known.get(key) ?? { key, ...fileElement(file) };
      files.push(made);
      parts.push(made.element);
    }
  }
  if (isCut) parts.push(element('p', {}, 'There are more files: the archive has all of them.'));
  return { parts, files };
}

function fileElement({ path, mode, role, about, lines }: ShownFile): Omit<Shown, 'key'> {
  const options = lines.map((line, index) => {
    const isFirst = index === 0;
    const option = element(
      'div',
      {
        role: 'option',
        'aria-selected': 'false',
        tabindex: isFirst ? '0' : '-1',
        ...(line.text === '' && { 'aria-label': 'empty line' }),
      },
      visible(line.text),
    );
    return [option, line] as const;
  });
  const name = visible(path);
  const shown = element(
    'section',
    { class: 'file' },
    element(
      'h3',
      {},
      element('span', { class: 'path' }, name),
      ' ',
      element('span', { class: 'mode' }, `${mode}, ${role}`),
    ),
    element('p', { class: 'about' }, ...withCode(visible(about))),
    element(
      'div',
      { role: 'listbox', class: 'lines', 'aria-label': `Lines of ${name}` },
      ...options.map(([option]) => option),
    ),
  );
  return { element: shown, lines: new Map(options) };
}

function reasonOf({ text, reason, authority, origin }: ShownLine, goTo: () => void): Node[] {
  const button = element(
    'button',
    { type: 'button', class: 'link' },
    `line ${origin} of the intent`,
  );
  button.addEventListener('click', goTo);
  return [
    element('p', { class: 'why' }, ...withCode(visible(reason))),
    element(
      'p',
      { class: 'from' },
      ...(text === '' ? [] : [element('code', {}, visible(text.trim())), ' is from ']),
      button,
      `. ${visible(authority)}`,
    ),
  ];
}

/** @returns whether the key does something here */
function moveBy(
  key: string,
  option: HTMLElement,
  { goTo }: FilesEvents,
  { origin }: ShownLine,
): boolean {
  if (key === 'Enter') {
    goTo(origin);
    return true;
  }
  const list = option.parentElement;
  const next = {
    ArrowDown: option.nextElementSibling,
    ArrowUp: option.previousElementSibling,
    Home: list?.firstElementChild,
    End: list?.lastElementChild,
  }[key];
  if (next === undefined) return false;
  if (!(next instanceof HTMLElement)) return true;
  option.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  return true;
}
