import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type AlmanacProcess, runAlmanac, TEST_HANDLERS } from './almanac.ts';
import { createReadyDatabase, type ReadyDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import type { RabbitMqNode } from './rabbitmq.ts';
import { cleanRabbitMq } from './stack.ts';
import type { JournalLine } from './task-types.ts';

export interface Service extends AlmanacProcess {
  readonly name: string;
}

/** Services as processes of their own, for tests that kill and freeze them. */
export interface Fleet extends ReadyDatabase {
  readonly rabbit: RabbitMqNode;
  /** Resolves when the service has reported for work. Leases are as short as the configuration allows. */
  start(
    service: 'distributor' | 'processor' | 'scheduler' | 'api',
    variables?: Readonly<Record<string, string>>,
  ): Promise<Service>;
  /** A file for `test.journal`. */
  readonly journalFile: string;
  journal(): JournalLine[];
}

export async function openFleet(): Promise<Fleet> {
  const rabbit = await cleanRabbitMq();
  const ready = await createReadyDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'almanac-fleet-'));
  const journalFile = join(folder, 'journal');
  appendFileSync(journalFile, '');
  const services: AlmanacProcess[] = [];
  return {
    ...ready,
    rabbit,
    journalFile,
    journal: () =>
      readFileSync(journalFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JournalLine),
    async start(service, variables = {}) {
      const known = await ready.query<{ id: string }>('select id from replicas');
      const child = runAlmanac([service], {
        DATABASE_URL: ready.url,
        AMQP_URL: rabbit.url,
        ALMANAC_HANDLERS: TEST_HANDLERS,
        ALMANAC_DATABASE_POOL: '4',
        ALMANAC_LEASE_MS: '5000',
        ALMANAC_CLAIM_LEASE_MS: '2000',
        ALMANAC_LOG_LEVEL: 'info',
        ...variables,
      });
      services.push(child);
      let hasExited = false;
      void child.exited.then(() => (hasExited = true));
      const [row] = await eventually(
        async () => {
          if (hasExited) return [undefined];
          const rows = await ready.query<{ name: string }>(
            `select name from replicas where service = $1 and not id = any($2::bigint[]) and name like '%-' || $3`,
            [service, known.map(({ id }) => id), String(child.pid)],
          );
          return rows.length > 0 && rows;
        },
        { timeoutMs: 60_000 },
      );
      if (row === undefined) throw new Error(`The ${service} ended at once: ${child.stdout()}${child.stderr()}`);
      return { ...child, name: row.name };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
      if (process.env.ALMANAC_TEST_LOG !== undefined)
        for (const service of services) process.stdout.write(service.stdout());
      await ready[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kills it as a lost machine would, and waits until it is gone. */
export async function kill(service: Service): Promise<void> {
  service.signal('SIGKILL');
  await service.exited;
}

/** Resolves when a signal that can not be handled has taken effect on the process. */
export async function whenStopped(service: Service): Promise<void> {
  await eventually(() => /^State:\s+T/m.test(readFileSync(`/proc/${service.pid}/status`, 'utf8')));
}
