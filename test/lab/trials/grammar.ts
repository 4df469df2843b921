/**
 * What the systems' own readers say of the files, apart from what comes of them: libnm of every
 * profile, NetworkManager of its configuration, yamllint of netplan's YAML. What networkd and
 * netplan's generator say is in their logs, which tier 1 reads.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderingsOf } from '../case.ts';
import { openScene } from '../drive/scene.ts';
import { putFiles, type TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { must, type Place } from '../place.ts';
import type { Trial } from '../trial.ts';

const PART = 'grammar';
const CHECK = fileURLToPath(new URL('grammar-check.py', import.meta.url));

/** Files that are wrong, and the line that its error must name: the readers do look. */
const WRONG: readonly { readonly file: TargetFile; readonly reported: RegExp }[] = [
  {
    file: {
      path: '/wrong/key.nmconnection',
      mode: 0o600,
      text: '[connection]\nid=x\nuuid=8cd55d86-d267-54ba-83cb-95c05d2079b0\ntype=ethernet\n\n[ipv4]\nmethod=disabled\nnonsense=1\n',
    },
    reported: /key\.nmconnection: libnm does not know \[ipv4\] nonsense/,
  },
  {
    file: {
      path: '/wrong/twice.yaml',
      mode: 0o600,
      text: 'network:\n  version: 2\n  version: 2\n',
    },
    reported: /twice\.yaml: yamllint: line 3: duplication of key "version"/,
  },
  {
    file: { path: '/wrong/key.conf', mode: 0o644, text: '[keyfile]\nnonsense=1\n' },
    reported: /key\.conf: .*unknown key 'nonsense' in section \[keyfile\]/,
  },
];

/** One trial a suite: a reader starts more slowly than it reads. */
export function grammarOf(
  cases: readonly string[],
  images: readonly Image[],
  backends: readonly string[],
): Trial[] {
  return images.map((image, index) => ({
    part: PART,
    words: [image.suite],
    repeat: ['--tier', '1', '--suite', image.suite, '--only', PART],
    run: async () => {
      const all = cases.flatMap((name) =>
        backends.flatMap((backend) =>
          renderingsOf(name, backend, image).all.flatMap((rendering, index) =>
            rendering.files.map((file) => ({
              ...file,
              path: `/${name}/${backend}/${index}${file.path}`,
            })),
          ),
        ),
      );
      // Most cases have files in common: one text is read once.
      // YAML is YAML everywhere: that of the last suite stands for all.
      const isRead = ({ path }: TargetFile): boolean =>
        !path.endsWith('.yaml') || index === images.length - 1;
      const texts = new Map(all.filter(isRead).map((file) => [file.text, file]));
      const files = [...texts.values()];
      const scene = await openScene(image.root);
      try {
        const printed = await readAll(scene.host, [...files, ...WRONG.map(({ file }) => file)]);
        const isMeant = (line: string): boolean => WRONG.some((item) => item.reported.test(line));
        return {
          failures: [
            ...printed.filter((line) => !isMeant(line) && !line.startsWith('/wrong/')),
            ...WRONG.filter((item) => !printed.some((line) => item.reported.test(line))).map(
              (item) => `not seen: ${item.reported}`,
            ),
          ],
          figures: { files: files.length },
        };
      } finally {
        await scene.end();
      }
    },
  }));
}

/** @returns a line for each thing that is wrong, with the path as it was given */
async function readAll(host: Place, files: readonly TargetFile[]): Promise<string[]> {
  const directory = '/run/grammar';
  putFiles(`${host.root}${directory}`, files);
  putFiles(host.root, [
    { path: `${directory}.py`, mode: 0o644, text: readFileSync(CHECK, 'utf8') },
  ]);
  const check = ['python3', `${directory}.py`, directory];
  const printed = (await must(host.runInside(check, undefined, 120), check)).split('\n');
  return [
    ...printed.filter((line) => line !== '').map((line) => line.replace(directory, '')),
    ...(await readConfigurations(host, files)),
  ];
}

/** NetworkManager reads the configuration of a whole directory: each that differs by itself. */
async function readConfigurations(host: Place, files: readonly TargetFile[]): Promise<string[]> {
  const texts = new Map<string, string>();
  for (const { path, text } of files) {
    if (/\/NetworkManager\/conf\.d\/|^\/wrong\/.*\.conf$/.test(path)) texts.set(text, path);
  }
  const warnings: string[] = [];
  for (const [text, path] of texts) {
    const own = '/etc/NetworkManager/conf.d';
    mkdirSync(join(host.root, own), { recursive: true });
    putFiles(host.root, [{ path: `${own}/90-macvtap.conf`, mode: 0o644, text }]);
    const print = ['NetworkManager', '--print-config'];
    const printed = await must(host.runInside(print), print);
    const lines = printed.split('\n').filter((line) => line.startsWith('# WARNING'));
    warnings.push(...lines.map((line) => `${path}: ${line.replace(/^# WARNING: /, '')}`));
  }
  return warnings;
}
