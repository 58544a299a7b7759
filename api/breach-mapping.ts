import type { Breach } from '../core/forecast-breach.ts';
import type { Forecast } from './contract/forecast.ts';

export function toBreach(breach: Breach | undefined): Forecast['breach'] {
  if (breach === undefined) return null;
  const { late, worstDelayMs, taskTypes, maxNeeded } = breach;
  return { late, worstDelayMs: worstDelayMs ?? null, taskTypes: [...taskTypes], maxNeeded };
}
