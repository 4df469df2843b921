/**
 * The intent's editor: CodeMirror 6 à la carte, with a completion of our own. It is the only editor that
 * a keyboard, a screen reader and a phone can all use, and it is a fifth of the page; its ready-made
 * packages for JSON Schema would be a megabyte more. Its YAML grammar colours, and decides nothing.
 */
import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
  bracketMatching,
  HighlightStyle,
  indentService,
  LRLanguage,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, lintKeymap, type Diagnostic as Mark, setDiagnostics } from '@codemirror/lint';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { parser } from '@lezer/yaml';
import type { ShownDiagnostic, ShownEdit } from './answer.ts';
import { element } from './element.ts';
import { withCode } from './findings.ts';
import { offersAt, pageAt } from './language.ts';

export interface Editor {
  text(): string;
  /** Replaces all of it; can be undone. */
  replace(text: string): void;
  /** Edits that fit the text as it is now. */
  edit(edits: readonly ShownEdit[]): void;
  mark(diagnostics: readonly ShownDiagnostic[]): void;
  /** Shows a line, counted from 1, as what something comes from; undefined: none. */
  point(line: number | undefined): void;
  /** Puts the cursor there, and the focus in the editor. */
  goTo(offset: number): void;
  /** Where a line begins, counted from 1. */
  lineStart(line: number): number;
}

export interface EditorEvents {
  changed(): void;
  /** The cursor is in this line, counted from 1. */
  moved(line: number): void;
  /** The page of a key is asked for. */
  explain(page: string): void;
}

/** So many are marked in the text: the list beside it says how many there are. */
const MOST_MARKS = 500;

/** @param place an element of the page; the editor is in a tree of its own, with its own style */
export function startEditor(place: HTMLElement, text: string, events: EditorEvents): Editor {
  const root = place.attachShadow({ mode: 'open' });
  const view = new EditorView({ root, parent: root, state: stateOf(text, events) });
  const length = (): number => view.state.doc.length;
  const bounded = (offset: number): number => Math.max(0, Math.min(offset, length()));
  const edit: Editor['edit'] = (edits) => view.dispatch({ changes: [...edits] });
  return {
    text: () => view.state.doc.toString(),
    replace: (insert) => edit([{ from: 0, to: length(), insert }]),
    edit,
    mark: (diagnostics) => {
      const marks = diagnostics
        .slice(0, MOST_MARKS)
        .map((item) => markOf(item, bounded))
        .filter(({ to }) => to <= length());
      view.dispatch(setDiagnostics(view.state, marks));
    },
    point: (line) => {
      const isThere = line !== undefined && line <= view.state.doc.lines;
      view.dispatch({ effects: pointed.of(isThere ? view.state.doc.line(line).from : undefined) });
    },
    goTo: (offset) => {
      view.dispatch({ selection: { anchor: bounded(offset) }, scrollIntoView: true });
      view.focus();
    },
    lineStart: (line) => view.state.doc.line(Math.min(line, view.state.doc.lines)).from,
  };
}

function stateOf(doc: string, events: EditorEvents): EditorState {
  return EditorState.create({
    doc,
    extensions: [
      // Other line breaks than LF are part of the text: the compiler sees what was loaded.
      EditorState.lineSeparator.of('\n'),
      lineNumbers(),
      lintGutter(),
      history(),
      highlightSpecialChars(),
      highlightActiveLine(),
      bracketMatching(),
      LRLanguage.define({ parser }),
      syntaxHighlighting(HIGHLIGHT),
      indentation,
      autocompletion({ override: [complete], icons: false }),
      hoverTooltip(hover),
      pointedLine,
      keymap.of([
        { key: 'F1', run: (view) => explainKey(view, events) },
        { key: 'Tab', run: acceptCompletion },
        ...completionKeymap,
        ...lintKeymap,
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      EditorView.contentAttributes.of({
        'aria-label': 'Intent, in YAML',
        tabindex: '0',
        spellcheck: 'false',
        autocapitalize: 'off',
        autocorrect: 'off',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) events.changed();
        if (update.docChanged || update.selectionSet) {
          events.moved(update.state.doc.lineAt(update.state.selection.main.head).number);
        }
      }),
      THEME,
    ],
  });
}

function markOf(
  { severity, message, hint, code, from, to, fix }: ShownDiagnostic,
  bounded: (offset: number) => number,
): Mark {
  return {
    from: bounded(from),
    to: bounded(Math.max(to, from)),
    severity: severity === 'note' ? 'info' : severity,
    source: code,
    message: `${message} ${hint}`,
    ...(fix && {
      actions: [
        {
          name: fix.message,
          apply: (view: EditorView) => view.dispatch({ changes: [...fix.edits] }),
        },
      ],
    }),
  };
}

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const found = offersAt(state.doc.toString(), pos);
  if (!found || (!explicit && found.from === pos)) return null;
  return {
    from: found.from,
    validFor: /^[A-Za-z0-9_.-]*$/,
    options: found.offers.map(({ label, insert, detail, info }) => ({
      label,
      apply: insert,
      detail,
      info: () => element('div', {}, ...withCode(info)),
    })),
  };
}

