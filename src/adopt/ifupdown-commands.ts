/** Commands of a stanza that set what the intent has a word for: `up ip route add …`. */
import { add, type FoundLink, leave, type Origin, set } from './found.ts';
import { readIpRoute, readOldRoute } from './ip-words.ts';
import { readRule } from './networkmanager-ip.ts';
import { addressOf, wholeOf } from './values.ts';

const PROGRAM = /^(?:\/?(?:usr\/)?s?bin\/)?(ip|route|ethtool|ifconfig)$/;

/** @param key `up`, `post-up`, `down` … */
export function readCommand(link: FoundLink, key: string, value: string, at: Origin): void {
  // Spaces in front stay: a pattern that begins with them would begin at each of a long run.
  const plain = value
    .replace(/\|\|\s*(?:true|:|\/bin\/true)\s*$/, '')
    .trimEnd()
    .replace(/\s2>\s*\/dev\/null$/, '');
  const words = plain.trim().split(/\s+/);
  const program = PROGRAM.exec(words[0] ?? '')?.[1];
  const isPlain = !/[;&|<>`(){}]/.test(plain.replace(/\$\{?IFACE\}?/g, 'IFACE'));
  // What is undone when the link goes down is set when it comes up.
  if (isPlain && program !== undefined && /down$/.test(key) && undoes(words)) return;
  const isRead =
    isPlain &&
    /up$/.test(key) &&
    program !== undefined &&
    readWords(link, program, words.slice(1), at);
  if (!isRead) leave(link, at, `${key} ${value}`, 'A command: the intent has none.');
}

const undoes = (words: readonly string[]): boolean =>
  words.some((word) => /^del(?:ete)?$/.test(word));

function readWords(
  link: FoundLink,
  program: string,
  words: readonly string[],
  at: Origin,
): boolean {
  if (program === 'route') {
    const rest = words.filter((word) => word !== '-A' && word !== 'inet');
    return rest[0] === 'add' && readOldRoute(link, rest.slice(1), at);
  }
  if (program === 'ethtool') {
    const [flag, name, wol, mode] = words;
    if (flag !== '-s' || !isOwn(name, link) || wol !== 'wol' || mode !== 'g') return false;
    set(link, 'wakeonlan', true, at);
    return true;
  }
  return (
    program === 'ip' &&
    readIp(
      link,
      words.filter((word) => !/^-(?:4|6|family)$/.test(word)),
      at,
    )
  );
}

const isOwn = (word: string | undefined, { name }: FoundLink): boolean =>
  word === name || /^["']?\$\{?IFACE\}?["']?$/.test(word ?? '');

function readIp(link: FoundLink, words: readonly string[], at: Origin): boolean {
  const [object = '', verb = '', ...rest] = words;
  if (!/^(?:a|add|replace|append|set|change)$/.test(verb)) return false;
  if (/^r(?:o(?:ute?)?)?$/.test(object)) return readIpRoute(link, rest, at);
  if (object === 'rule') {
    const before = link.left.length;
    readRule(link, rest.join(' '), at);
    return link.left.length === before || link.left.splice(before).length === 0;
  }
  if (/^a(?:ddr(?:ess)?)?$/.test(object)) {
    const [text = '', dev, name, ...more] = rest;
    const address = addressOf(text);
    if (address === undefined || dev !== 'dev' || !isOwn(name, link) || more.length > 0)
      return false;
    add(link, 'addresses', address, at);
    return true;
  }
  return object === 'link' && readLink(link, rest, at);
}

/** `ip link set dev eth0 mtu 9000`; `up` follows by itself. */
function readLink(link: FoundLink, words: readonly string[], at: Origin): boolean {
  const rest = words.filter((word) => word !== 'dev');
  const [name, word, value] = rest;
  const mtu = wholeOf(value);
  if (!isOwn(name, link)) return false;
  if (word === 'up' && rest.length === 2) return true;
  if (word !== 'mtu' || mtu === undefined || rest.length !== 3) return false;
  set(link, 'mtu', mtu, at);
  return true;
}
