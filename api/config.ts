/** How the API is served. */
export interface ApiConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Names, beside localhost, under which browsers may reach it; `*` allows every name. Addresses are always allowed. */
  readonly allowedHosts: readonly string[];
  readonly version: string;
  /** The folder of the built web application; null: there is none to serve. */
  readonly webRoot: string | null;
  /** Whether every answer is checked against the contract. For tests: it costs time, and a mismatch is answered with 500. */
  readonly checkResponses: boolean;
  /** How often a task may run on one day. */
  readonly maxRunsPerDay: number;
  /** Days of occurrences, runs and logs that schedulers keep. */
  readonly retentionDays: number;
  /** How late an occurrence may be and still count as on time, for tasks that do not say so. */
  readonly misfireGraceMs: number;
  /** How long requests in hand may take to finish at the end. */
  readonly shutdownGraceMs: number;
}
