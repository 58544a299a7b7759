import Button from '@mui/material/Button';
import { useFormContext, useWatch } from 'react-hook-form';

import { formatOffset, formatShort } from '../time/formatInstant.ts';
import { readWallTime } from '../time/readWallTime.ts';
import { serverNowMs } from '../time/serverClock.ts';
import type { TaskFormValues } from './taskFormValues.ts';
import { useNextRuns } from './useNextRuns.ts';

/** The button that saves; it says what will happen then. */
export function SubmitButton({ isNew, busy }: { readonly isNew: boolean; readonly busy: boolean }) {
  const { control } = useFormContext<TaskFormValues>();
  const [when, onceAt, onceWhich, timeZone] = useWatch({ control, name: ['when', 'onceAt', 'onceWhich', 'timeZone'] });
  const { runs } = useNextRuns();
  return (
    <Button type="submit" variant="contained" loading={busy}>
      {isNew ? `Create${consequence()}` : 'Save changes'}
    </Button>
  );

  function consequence(): string {
    if (when === 'now') return ' and run now';
    if (when === 'once') {
      const { at } = readWallTime(onceAt, timeZone, onceWhich);
      return at === undefined ? '' : `, runs ${say(at)}`;
    }
    const [first] = runs;
    return first === undefined ? '' : `, first run ${say(first.at)}`;
  }

  function say(at: string): string {
    const ms = Date.parse(at);
    return `${formatShort(ms, timeZone, serverNowMs())} ${formatOffset(ms, timeZone)}`;
  }
}
