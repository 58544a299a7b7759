/** An instant in epoch ms as text that PostgreSQL reads; infinities keep their meaning. */
export function toTimestamp(atMs: number): string {
  if (atMs === Infinity) return 'infinity';
  if (atMs === -Infinity) return '-infinity';
  return new Date(Math.min(MAX_DATE_MS, atMs)).toISOString().replace(/^\+(\d+)-/, '$1-');
}

const MAX_DATE_MS = 8.64e15;
