import type { ForecastAccuracy } from '../api/shapes.ts';
import { formatDuration } from '../time/formatInstant.ts';

/** How far back the forecast can be judged, in hours. */
export const BACK_HOURS = [1, 24, 168] as const;

const NONE = '\u2013';

/** How good the forecast was, in two sentences. */
export function accuracySentence({ starts, horizons, slack }: ForecastAccuracy): string {
  const started =
    starts.withinShare === null
      ? 'Nothing started in this time.'
      : `${percent(starts.withinShare)} of ${starts.starts.toLocaleString('en-GB')} starts were within 10 s of their time` +
        `${starts.p99Ms === null ? '' : `; 99 of 100 within ${formatDuration(starts.p99Ms)}`}.`;
  const [nearest] = horizons;
  const forecast =
    nearest === undefined || nearest.minutes === 0
      ? 'No minute that was forecast is over yet.'
      : `Said ${formatDuration(nearest.horizonMs)} before, the forecast was off by ${percent(nearest.meanAbsoluteError)}, ` +
        `and too low in ${percent(nearest.underRequiredShare)} of ${nearest.minutes.toLocaleString('en-GB')} minutes.`;
  const idle = slack === null ? '' : ` ${percent(slack)} of the slots that were ready had nothing to do.`;
  return `${started} ${forecast}${idle}`;
}

/** The causes of the difference, each with what it means. */
export function errorParts(
  error: NonNullable<ForecastAccuracy['error']>,
): readonly { readonly name: string; readonly what: string; readonly replicaSeconds: number }[] {
  return [
    { name: 'Duration', what: 'runs that were foretold took longer', replicaSeconds: error.duration },
    { name: 'Unscheduled', what: 'manual runs, runs at once, retries', replicaSeconds: error.unscheduled },
    { name: 'Not run', what: 'foretold, and then changed or skipped', replicaSeconds: error.withdrawn },
    { name: 'Start-up', what: 'instances that came later than planned', replicaSeconds: error.startUp },
  ];
}

/** `12.5 %`, with more places only where they matter. */
export function percent(share: number | null): string {
  if (share === null) return NONE;
  const value = share * 100;
  return `${value.toFixed(value > 99 && value < 100 ? 2 : value >= 10 || value === 0 ? 0 : 1)} %`;
}

/** `+3.2`, `\u22121`, `0`. */
export function signed(value: number | null): string {
  if (value === null) return NONE;
  const size = Math.abs(value);
  const text = size >= 100 ? Math.round(size).toLocaleString('en-GB') : String(Number(size.toFixed(1)));
  if (text === '0') return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}