function hover({ state }: EditorView, position: number) {
  const found = pageAt(state.doc.toString(), position);
  if (!found) return null;
  const { from: pos, to: end, page } = found;
  return {
    pos,
    end,
    above: true,
    create: () => ({ dom: element('pre', { class: 'explained' }, page.trim()) }),
  };
}

/** The key at the cursor, or the first of its line. */
function explainKey({ state }: EditorView, events: EditorEvents): boolean {
  const { head } = state.selection.main;
  const text = state.doc.toString();
  const line = state.doc.lineAt(head);
  const first = line.from + Math.max(0, line.text.search(/[A-Za-z0-9_]/));
  const found = pageAt(text, head) ?? pageAt(text, first);
  if (found) events.explain(found.page);
  return true;
}

/** As the line before; deeper after a key without a value. */
const indentation = indentService.of((context, position) => {
  const { text, from } = context.lineAt(position, -1);
  const before = text.slice(0, position - from);
  const own = /^ */.exec(before)?.[0].length ?? 0;
  return /:[ \t]*$/.test(before) ? own + 2 : own;
});

const pointed = StateEffect.define<number | undefined>();
const pointedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, { effects, changes }) {
    const effect = effects.find((item) => item.is(pointed));
    if (!effect) return value.map(changes);
    const at = effect.value as number | undefined;
    return at === undefined
      ? Decoration.none
      : Decoration.set([Decoration.line({ class: 'pointed' }).range(at)]);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Colours are the page's, for light and dark. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--text)' },
  { tag: tags.lineComment, color: 'var(--quiet)', fontStyle: 'italic' },
  {
    tag: [tags.separator, tags.squareBracket, tags.brace, tags.punctuation],
    color: 'var(--quiet)',
  },
  { tag: [tags.meta, tags.labelName, tags.typeName], color: 'var(--accent)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '0.875rem', lineHeight: '1.6' },
  '.cm-content': { padding: '0.75rem 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--quiet)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--wash)' },
  '.pointed': { backgroundColor: 'var(--pointed)' },
  '.cm-matchingBracket': {
    backgroundColor: 'transparent !important',
    outline: '1px solid var(--quiet)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--rule)',
    borderRadius: '6px',
    maxWidth: '34rem',
    boxShadow: '0 6px 24px #0003',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    fontSize: '0.8125rem',
    maxHeight: '16rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '0.15rem 0.75rem',
    color: 'var(--text)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal', marginLeft: '1.5em' },
  '.cm-tooltip.cm-completionInfo': {
    fontSize: '0.8125rem',
    padding: '0.6rem 0.75rem',
    maxWidth: '20rem',
    fontFamily: 'var(--sans)',
  },
  '.explained': {
    margin: '0',
    padding: '0.6rem 0.75rem',
    font: '0.8125rem/1.5 var(--mono)',
    whiteSpace: 'pre-wrap',
  },
  '.cm-diagnostic': { padding: '0.5rem 0.75rem', fontFamily: 'var(--sans)', fontSize: '0.875rem' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--note)' },
  '.cm-diagnosticSource': { opacity: '1', color: 'var(--quiet)' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  // Shapes, and not colours alone.
  '.cm-lint-marker': { width: '0.65rem', height: '0.65rem', margin: '0.35rem 0 0 0.1rem' },
  '.cm-lint-marker-error': { content: '""', backgroundColor: 'var(--error)', borderRadius: '50%' },
  '.cm-lint-marker-warning': {
    content: '""',
    backgroundColor: 'var(--warning)',
    transform: 'rotate(45deg) scale(0.85)',
  },
  '.cm-lint-marker-info': { content: '""', border: '2px solid var(--note)', borderRadius: '50%' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { backgroundColor: 'var(--wash)' },
});
