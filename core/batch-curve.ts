import { SECOND_MS } from './duration.ts';
import { type DemandRow, SLOT_WORK_MS, type Span, START_WINDOW_MS } from './forecast.ts';

/**
 * Slots in each second of the span for the short runs of single seconds, each second by itself, over its start window. Runs that vary do not
 * end in step: while a slot that works off runs of the mean duration has begun one more at each end, in truth it is half a run behind. With
 * these slots the last run of a batch is still expected to begin nine seconds after its time.
 */
export function batchCurve(rows: Iterable<DemandRow>, span: Span): number[] {
  const work = new Float64Array(span.seconds);
  const squares = new Float64Array(span.seconds);
  for (const { atMs, count, durationMs } of rows) {
    const second = Math.floor((atMs - span.fromMs) / SECOND_MS);
    if (second < 0 || second >= span.seconds || durationMs > SLOT_WORK_MS) continue;
    work[second] = Number(work[second]) + count * durationMs;
    squares[second] = Number(squares[second]) + count * durationMs ** 2;
  }
  const curve = new Array<number>(span.seconds).fill(0);
  for (const [second, workMs] of work.entries()) {
    if (workMs === 0) continue;
    const halfRunMs = Number(squares[second]) / workMs / 2;
    const slots = Math.ceil(workMs / (SLOT_WORK_MS + halfRunMs));
    const until = Math.min(span.seconds, second + START_WINDOW_MS / SECOND_MS);
    for (let after = second; after < until; after += 1) curve[after] = Math.max(Number(curve[after]), slots);
  }
  return curve;
}
