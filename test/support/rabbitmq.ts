import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { type Channel, connect } from 'amqplib';

/** A RabbitMQ node of our own: own folder, own ports, own epmd; nothing of the machine's configuration. */
export interface RabbitMqNode extends AsyncDisposable {
  readonly url: string;
  /** Of the Erlang machine; undefined while it is down. */
  readonly pid: number | undefined;
  /** Ends the node in order (SIGTERM); its data stays. */
  stop(): Promise<void>;
  /** Ends the node at once (SIGKILL); its data stays as it was on disk. */
  kill(): Promise<void>;
  /** Starts the node again on the same data and ports; stops it first when it runs. */
  restart(): Promise<void>;
  /** SIGSTOP: the node keeps its connections and answers nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** `rabbitmqctl` against this node; takes a second or two. Returns what it printed. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Works on a channel of its own, past the code under test. */
  withChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T>;
  deleteQueue(queue: string): Promise<void>;
  purgeQueue(queue: string): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/** Starts a private RabbitMQ node from the installed `rabbitmq-server` package; 4 to 9 s. Works as root and as an ordinary user. */
export async function startRabbitMq(): Promise<RabbitMqNode> {
  const bin = findRabbitMq();
  const folder = await mkdtemp(join(tmpdir(), 'almanac-rabbitmq-'));
  const [amqpPort, distPort, epmdPort] = await freePorts();
  const env = nodeEnvironment(folder, amqpPort, distPort, epmdPort);
  const url = `amqp://guest:guest@127.0.0.1:${amqpPort}`;
  const pidFile = join(folder, 'node.pid');
  const epmdPidFile = join(folder, 'epmd.pid');
  const guard = spawnGuard(folder, [pidFile, epmdPidFile]);
  let node: ChildProcess | undefined;

  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { env, stdio: 'ignore' });
  epmd.unref();
  await once(epmd, 'spawn');
  await writeFile(epmdPidFile, String(epmd.pid));
  await writeFile(join(folder, 'rabbitmq.conf'), CONFIGURATION);
  await writeFile(join(folder, 'enabled_plugins'), '[].');

  /** The server writes its own; until then the script that starts it is all there is. */
  const erlangPid = (): number => Number(existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : node?.pid);
  const signal = (name: NodeJS.Signals): void => void process.kill(erlangPid(), name);

  const start = async (): Promise<void> => {
    const started = spawn(join(bin, 'rabbitmq-server'), [], { env, cwd: folder, stdio: 'ignore', detached: true });
    started.unref();
    node = started;
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const connection = await connect(url, { timeout: 2_000 }).catch(() => undefined);
      if (connection !== undefined) {
        connection.on('error', () => undefined);
        await connection.close();
        return;
      }
      if (started.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`The private RabbitMQ node did not start; its log is in ${join(folder, 'log')}.`);
      }
      await pause(100);
    }
  };

  const end = async (name: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ending = node;
    if (ending === undefined) return;
    const pid = erlangPid();
    if (isAlive(pid)) process.kill(pid, name);
    const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
    while (isAlive(pid) || ending.exitCode === null) {
      if (performance.now() > deadlineMs) throw new Error(`RabbitMQ (process ${pid}) ignored ${name}.`);
      if (!isAlive(pid) && ending.signalCode !== null) break;
      await pause(25);
    }
    node = undefined;
    await rm(pidFile, { force: true });
  };

  const withChannel = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection = await connect(url);
    connection.on('error', () => undefined); // what went wrong is in the rejected call
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return await work(channel);
    } finally {
      await connection.close().catch(() => undefined);
    }
  };

  const dispose = async (): Promise<void> => {
    process.off('exit', killAll);
    await end('SIGKILL');
    epmd.kill('SIGKILL');
    guard.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  const killAll = (): void => void guard.stdin?.destroy(); // the guard does the rest when we are gone
  process.on('exit', killAll);

  try {
    await start();
  } catch (error) {
    await end('SIGKILL').catch(() => undefined);
    epmd.kill('SIGKILL');
    throw error;
  }

  return {
    url,
    get pid() {
      return isAlive(erlangPid()) ? erlangPid() : undefined;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async ctl(...args) {
      const { stdout } = await promisify(execFile)(join(bin, 'rabbitmqctl'), [...args], { env, cwd: folder });
      return stdout;
    },
    withChannel,
    async deleteQueue(queue) {
      await withChannel((channel) => channel.deleteQueue(queue));
    },
    async purgeQueue(queue) {
      await withChannel((channel) => channel.purgeQueue(queue));
    },
    [Symbol.asyncDispose]: dispose,
  };
}

const CONFIGURATION = `
log.file.level = info
disk_free_limit.absolute = 50MB
`;

/**
 * The folder with the server's real scripts. Debian's `sbin/rabbitmq-server` is a wrapper that only root and `rabbitmq` may use, and that
 * changes the user, so the scripts behind it come first.
 */
function findRabbitMq(): string {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith('sbin'));
  const folders = ['/usr/lib/rabbitmq/bin', '/opt/rabbitmq/sbin', '/opt/homebrew/sbin', '/usr/local/sbin', ...onPath];
  const found = folders.find((folder) => existsSync(join(folder, 'rabbitmq-server')));
  if (found === undefined) {
    throw new Error(
      'These tests need a RabbitMQ server. Install it, for instance with: apt-get install rabbitmq-server',
    );
  }
  return found;
}

function nodeEnvironment(folder: string, amqpPort: number, distPort: number, epmdPort: number): NodeJS.ProcessEnv {
  return {
    PATH: [process.env.PATH, '/usr/sbin', '/usr/bin', '/bin', dirname(process.execPath)].join(delimiter),
    LANG: 'C.UTF-8',
    HOME: folder, // the Erlang cookie is made here
    RABBITMQ_NODENAME: `almanac${amqpPort}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(amqpPort),
    RABBITMQ_DIST_PORT: String(distPort),
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'node.pid'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    // Erlang's schedulers spin when idle; tests share their cores.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  };
}

/**
 * A shell that waits for the end of its input, which comes when we close it or die of anything, SIGKILL included; then it ends the
 * processes named in the files and removes the folder. It leads a process group of its own, so that Ctrl-C does not end it before us.
 */
function spawnGuard(folder: string, pidFiles: readonly string[]): ChildProcess {
  const script =
    'cat >/dev/null; f=$1; shift; for p; do [ -s "$p" ] && kill -9 "$(cat "$p")"; done; sleep 1; rm -rf "$f"';
  const guard = spawn('/bin/sh', ['-c', script, 'guard', folder, ...pidFiles], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as { port: number }).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number, number];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
