/** The list of diagnostics below the editor: place, code, message, help, and the fix where there is one. */
import type { ShownDiagnostic } from './answer.ts';
import { element } from './element.ts';

export interface FindingsEvents {
  goTo(offset: number): void;
  explain(code: string): void;
  fix(diagnostic: ShownDiagnostic): void;
}

/** So many are listed: nobody reads more. */
const MOST = 100;

export function showFindings(
  place: HTMLElement,
  diagnostics: readonly ShownDiagnostic[],
  events: FindingsEvents,
): void {
  const left = diagnostics.length - MOST;
  place.replaceChildren(
    ...diagnostics.slice(0, MOST).map((item) => findingElement(item, events)),
    ...(left > 0 ? [element('li', {}, `And ${left} more.`)] : []),
  );
}

function findingElement(item: ShownDiagnostic, events: FindingsEvents): HTMLElement {
  const { severity, code, message, hint, line, column, from, backend, fix } = item;
  return element(
    'li',
    { class: `finding ${severity}` },
    element(
      'p',
      { class: 'head' },
      element('strong', {}, severity),
      ' ',
      button(code, () => events.explain(code), `Explain ${code}`),
      ' ',
      button(`${line}:${column}`, () => events.goTo(from), `Go to line ${line}, column ${column}`),
      ...(backend === undefined ? [] : [` ${backend}`]),
    ),
    element('p', { class: 'message' }, ...withCode(message)),
    element('p', { class: 'hint' }, ...withCode(hint)),
    ...(fix
      ? [
          element(
            'p',
            {},
            fixButton(fix.message, () => events.fix(item)),
          ),
        ]
      : []),
  );
}

function button(text: string, act: () => void, label: string): HTMLElement {
  const made = element('button', { type: 'button', class: 'link', title: label }, text);
  made.addEventListener('click', act);
  return made;
}

function fixButton(message: string, act: () => void): HTMLElement {
  const made = element('button', { type: 'button' }, 'Fix: ', ...withCode(message));
  made.addEventListener('click', act);
  return made;
}

/** What is between backticks is code. */
export const withCode = (text: string): (Node | string)[] =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part))
    .filter((part) => part !== '');
