import Box from '@mui/material/Box';
import Tooltip from '@mui/material/Tooltip';

import { formatDateTime, formatOffset, formatRelative, formatShort } from './formatInstant.ts';
import { useNow } from './useNow.ts';
import { MY_ZONE, useZone } from './ZoneContext.tsx';

interface WhenProps {
  /** ISO 8601 instant; null and undefined show a dash. */
  readonly at: string | null | undefined;
  /** The zone of the task that the instant belongs to. */
  readonly zone?: string | null;
  /** Both lines, or one of them. */
  readonly show?: 'both' | 'absolute' | 'relative';
  /** Both, one under the other, for narrow columns. */
  readonly stacked?: boolean;
  readonly seconds?: boolean;
}

/** The one way to show an instant: how far away it is, when it is, and in which zone that is said. */
export function When({ at, zone, show = 'both', stacked = false, seconds = false }: WhenProps) {
  const nowMs = useNow();
  const shownZone = useZone(zone);
  if (at === null || at === undefined) return <span aria-label="none">&ndash;</span>;

  const ms = Date.parse(at);
  const relative = show === 'absolute' ? null : formatRelative(ms, nowMs);
  const absolute = `${formatShort(ms, shownZone, nowMs, seconds)} ${formatOffset(ms, shownZone)}`;
  return (
    <Tooltip title={<ZoneLines ms={ms} taskZone={zone ?? null} />}>
      <Box component="time" dateTime={new Date(ms).toISOString()} sx={{ whiteSpace: 'nowrap', cursor: 'default' }}>
        {relative !== null && <span>{relative}</span>}
        {relative !== null && show === 'both' && !stacked && (
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {' \u00b7 '}
          </Box>
        )}
        {(relative === null || show === 'both') && (
          <Box
            component="span"
            sx={
              relative === null
                ? null
                : { color: 'text.secondary', ...(stacked ? { display: 'block', fontSize: '0.7812rem' } : {}) }
            }
          >
            {absolute}
          </Box>
        )}
      </Box>
    </Tooltip>
  );
}

function ZoneLines({ ms, taskZone }: { readonly ms: number; readonly taskZone: string | null }) {
  const zones = [...new Set([...(taskZone === null ? [] : [taskZone]), MY_ZONE, 'UTC'])];
  return (
    <Box component="span" sx={{ display: 'grid', gap: 0.25 }}>
      {zones.map((zone) => (
        <span key={zone}>
          {formatDateTime(ms, zone)} {zone === 'UTC' ? 'UTC' : `${zone} (${formatOffset(ms, zone)})`}
        </span>
      ))}
    </Box>
  );
}
