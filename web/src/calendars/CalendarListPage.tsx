import AddIcon from '@mui/icons-material/Add';
import UploadFileIcon from '@mui/icons-material/UploadFile';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableContainer from '@mui/material/TableContainer';
import TableHead from '@mui/material/TableHead';
import TableRow from '@mui/material/TableRow';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { useCalendars } from '../api/calendars.ts';
import type { Calendar } from '../api/shapes.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { Panel } from '../components/Panel.tsx';
import { QueryView } from '../components/QueryView.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { useToast } from '../components/Toasts.tsx';
import { TwoLines } from '../components/TwoLines.tsx';
import { When } from '../time/When.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { NewCalendarDialog } from './NewCalendarDialog.tsx';

/** The calendars that tasks share: days and times at which nothing is to run. */
export function CalendarListPage() {
  const calendars = useCalendars();
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  const navigate = useNavigate();
  const toast = useToast();
  const names = calendars.data?.items.map(({ name }) => name) ?? [];
  const buttons = (
    <>
      <Button variant="outlined" startIcon={<UploadFileIcon />} onClick={() => setDialog('import')}>
        Import a file
      </Button>
      <Button variant="contained" startIcon={<AddIcon />} onClick={() => setDialog('new')}>
        New calendar
      </Button>
    </>
  );
  const open = (calendar: Calendar, message: string) => {
    toast({ severity: 'success', message });
    void navigate(`/calendars/${calendar.name}`);
  };
  return (
    <>
      <PageHeader
        title="Calendars"
        lead="Holidays and other times at which tasks do not run. A task names the calendars that it keeps to."
        actions={buttons}
      />
      <QueryView query={calendars} what="the calendars" skeletonHeight={220}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel title="All calendars">
              <EmptyState title="No calendars yet" action={<Box sx={{ display: 'flex', gap: 1 }}>{buttons}</Box>}>
                Write one by hand, or import an iCalendar file (.ics), such as the public holidays of a country.
              </EmptyState>
            </Panel>
          ) : (
            <Panel title="All calendars" flush>
              <CalendarTable calendars={items} />
            </Panel>
          )
        }
      </QueryView>
      {dialog === 'new' && (
        <NewCalendarDialog
          taken={names}
          onClose={() => setDialog(null)}
          onCreated={(calendar) => open(calendar, `${calendar.title} was created.`)}
        />
      )}
      {dialog === 'import' && (
        <ImportDialog
          name={null}
          taken={names}
          onClose={() => setDialog(null)}
          onImported={(calendar) => open(calendar, `${calendar.title} was imported.`)}
        />
      )}
    </>
  );
}

function CalendarTable({ calendars }: { readonly calendars: readonly Calendar[] }) {
  return (
    <TableContainer tabIndex={0} role="region" aria-label="Calendars">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Calendar</TableCell>
            <TableCell>Time zone</TableCell>
            <TableCell align="right">Rules</TableCell>
            <TableCell align="right">Tasks</TableCell>
            <TableCell>Changed</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {calendars.map((calendar) => (
            <TableRow key={calendar.name} hover>
              <TableCell component="th" scope="row">
                <TwoLines
                  first={
                    <TextLink to={`/calendars/${calendar.name}`} strong>
                      {calendar.title}
                    </TextLink>
                  }
                  second={calendar.name}
                />
              </TableCell>
              <TableCell>{calendar.timeZone}</TableCell>
              <TableCell align="right">{calendar.rules.length.toLocaleString('en')}</TableCell>
              <TableCell align="right">{calendar.tasks.toLocaleString('en')}</TableCell>
              <TableCell>
                <When at={calendar.updatedAt} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
