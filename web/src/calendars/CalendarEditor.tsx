import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { useState } from 'react';

import { useSaveCalendar } from '../api/calendars.ts';
import { ApiError } from '../api/client.ts';
import type { Calendar, CalendarInput } from '../api/shapes.ts';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { useToast } from '../components/Toasts.tsx';
import { serverNowMs } from '../time/serverClock.ts';
import { instantToWallTime } from '../time/wallTime.ts';
import { ZonePicker } from '../time/ZonePicker.tsx';
import { CalendarActions } from './CalendarActions.tsx';
import { RuleList } from './RuleList.tsx';
import { YearStepper } from './YearStepper.tsx';
import { YearView } from './YearView.tsx';

interface CalendarEditorProps {
  readonly calendar: Calendar;
  readonly etag: string | null;
  readonly onReload: () => void;
}

type Draft = Required<Pick<CalendarInput, 'title' | 'timeZone' | 'rules'>>;

/** A calendar as it will be once it is saved: the year at a glance, and its rules. */
export function CalendarEditor({ calendar, etag, onReload }: CalendarEditorProps) {
  const { title, timeZone, rules } = calendar;
  const [draft, setDraft] = useState<Draft>({ title, timeZone, rules });
  const [today] = useState(() => instantToWallTime(serverNowMs(), timeZone).slice(0, 10));
  const [year, setYear] = useState(Number(today.slice(0, 4)));
  const save = useSaveCalendar();
  const toast = useToast();
  const set = (changes: Partial<Draft>) => setDraft((current) => ({ ...current, ...changes }));
  const dirty = JSON.stringify(draft) !== JSON.stringify({ title, timeZone, rules });
  const submit = () =>
    save.mutate(
      { name: calendar.name, input: { ...draft, title: draft.title.trim() }, etag },
      {
        onSuccess: (saved) => {
          toast({ severity: 'success', message: savedText(saved) });
          onReload();
        },
      },
    );
  return (
    <>
      <PageHeader
        title={calendar.title}
        lead={<Lead calendar={calendar} />}
        actions={
          dirty ? (
            <>
              <Button onClick={() => setDraft({ title, timeZone, rules })}>Discard changes</Button>
              <Button
                variant="contained"
                loading={save.isPending}
                disabled={draft.title.trim() === ''}
                onClick={submit}
              >
                Save changes
              </Button>
            </>
          ) : (
            <CalendarActions calendar={calendar} onImported={onReload} />
          )
        }
      />
      {save.error !== null && <SaveError error={save.error} onReload={onReload} />}
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '6fr 5fr' }, alignItems: 'start' }}>
        <Panel title="The year" action={<YearStepper year={year} onYear={setYear} />}>
          <YearView rules={draft.rules} zone={draft.timeZone} year={year} today={today} />
        </Panel>
        <Box sx={{ display: 'grid', gap: 2.5, minWidth: 0 }}>
          <RuleList
            rules={draft.rules}
            zone={draft.timeZone}
            year={year}
            today={today}
            onChange={(next) => set({ rules: next })}
          />
          <Panel title="Calendar">
            <Box sx={{ display: 'grid', gap: 2, pt: 0.5 }}>
              <TextField
                label="Title"
                required
                value={draft.title}
                onChange={(event) => set({ title: event.target.value })}
                slotProps={{ htmlInput: { maxLength: 200 } }}
              />
              <ZonePicker
                value={draft.timeZone}
                onChange={(zone) => set({ timeZone: zone })}
                help="In which its days and times of day are meant."
              />
            </Box>
          </Panel>
        </Box>
      </Box>
    </>
  );
}

function Lead({ calendar }: { readonly calendar: Calendar }) {
  const { name, timeZone, tasks } = calendar;
  return (
    <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', columnGap: 1.5 }}>
      <TextLink to="/calendars">All calendars</TextLink>
      <code>{name}</code>
      <span>{timeZone}</span>
      <span>{tasks === 0 ? 'no task names it' : tasks === 1 ? '1 task names it' : `${tasks} tasks name it`}</span>
    </Box>
  );
}

function SaveError({ error, onReload }: { readonly error: Error; readonly onReload: () => void }) {
  return (
    <Box sx={{ mb: 2 }}>
      {error instanceof ApiError && error.status === 412 ? (
        <Alert
          severity="warning"
          variant="outlined"
          action={
            <Button color="inherit" size="small" onClick={onReload}>
              Load theirs
            </Button>
          }
        >
          Somebody else changed this calendar in the meantime, so nothing was saved. Load their version to start from
          it; what you changed here is then lost.
        </Alert>
      ) : (
        <ErrorPanel error={error} />
      )}
    </Box>
  );
}

function savedText({ title, tasks }: Calendar): string {
  if (tasks === 0) return `${title} was saved.`;
  return `${title} was saved; ${tasks === 1 ? 'the task that names it is' : `the ${tasks} tasks that name it are`} scheduled anew.`;
}
