/** XML of libvirt's, read and written again; and XML that is hostile. */
import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { childOf, parseXml, printXml } from '../../src/domains/xml.ts';

const again = (text: string): string | undefined => {
  const element = parseXml(text);
  return element && printXml(element);
};

const missing = (): never => {
  throw new Error('nothing was read');
};

test('elements, attributes and text are kept; comments, blanks and declarations are not', () => {
  assert.is(
    again(`<?xml version='1.0'?>\n<!-- a > b --><a x='1' y = "2">\n  <b/> text <!-- c -->\n</a>\n`),
    '<a x="1" y="2">text<b/></a>',
  );
  assert.is(childOf(parseXml('<a><b/><c d="e"/></a>') ?? missing(), 'c')?.offset, 7);
});

test('CDATA is text, whatever is in it; libvirt stores it in metadata', () => {
  assert.is(
    again(`<a><m:x xmlns:m='y'><![CDATA[<b> &lt; ]] '--x]]></m:x><c/></a>`),
    '<a><m:x xmlns:m="y">&#60;b> &#38;lt; ]] &#39;--x</m:x><c/></a>'.replace('b> ', 'b&#62; '),
  );
  assert.is(again('<a><![CDATA[]]></a>'), '<a/>');
});

test('characters beyond printable ASCII, and quotes of a shell, are written by number', () => {
  assert.is(
    again(`<a b='&quot;&apos;&lt;&amp;&#10;\u202e\u{1f600}\\'/>`),
    '<a b="&#34;&#39;&#60;&#38;&#10;&#8238;&#128512;&#92;"/>',
  );
});

test('what is printed is one word for a shell, and the same element again', () => {
  const values = ["'; touch /tmp/x; '", '$(id)', '`id`', '\\n', '&amp;', '\n\t', '-x', 'é'];
  for (const value of values) {
    const element = {
      ...{ name: 'a', children: [], text: '', offset: 0 },
      attributes: new Map([['b', value]]),
    };
    const xml = printXml(element) ?? '';
    assert.not.match(xml, /['\n\\]/);
    const echoed = execFileSync('sh', ['-c', `echo '${xml}'`], { encoding: 'utf8' });
    assert.is(echoed, `${xml}\n`);
    assert.is(parseXml(echoed)?.attributes.get('b'), value);
  }
});

test('other text is refused as a whole', () => {
  const wrong = [
    ...['', 'x', '<a>', '<a></b>', '</a>', '<a/><b/>', '<a/>x', '<a b=c/>', '<a b="<"/>', '< a/>'],
    ...['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', '<a>&x;</a>', '<a>&</a>', '<a b="&#0;"/>'],
    ...[
      '<a b="1" b="2"/>',
      '<a><![CDATA[x]></a>',
      '<![CDATA[x]]><a/>',
      '<!-- <a/>',
      '<a>&#xd800;</a>',
    ],
  ];
  for (const text of wrong) assert.is(parseXml(text), undefined, text);
});

test('a character that XML cannot have is not printed', () => {
  assert.is(again('<a b="\u0007"/>'), undefined);
  assert.is(again('<a b="\ud800"/>'), undefined);
  assert.is(again('<a><b>\u0000</b></a>'), undefined);
});

test('deep, wide and endless texts end, soon', () => {
  const begun = performance.now();
  assert.is(parseXml('<a>'.repeat(1_000_000)), undefined);
  assert.is(parseXml(`<a>${'<b/>'.repeat(100_000)}</a>`), undefined);
  assert.is(parseXml(`<a b='${'x'.repeat(1_000_000)}`), undefined);
  assert.is(parseXml(`<a ${' '.repeat(1_000_000)}`), undefined);
  assert.is(parseXml(`<a>${'&'.repeat(1_000_000)}</a>`), undefined);
  assert.ok(parseXml(`<a>${'&amp;'.repeat(100_000)}</a>`));
  assert.ok(performance.now() - begun < 5000);
});

test.run();
