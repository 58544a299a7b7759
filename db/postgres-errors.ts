import { UnavailableError } from '../core/errors.ts';

/** What a failed statement says of itself; both are undefined for errors that do not come from PostgreSQL. */
export interface PostgresFailure {
  readonly sqlState: string | undefined;
  readonly constraint: string | undefined;
}

/** Looks through the wrappers of TypeORM at the driver's own error. */
export function postgresFailure(error: unknown): PostgresFailure {
  const inner = driverError(error);
  const code = stringOf(inner, 'code');
  return {
    // EPIPE looks like a state and is none.
    sqlState: code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !SOCKET_CODES.has(code) ? code : undefined,
    constraint: stringOf(inner, 'constraint'),
  };
}

/** A deadlock or a serialization failure: the same transaction may succeed at once. */
export function isWorthRepeating(error: unknown): boolean {
  const { sqlState } = postgresFailure(error);
  return sqlState === '40001' || sqlState === '40P01';
}

/** Whether PostgreSQL refuses the values themselves, so that the same statement with them can never succeed. */
export function isUnstorable(error: unknown): boolean {
  return postgresFailure(error).sqlState?.startsWith('22') === true;
}

/** Whether the database is away, starting, stopping, full or too busy to answer in time, so that the same statement may work later. */
export function isUnavailable(error: unknown): boolean {
  const { sqlState } = postgresFailure(error);
  if (sqlState !== undefined) return sqlState.startsWith('08') || BUSY_STATES.has(sqlState) || isWorthRepeating(error);
  const inner = driverError(error);
  const code = stringOf(inner, 'code');
  if (code !== undefined && SOCKET_CODES.has(code)) return true;
  if (code === 'ENOENT' && stringOf(inner, 'syscall') === 'connect') return true; // the socket file of a server that is not running
  if (inner instanceof AggregateError) return inner.errors.some(isUnavailable);
  return inner instanceof Error && POOL_MESSAGES.some((pattern) => pattern.test(inner.message));
}

/** Runs `work`, once or twice again when it lost a deadlock, and turns a database that is away into an UnavailableError. */
export async function withDatabase<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await work();
    } catch (error) {
      if (round < 3 && isWorthRepeating(error)) continue;
      if (isUnavailable(error)) throw new UnavailableError('The database does not answer.', { cause: error });
      throw error;
    }
  }
}

const BUSY_STATES = new Set([
  '25006', // read only: a standby, or a disk that is nearly full
  '25P03', // idle in transaction too long
  '28000', // it does not let us in
  '28P01',
  '3D000', // the database is not there
  '53000',
  '53100', // disk full
  '53200',
  '53300', // too many connections
  '53400',
  '55000', // it takes no connections, or not in its present state
  '55P03', // lock not available in time
  '57014', // statement time-out
  '57P01', // shutting down
  '57P02',
  '57P03', // starting up
  '57P05',
  '58000',
  '58030', // I/O error
]);

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What node-postgres and TypeORM say without a code. */
const POOL_MESSAGES = [
  /connection terminated/i,
  /timeout exceeded when trying to connect/i,
  /timeout expired/i,
  /not queryable/i,
  /client was closed/i,
  /cannot use a pool after calling end/i,
  /driver not connected/i,
  /connection is not established/i,
];

function driverError(error: unknown): unknown {
  if (typeof error === 'object' && error !== null && 'driverError' in error) return error.driverError;
  return error;
}

function stringOf(value: unknown, property: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[property];
  return typeof found === 'string' ? found : undefined;
}
