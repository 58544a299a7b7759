import type { LedgerWindow } from '../api/shapes.ts';

const HOUR_MS = 3_600_000;

export const LEDGER_WINDOWS = [
  { name: '24h', text: '24 hours', hours: 24 },
  { name: '7d', text: '7 days', hours: 7 * 24 },
  { name: '31d', text: '31 days', hours: 31 * 24 },
] as const;
export type LedgerWindowName = (typeof LEDGER_WINDOWS)[number]['name'];

/** The window of this length that ends at an instant. */
export function ledgerWindow(name: LedgerWindowName, untilMs: number): LedgerWindow {
  const hours = LEDGER_WINDOWS.find((one) => one.name === name)?.hours ?? 24;
  return { from: new Date(untilMs - hours * HOUR_MS).toISOString(), until: new Date(untilMs).toISOString() };
}
