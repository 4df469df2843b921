/**
 * SVG as the core writes it → nodes. No parser of HTML or XML sees it: these are the elements and
 * attributes that pictures have, and nothing else becomes a node.
 */

const SVG = 'http://www.w3.org/2000/svg';
const ELEMENTS = new Set([
  'svg',
  'g',
  'title',
  'desc',
  'rect',
  'path',
  'text',
  'tspan',
  'circle',
  'line',
]);
const ATTRIBUTES =
  /^(?:x|y|[xy][12]|c[xy]|r|rx|ry|d|width|height|viewBox|class|id|role|aria-labelledby|aria-label|aria-hidden|dx|dy|text-anchor|transform)$/;
const TOKEN = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z:-]+="[^"]*")*) ?(\/?)>|([^<]+)/g;

/**
 * A picture in a tree of its own, so that its style is only its own.
 * @param svg a whole document
 */
export function showPicture(place: HTMLElement, svg: string): void {
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  root.replaceChildren(nodesOf(svg));
  const style = new CSSStyleSheet();
  style.replaceSync(`${/<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? ''}${OWN}`);
  root.adoptedStyleSheets = [style];
}

/** The page is its paper. */
const OWN = 'svg{display:block;max-width:none}.paper{fill:none!important}';

function nodesOf(svg: string): DocumentFragment {
  const top = document.createDocumentFragment();
  const open: Node[] = [];
  /** Within an element that is left out. */
  let skipped = 0;
  for (const [, close, name = '', attributes = '', isEmpty, text] of svg.matchAll(TOKEN)) {
    const parent = open.at(-1) ?? top;
    if (text !== undefined) {
      if (skipped === 0 && open.length > 0)
        parent.appendChild(document.createTextNode(decoded(text)));
    } else if (close) {
      if (skipped > 0) skipped -= 1;
      else open.pop();
    } else if (skipped > 0 || !ELEMENTS.has(name)) {
      if (!isEmpty) skipped += 1;
    } else {
      const made = document.createElementNS(SVG, name);
      for (const [, key = '', value = ''] of attributes.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)) {
        if (ATTRIBUTES.test(key)) made.setAttribute(key, decoded(value));
      }
      parent.appendChild(made);
      if (!isEmpty) open.push(made);
    }
  }
  return top;
}

const decoded = (text: string): string =>
  text.replace(/&#([0-9]{1,7});/g, (_, code: string) => String.fromCodePoint(Number(code)));
