/** A remembered tree: each question is asked once, and what was opened is closed. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rememberedTree } from '../../src/install/remembered.ts';
import type { Directory } from '../../src/system.ts';

function counted(): { readonly top: Directory; readonly calls: string[] } {
  const calls: string[] = [];
  const folder = (path: string, names: readonly string[]): Directory =>
    ({
      path,
      entries: () => {
        calls.push(`entries ${path}`);
        return new Map(names.map((name) => [name, 'directory']));
      },
      kindOf: (name: string) => {
        calls.push(`kindOf ${path}${name}`);
        return names.includes(name) ? 'directory' : undefined;
      },
      enter: (name: string) => {
        calls.push(`enter ${path}${name}`);
        return name === 'etc' ? folder(`${path}etc/`, ['file']) : undefined;
      },
      read: (name: string) => {
        calls.push(`read ${path}${name}`);
        if (name !== 'file') throw new Error('not there');
        return { text: 'text', mode: 0o644, uid: 0, gid: 0 };
      },
      close: () => calls.push(`close ${path}`),
    }) as unknown as Directory;
  return { top: folder('/', ['etc']), calls };
}

test('each is asked once, and nothing of names that are not listed', () => {
  const { top, calls } = counted();
  const { tree, close } = rememberedTree(top);
  for (let times = 0; times < 2; times += 1) {
    assert.is(tree.kindOf('etc'), 'directory');
    assert.is(tree.kindOf('usr'), undefined);
    assert.equal(tree.list(), ['etc']);
    assert.is(tree.kindOf('run'), undefined);
    assert.is(tree.enter('run'), undefined);
    const etc = tree.enter('etc');
    assert.is(etc?.read('file', 10).text, 'text');
    etc?.close();
    assert.throws(() => etc?.read('other', 10), 'not there');
  }
  assert.equal(calls, [
    'kindOf /etc',
    'kindOf /usr',
    'entries /',
    'enter /etc',
    'read /etc/file',
    'read /etc/other',
    'read /etc/other',
  ]);
  calls.length = 0;
  close();
  assert.equal(calls, ['close /etc/']);
});

test.run();
