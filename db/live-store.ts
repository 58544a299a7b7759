import type { Queryable } from './database.ts';

/** What a distributor must know to pack tickets: planning durations per type and slots per pool. */
export interface PackingFacts {
  readonly averageMsByType: ReadonlyMap<string, number>;
  readonly slotsByPool: ReadonlyMap<string, number>;
}

export async function readPackingFacts(database: Queryable): Promise<PackingFacts> {
  const rows = await database.run<{ kind: 'type' | 'pool'; name: string; value: number }>(
    'queries/packing_facts.sql',
    [],
  );
  const values = (kind: 'type' | 'pool') =>
    new Map(rows.filter((row) => row.kind === kind).map((row) => [row.name, row.value]));
  return { averageMsByType: values('type'), slotsByPool: values('pool') };
}
