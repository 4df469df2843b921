/**
 * A host, its LAN and a guest: three networks, and all that runs in them, below one process.
 *
 * That process is forked from an agent (scene-agent.py), and reads commands from a connection to
 * us. When we end, however we end, the connection closes, the process ends, the kernel kills all
 * others in its process namespace, and with the last of them the mounts and links are gone.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Bare, must, type Place, type Program } from '../place.ts';
import { type Finished, patience, start, within } from '../process.ts';
import { once } from '../trial.ts';

export interface Scene {
  /** The files beside the host's, as this machine sees them: the networks are in `/run/netns`. */
  readonly files: string;
  readonly host: Bare;
  readonly guest: Place;
  readonly router: Place;
  /** One more network, by its name; it is made when it is first entered. */
  station(name: string): Place;
  /** Returns when all in it is gone. */
  end(): Promise<void>;
}

const AGENT = fileURLToPath(new URL('scene-agent.py', import.meta.url));
/** Where the agent puts what commands read and print, and the root of the host. */
const IO = '/mnt/io';
const ROOT = '/mnt/root';

/** A scene takes less than a second to make, and to end. */
const SCENE_SECONDS = 30;

/** The first process of a scene, and what is known of it. */
interface First {
  readonly connection: Socket;
  readonly files: string;
  readonly gone: Promise<void>;
  /** Hears the number of each command that has ended, and its status. */
  onEnded: (number: number, status: string) => void;
}

interface Agent {
  open(image: string): Promise<First>;
}

/** One for the whole run; it ends with us. */
const agent = once(startAgent);

async function startAgent(): Promise<Agent> {
  const directory = mkdtempSync(join(tmpdir(), 'macvtap-render-agent-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'socket');
  /** Name of a scene → what waits for its first process, and for its end. */
  const opened = new Map<string, (connection: Socket, words: readonly string[]) => First>();
  const gone = new Map<string, () => void>();

  const server = createServer((connection) => {
    let first: First | undefined;
    connection.on('error', () => {});
    createInterface({ input: connection }).on('line', (line) => {
      const [word = '', ...words] = line.split(' ');
      if (first) first.onEnded(Number(word), words.join(' '));
      else first = opened.get(word)?.(connection, words);
    });
  });
  await new Promise<void>((settle) => server.listen(path, settle));
  server.unref();
  const child = start(['python3', '-I', '-S', AGENT, path]);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint += data.toString();
    console.error(`agent: ${data.toString().trim()}`);
  });
  createInterface({ input: child.stdout }).on('line', (name) => gone.get(name)?.());
  const ended = new Promise<never>((_, fail) =>
    child.once('close', () => fail(new Error(`the agent ended: ${complaint.trim()}`))),
  );
  // Whoever waits for a scene hears of it.
  ended.catch(() => {});

  let count = 0;
  return {
    open: (image) => {
      const name = String(++count);
      const isGone = Promise.race([ended, new Promise<void>((settle) => gone.set(name, settle))]);
      isGone.catch(() => {});
      const first = new Promise<First>((settle, fail) => {
        opened.set(name, (connection, [pid, ...words]) => {
          const files = `/proc/${pid}/fd/${words[0]}`;
          const own = { connection, files, gone: isGone, onEnded: () => {} };
          if (Number(pid) > 0) settle(own);
          else fail(new Error(`cannot make a scene: ${words.join(' ')}`));
          return own;
        });
        isGone.then(() => fail(new Error(`cannot make a scene: ${complaint.trim()}`)), fail);
      });
      child.stdin.write(`${name} ${image}\n`);
      return first;
    },
  };
}

/** @param image the directory of the root file system of the host, and of the router's servers */
export async function openScene(image: string): Promise<Scene> {
  const opened = (await agent()).open(image);
  const first = await within(opened, SCENE_SECONDS, 'there is no scene');
  const { files } = first;
  const awaited = new Map<number, (status: string) => void>();
  first.onEnded = (number, status) => {
    awaited.get(number)?.(status);
    awaited.delete(number);
  };

  let last = 0;
  /** Starts a command; its output is in files until the scene ends. */
  const begin = (
    command: Readonly<Record<string, unknown>>,
    input: string | undefined,
    settle: (number: number, status: string) => void,
  ): number => {
    const number = ++last;
    const file = `${IO}/${number}.in`;
    if (input !== undefined) writeFileSync(`${files}${file}`, input);
    awaited.set(number, (status) => settle(number, status));
    const line = { number, ...command, ...(input !== undefined && { input: file }) };
    first.connection.write(`${JSON.stringify(line)}\n`);
    return number;
  };
  const read = (number: number, stream: 'out' | 'err'): string => {
    try {
      return readFileSync(`${files}${IO}/${number}.${stream}`, 'utf8');
    } catch {
      // It has not begun yet.
      return '';
    }
  };
  const run = (
    command: Readonly<Record<string, unknown>>,
    input?: string,
    seconds = 10,
  ): Promise<Finished> =>
    new Promise((settle) => {
      const limit = setTimeout(
        () => {
          settle({ status: -1, stdout: '', stderr: `no end after ${seconds} s` });
        },
        seconds * patience() * 1000,
      );
      begin(command, input, (number, status) => {
        clearTimeout(limit);
        settle({
          status: Number(status),
          stdout: read(number, 'out'),
          stderr: read(number, 'err'),
        });
      });
    });
  const place = (network: string): Bare => ({
    network,
    root: `${files}${ROOT}`,
    run: (argv, input, seconds) => run({ network, argv, isInside: false }, input, seconds),
    runInside: (argv, input, seconds) => run({ network, argv, isInside: true }, input, seconds),
    readNetwork: async (path) => (await run({ network, read: path })).stdout,
    setHostname: async (hostname) => {
      await must(run({ network, hostname }), ['hostname', hostname]);
    },
    ping: async (address) => (await run({ network, ping: address })).status === 0,
    start: (argv, { environment = {}, network: other } = {}): Program => {
      let status: string | undefined;
      const third = other && { third: other.network };
      const number = begin(
        { network, argv, isInside: true, environment, ...third },
        undefined,
        (_, code) => {
          status = code;
        },
      );
      return { output: () => read(number, 'out') + read(number, 'err'), ended: () => status };
    },
  });
  return {
    files,
    host: place('host'),
    guest: place('guest'),
    router: place('router'),
    station: place,
    end: async () => {
      first.connection.end();
      await within(first.gone, SCENE_SECONDS, 'the scene does not go away');
    },
  };
}
