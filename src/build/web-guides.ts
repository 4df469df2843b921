/** The guides as HTML for the page: made when it is built, from the Markdown that `help` prints. */
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { guide, titleOf, topicNames } from '../help/topics.ts';

/** What of a Markdown tree is read here. */
interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly depth?: number;
  readonly ordered?: boolean | null;
  readonly url?: string;
  readonly children?: readonly MarkdownNode[];
}

/** The guide that is shown first. */
const FIRST = 'intent';

export const topicOptions = (): string =>
  topicNames()
    .map((topic) => {
      const selected = topic === FIRST ? ' selected' : '';
      return `<option value="${topic}"${selected}>${encoded(titleOf(topic))}</option>`;
    })
    .join('');

/** One article for each guide. */
export const guidesHtml = (): string =>
  topicNames()
    .map((topic) => {
      const tree = unified()
        .use(remarkParse)
        .use(remarkGfm)
        .parse(guide(topic) ?? '');
      const hidden = topic === FIRST ? '' : ' hidden';
      return `<article class="guide" id="guide-${topic}"${hidden}>${inside(tree as MarkdownNode)}</article>`;
    })
    .join('\n');

const inside = ({ children = [] }: MarkdownNode): string => children.map(html).join('');

const wrapped = (tag: string, node: MarkdownNode): string => `<${tag}>${inside(node)}</${tag}>`;

/** @throws Error for a kind of node that no guide has had yet */
function html(node: MarkdownNode): string {
  const { type, value = '', depth = 1, ordered, url = '' } = node;
  switch (type) {
    case 'heading':
      // The page has h1 and h2.
      return wrapped(`h${depth + 2}`, node);
    case 'paragraph':
      return wrapped('p', node);
    case 'text':
      return encoded(value);
    case 'inlineCode':
      return codeHtml(value);
    case 'code':
      return `<pre tabindex="0">${encoded(value)}</pre>`;
    case 'emphasis':
      return wrapped('em', node);
    case 'strong':
      return wrapped('strong', node);
    case 'list':
      return wrapped(ordered ? 'ol' : 'ul', node);
    case 'listItem':
      return `<li>${(node.children ?? []).map(itemHtml).join('')}</li>`;
    case 'link':
      return `<a href="${encoded(url)}" rel="noreferrer">${inside(node)}</a>`;
    case 'break':
      return '<br>';
    case 'table':
      return `<div class="table" tabindex="0" role="region" aria-label="Table">${tableHtml(node)}</div>`;
    default:
      throw new Error(`a guide has a ${type}, which the page does not show`);
  }
}

/** The paragraph of an item is its text. */
const itemHtml = (node: MarkdownNode): string =>
  node.type === 'paragraph' ? inside(node) : html(node);

function tableHtml({ children = [] }: MarkdownNode): string {
  const row = (tag: string) => (node: MarkdownNode) =>
    `<tr>${(node.children ?? []).map((cell) => wrapped(tag, cell)).join('')}</tr>`;
  const [head, ...body] = children;
  return `<table><thead>${head ? row('th')(head) : ''}</thead><tbody>${body.map(row('td')).join('')}</tbody></table>`;
}

/** `help TOPIC` leads to that guide. */
function codeHtml(value: string): string {
  const topic = /^help ([a-z-]+)$/.exec(value)?.[1];
  const code = `<code>${encoded(value)}</code>`;
  return topic !== undefined && topicNames().includes(topic)
    ? `<a href="#guide-${topic}" data-topic="${topic}">${code}</a>`
    : code;
}

const encoded = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
