/** A kernel of Debian's, unpacked beside the root file systems, with a first program for each use of it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../process.ts';

export interface Kernel {
  readonly image: string;
  readonly initrd: string;
  /** The folder that holds one of modules for each release. */
  readonly modules: string;
}

/** The first program, and the modules that it loads, each with those that it needs. */
export interface FirstProgram {
  readonly name: string;
  readonly init: string;
  readonly modules: readonly string[];
}

const SECONDS = 300;

/** The newest kernel of this machine's suite; made once. */
export async function kernelFor(
  cache: string,
  { name, init, modules }: FirstProgram,
): Promise<Kernel> {
  const root = join(cache, 'kernel');
  if (!existsSync(join(root, 'lib/modules'))) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    await must(['sh', '-euc', UNPACK, 'sh', root], '', SECONDS);
  }
  const recipe = createHash('sha256')
    .update([PACK, readFileSync(init, 'utf8'), ...modules].join('\0'))
    .digest('hex');
  const initrd = `${name}-${recipe.slice(0, 8)}.initrd`;
  if (!existsSync(join(root, initrd)))
    await must(['sh', '-euc', PACK, 'sh', root, initrd, init, ...modules], '', SECONDS);
  const image = readdirSync(join(root, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  if (image === undefined) throw new Error(`no kernel in ${root}/boot`);
  return {
    image: join(root, 'boot', image),
    initrd: join(root, initrd),
    modules: join(root, 'lib/modules'),
  };
}

/** `$1` is the folder. */
const UNPACK = `
cd "$1"
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
apt-get -qq download "$package" busybox-static
for file in *.deb; do dpkg-deb -x "$file" .; rm "$file"; done
release=$(ls lib/modules)
depmod -b . "$release"
`;

/** `$1` is the folder, `$2` the file to make, `$3` the first program, the others are modules. */
const PACK = `
cd "$1"
initrd=$2 init=$3
shift 3
release=$(ls lib/modules)
first=$initrd.$$
mkdir -p "$first/bin" "$first/modules" "$first/proc" "$first/sys" "$first/dev"
cp bin/busybox usr/bin/busybox "$first/bin/" 2>/dev/null || true
number=100
for module in "$@"; do modprobe -d . -S "$release" --show-depends "$module"; done |
  sed -n 's/^insmod //p' | awk '!seen[$1]++ { print $1 }' >"$first/order"
while read -r file; do
  cp "$file" "$first/modules/$number-\${file##*/}"
  number=$((number + 1))
done <"$first/order"
cp "$init" "$first/init"
chmod 755 "$first/init"
(cd "$first" && find . | busybox cpio -o -H newc 2>/dev/null) >"$initrd.$$.new"
mv "$initrd.$$.new" "$initrd"
rm -r "$first"
`;
