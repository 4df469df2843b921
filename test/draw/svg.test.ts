/** `graph --format svg`: legible for everybody, in light, dark and print (WCAG 2.2). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { changeBetween } from '../../src/draw/change.ts';
import { reachOf } from '../../src/draw/reach.ts';
import { drawingSvg } from '../../src/draw/svg.ts';
import { topologyOf } from '../../src/draw/topology.ts';
import type { Model } from '../../src/model/types.ts';
import { intentOf } from '../golden/cases.ts';

function modelOf(text: string): Model {
  const { model } = compile(text, { file: 'x', backends: [] });
  if (!model) throw new Error('no model');
  return model;
}

const before = modelOf(intentOf('normal-setup'));
const after = modelOf(intentOf('original'));
const SVG = drawingSvg(changeBetween(topologyOf(before), topologyOf(after)), reachOf(after));

/** Class or element → the declarations that apply to it. */
type Rules = ReadonlyMap<string, Readonly<Record<string, string>>>;

function rulesOf(css: string, base: Rules = new Map()): Rules {
  const rules = new Map([...base].map(([name, all]) => [name, { ...all }]));
  for (const [, selectors = '', body = ''] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    for (const selector of selectors.split(',')) {
      const own = Object.fromEntries(
        body
          .split(';')
          .filter(Boolean)
          .map((line) => line.split(/:(.*)/).slice(0, 2)),
      ) as Record<string, string>;
      rules.set(selector, { ...rules.get(selector), ...own });
    }
  }
  return rules;
}

/** The style as it is in light, in dark, and on paper. */
function schemesOf(svg: string): Readonly<Record<'light' | 'dark', Rules>> {
  const css = /<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? '';
  const [, light = '', media = '', dark = ''] = /^(.*?)@media([^{]*)\{(.*)\}$/.exec(css) ?? [];
  assert.is(media.trim(), 'screen and (prefers-color-scheme:dark)');
  return { light: rulesOf(light), dark: rulesOf(dark, rulesOf(light)) };
}

/** The relative luminance of `#rgb` or `#rrggbb`, by the formula of WCAG 2.2. */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** What is drawn on what: text needs 7:1 (1.4.6), lines and frames 3:1 (1.4.11). */
const PAIRS = [
  ['text', 'fill', '.paper', 7],
  ['text', 'fill', '.box', 7],
  ['text', 'fill', '.lan', 7],
  ['.box', 'stroke', '.paper', 3],
  ['.box', 'stroke', '.lan', 3],
  ['.edge', 'stroke', '.paper', 3],
  ['.frame', 'stroke', '.paper', 3],
] as const;

function contrastProblems(svg: string): string[] {
  return Object.entries(schemesOf(svg)).flatMap(([scheme, rules]) =>
    PAIRS.flatMap(([what, property, on, least]) => {
      const [front = '', back = ''] = [rules.get(what)?.[property], rules.get(on)?.['fill']];
      const ratio = contrast(front, back);
      return ratio >= least ? [] : [`${scheme}: ${what} on ${on}: ${ratio.toFixed(2)}`];
    }),
  );
}

test('text has a contrast of 7:1 and lines of 3:1, in light and in dark', () => {
  assert.is(contrast('#000', '#ffffff').toFixed(1), '21.0');
  assert.is(contrast('#767676', '#fff').toFixed(2), '4.54');
  assert.equal(contrastProblems(SVG), []);
});

test('a pale text or line is noticed', () => {
  const pale = SVG.replace('fill:#111}', 'fill:#777}');
  assert.equal(contrastProblems(pale), [
    'light: text on .paper: 4.48',
    'light: text on .box: 4.48',
    'light: text on .lan: 3.86',
  ]);
  assert.is(contrastProblems(SVG.replace('stroke:#949494', 'stroke:#333')).length, 1);
});

/** A colour that is not a grey could differ from another in its hue alone. */
const hues = (svg: string): string[] =>
  [...svg.matchAll(/(?:fill|stroke):(?!none)([^;}]+)/g)]
    .map(([, colour = '']) => colour)
    .filter((colour) => !/^#(?:([0-9a-f])\1\1|([0-9a-f]{2})\2\2)$/.test(colour));

test('nothing depends on colour: there are greys only, and a change is a word', () => {
  assert.equal(hues(SVG), []);
  assert.equal(hues(SVG.replace('#111', '#a00')), ['#a00']);
  for (const word of ['veth0 (added)', 'eth0 (changed)', 'was 198.51.100.50/24']) {
    assert.ok(SVG.includes(`>${word}</text>`), word);
  }
  for (const change of ['added', 'changed', 'removed']) {
    assert.match(SVG, new RegExp(`\\.${change}\\{stroke-`));
  }
});

/** Title and description of an image whose parts a screen reader does not visit. */
function spoken(svg: string): { title: string; desc: string } {
  const [, attributes = ''] = /^<svg ([^>]*)>/.exec(svg) ?? [];
  assert.match(attributes, /role="img"/);
  const textOf = (attribute: string, element: string): string => {
    const [, id = ''] = new RegExp(`${attribute}="([^" ]+)"`).exec(attributes) ?? [];
    const found = new RegExp(`<${element} id="${id}">([^<]+)</${element}>`).exec(svg);
    if (!found) throw new Error(`no ${element} called ${id}`);
    return (found[1] ?? '').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  };
  return { title: textOf('aria-labelledby', 'title'), desc: textOf('aria-describedby', 'desc') };
}

test('a screen reader gets a title, and all that is drawn as sentences', () => {
  const { title, desc } = spoken(SVG);
  assert.is(title, 'Network of kvm1');
  const { nodes } = topologyOf(after);
  for (const { name, facts } of nodes) {
    for (const part of [name, ...facts]) assert.ok(desc.includes(part), part);
  }
  for (const { from, to, verdict, reason } of reachOf(after)) {
    assert.ok(desc.includes(`${from} and ${to}: ${verdict}, ${reason}.`), from);
  }
  assert.match(desc, /shim veth0 \(added\) on top of eth0: macvlan, mode bridge/);
  assert.throws(() => spoken(SVG.replace('id="topology-desc"', 'id="other"')));
});

test.run();
