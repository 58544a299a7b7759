import Button from '@mui/material/Button';
import { useFormContext, useWatch } from 'react-hook-form';

import { formatOffset, formatShort } from '../time/formatInstant.ts';
import { serverNowMs } from '../time/serverClock.ts';
import { wallTimeToInstant } from '../time/wallTime.ts';
import type { TaskFormValues } from './taskFormValues.ts';
import { useCronRuns } from './useCronRuns.ts';

/** The button that saves; it says what will happen then. */
export function SubmitButton({ isNew, busy }: { readonly isNew: boolean; readonly busy: boolean }) {
  const { control } = useFormContext<TaskFormValues>();
  const [when, repeat, onceAt, timeZone] = useWatch({ control, name: ['when', 'repeat', 'onceAt', 'timeZone'] });
  const { runs } = useCronRuns();
  return (
    <Button type="submit" variant="contained" loading={busy}>
      {isNew ? `Create${consequence()}` : 'Save changes'}
    </Button>
  );

  function consequence(): string {
    if (when === 'now') return ' and run now';
    if (when === 'once') {
      const instant = wallTimeToInstant(onceAt, timeZone);
      return instant.kind === 'unreadable' ? '' : `, runs ${say(instant.ms)}`;
    }
    const [first] = runs;
    return repeat === 'cron' && first !== undefined ? `, first run ${say(Date.parse(first.at))}` : '';
  }

  function say(ms: number): string {
    return `${formatShort(ms, timeZone, serverNowMs())} ${formatOffset(ms, timeZone)}`;
  }
}
