/** Templates and views: what is absent is not printed, and a name that is in one alone is noticed. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shapeOf } from '../../src/build/shapes.ts';
import { viewTypes } from '../../src/build/views.ts';
import { inPlace } from '../../src/view/place.ts';
import { entry } from '../../src/view/rendered.ts';
import { MARK, MARK_BEGIN, MARK_END, withoutAbsent } from '../../src/view/structure.ts';
import { file } from '../../src/view/template.ts';
import type { Part, Views } from '../../src/view/views.ts';

/** A template, printed with `{}` for each value that is there and nothing for one that is not. */
const printed = (text: string): string =>
  withoutAbsent(text.replaceAll('{}', `x${MARK_BEGIN}${MARK_END}`)).replaceAll(MARK, '');

test('the types of views are those of the templates: npm run views', () => {
  const written = readFileSync(new URL('../../src/view/views.ts', import.meta.url), 'utf8');
  assert.is(written, viewTypes());
});

test('a line without a value is not printed, nor a section without lines, nor its blank line', () => {
  assert.is(
    printed('# a comment\n\n[A]\nB=\n\n[C]\nD=\nE={}\n\n[F]\n\n[]\nG=\n'),
    '# a comment\n\n[C]\nE=x\n',
  );
  assert.is(printed('# a comment\n\n[{}]\nB=\n'), '# a comment\n');
  assert.is(printed('[A]\nB=\n[{}]\nC={}\n'), '[x]\nC=x\n');
});

test('a mapping of YAML goes with what is below it, at any depth', () => {
  const links = (below: string): string =>
    printed(`network:\n  version: {}\n  ethernets:\n${below}`);
  assert.is(
    links('    {}:\n      a: \n      b:\n        c:\n          d: \n        e:\n      f: {}\n'),
    'network:\n  version: x\n  ethernets:\n    x:\n      f: x\n',
  );
  assert.is(
    links('    {}:\n      b:\n        c:\n          - {}\n        e:\n    {}:\n      g: {}\n'),
    'network:\n  version: x\n  ethernets:\n    x:\n      b:\n        c:\n          - x\n    x:\n      g: x\n',
  );
  assert.is(links('      a: []\n  vlans:\n'), 'network:\n  version: x\n');
  assert.is(printed('a:\n  b:\n    c: \n'), '\n');
});

test('an element and a comment of XML go with their value; tags stay', () => {
  assert.is(
    printed("<!-- kept -->\n<!--  -->\n<a b='{}'>\n  <c d=''/>\n  <e>\n  </e>\n</a>\n"),
    "<!-- kept -->\n<a b='x'>\n  <e>\n  </e>\n</a>\n",
  );
});

test('what a template of a back end must not have fails the build', () => {
  const shape = (source: string): unknown => shapeOf('t', source);
  assert.throws(() => shape('{{header}}\n[A]\nB=yes\n'), /no value gives a reason for "B=yes"/);
  assert.throws(() => shape('{{#if a}}\nB={{a}}\n{{/if}}\n'), /values, #each and join alone/);
  assert.throws(
    () => shape('{{#each a}}\nB={{../c}} {{d}}\n{{/each}}\n'),
    /\.\.\/c belongs to another group/,
  );
});

test('a value that stands alone in its line may be absent; any other must be there', () => {
  const source =
    '{{header}}\n[{{a.section}}]\nB={{a.b}}\n{{#each c}}\n- to: {{to}}\n  via: {{via}}\n{{/each}}\n' +
    'D={{join d ","}}\n{{#each e}}\n{{this}}\n{{/each}}\niface {{f}} {{g}}\n';
  const entryOf = (isRequired: boolean) => ({ kind: 'entry', isRequired });
  assert.equal(
    shapeOf('t', source),
    new Map<string, unknown>([
      ['header', entryOf(true)],
      [
        'a',
        {
          kind: 'group',
          keys: new Map([
            ['section', entryOf(true)],
            ['b', entryOf(false)],
          ]),
        },
      ],
      [
        'c',
        {
          kind: 'list',
          keys: new Map([
            ['to', entryOf(true)],
            ['via', entryOf(false)],
          ]),
        },
      ],
      ['d', { kind: 'entries' }],
      ['e', { kind: 'entries' }],
      ['f', entryOf(true)],
      ['g', entryOf(true)],
    ]),
  );
});

/** Compiled with all else: where a name that no template has is let pass, the compiler says so here. */
test('a view has no name that the template lacks', () => {
  const value = entry('1', 'a reason', 'ip(8)', []);
  const spec = {
    path: '/etc/x',
    mode: 0o644,
    role: 'required',
    ...inPlace({ folder: '/etc', name: /^x$/, rank: 1 }),
    about: value,
    template: 'networkd/link.network',
  } as const;
  // @ts-expect-error the template has no `mttu`
  const misspelt = file({ ...spec, view: { header: value, link: { mttu: value } } });
  assert.is(misspelt.text, '1\n# Do not edit: change the intent and render it again.\n');
  // @ts-expect-error nor in a part of a view, which is made elsewhere
  const part: Part<Views['networkd/link.network'], 'routes'> = { gatway: value };
  // @ts-expect-error and the header is always there
  const without = file({ ...spec, view: { routes: [part] } });
  assert.is(without.text, '\n# Do not edit: change the intent and render it again.\n');
});

test.run();
