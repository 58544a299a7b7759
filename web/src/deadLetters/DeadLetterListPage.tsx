import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { GridRowSelectionModel } from '@mui/x-data-grid';
import { useMemo, useState } from 'react';

import { DeadLetterQuery } from '../../../api/contract/occurrence.ts';
import type { DeadLetter, RedriveInput } from '../api/shapes.ts';
import { useDeadLetters, useTaskTypes } from '../api/system.ts';
import { EmptyState } from '../components/EmptyState.tsx';
import { ErrorPanel } from '../components/ErrorPanel.tsx';
import { FacetBar } from '../components/FacetBar.tsx';
import { PageHeader } from '../components/PageHeader.tsx';
import { ResourceGrid } from '../components/ResourceGrid.tsx';
import { StaleBanner } from '../components/StaleBanner.tsx';
import { TextLink } from '../components/TextLink.tsx';
import { useToast } from '../components/Toasts.tsx';
import { useListUrl } from '../components/useListUrl.ts';
import { When } from '../time/When.tsx';
import { deadLetterColumns } from './deadLetterColumns.tsx';
import { RedriveDialog } from './RedriveDialog.tsx';

const NOTHING: GridRowSelectionModel = { type: 'include', ids: new Set() };
const NO_FILTERS = { taskId: undefined, taskType: undefined };

/** Occurrences that will not be tried again by themselves, with their causes, and the way back for them. */
export function DeadLetterListPage() {
  const { query, dropped, change } = useListUrl(DeadLetterQuery);
  const { taskId, taskType, cursor, limit = 50 } = query;
  const letters = useDeadLetters({ taskId, taskType, cursor, limit });
  const types = useTaskTypes().data?.items ?? [];
  const toast = useToast();
  const [selection, setSelection] = useState(NOTHING);
  const [asking, setAsking] = useState<{ input: RedriveInput; which: string } | null>(null);
  const columns = useMemo(
    () =>
      deadLetterColumns((letter) =>
        setAsking({ input: { occurrenceIds: [letter.id] }, which: `of ${letter.taskName}` }),
      ),
    [],
  );
  const rows = letters.data?.items;
  const selected = selectedIds(selection, rows ?? []);
  const filtered = taskId !== undefined || taskType !== undefined;
  const retry = () => void letters.refetch();

  return (
    <>
      <PageHeader
        title="Dead letters"
        lead="What failed for good. Nothing here is tried again until somebody sends it round."
        actions={
          rows !== undefined &&
          rows.length > 0 && (
            <>
              {selected.length > 0 && (
                <Button
                  variant="outlined"
                  onClick={() => setAsking({ input: { occurrenceIds: selected }, which: 'that you selected' })}
                >
                  Redrive {selected.length} selected
                </Button>
              )}
              <Button
                variant="contained"
                onClick={() =>
                  setAsking({
                    input: {
                      ...(taskId === undefined ? {} : { taskId }),
                      ...(taskType === undefined ? {} : { taskType }),
                    },
                    which: filtered ? 'that match the filter' : 'that there are',
                  })
                }
              >
                {filtered ? 'Redrive all matching' : 'Redrive all'}
              </Button>
            </>
          )
        }
      />
      <FacetBar
        dropped={dropped}
        onChange={change}
        facets={[
          {
            name: 'taskType',
            label: 'Type',
            value: taskType,
            options: types.map(({ name }) => ({ value: name, text: name })),
          },
          { name: 'taskId', label: 'Task number', value: taskId },
        ]}
      />
      {letters.isError && rows === undefined ? (
        <ErrorPanel error={letters.error} what="the dead letters" retry={retry} />
      ) : (
        <>
          {letters.isError && <StaleBanner dataMs={letters.dataUpdatedAt} error={letters.error} retry={retry} />}
          <ResourceGrid
            noun="dead letters"
            columns={columns}
            rows={rows}
            rowId={(letter) => letter.id}
            selection={{ model: selection, onChange: setSelection }}
            paging={{
              kind: 'cursor',
              cursor,
              nextCursor: letters.data?.nextCursor ?? null,
              onCursor: (next) => {
                setSelection(NOTHING);
                change({ cursor: next });
              },
            }}
            renderCard={(letter) => (
              <DeadLetterCard
                letter={letter}
                onRedrive={() => setAsking({ input: { occurrenceIds: [letter.id] }, which: `of ${letter.taskName}` })}
              />
            )}
            empty={
              filtered ? (
                <EmptyState
                  title="No dead letter matches these filters"
                  action={
                    <Button variant="outlined" onClick={() => change(NO_FILTERS)}>
                      Clear filters
                    </Button>
                  }
                />
              ) : (
                <EmptyState title="No dead letters">
                  Every occurrence so far found its way. That is good news.
                </EmptyState>
              )
            }
          />
        </>
      )}
      {asking !== null && (
        <RedriveDialog
          {...asking}
          onClose={() => setAsking(null)}
          onDone={(redriven) => {
            setAsking(null);
            setSelection(NOTHING);
            toast({ severity: 'success', message: `${redriven.toLocaleString('en')} scheduled again.` });
          }}
        />
      )}
    </>
  );
}

/** The ids on this page that are selected; "all but these" is meant for this page only. */
function selectedIds(selection: GridRowSelectionModel, rows: readonly DeadLetter[]): string[] {
  return rows.map(({ id }) => id).filter((id) => selection.ids.has(id) === (selection.type === 'include'));
}

function DeadLetterCard({ letter, onRedrive }: { readonly letter: DeadLetter; readonly onRedrive: () => void }) {
  return (
    <Box sx={{ display: 'grid', gap: 0.75, fontSize: '0.8438rem' }}>
      <TextLink to={`/occurrences/${letter.id}`} strong>
        {letter.taskName}
      </TextLink>
      <Box sx={{ color: 'error.main', overflowWrap: 'anywhere' }}>{letter.error ?? letter.reason}</Box>
      <Box>
        Failed <When at={letter.failedAt} /> after {letter.attempt} attempts
      </Box>
      <Box>
        <Button size="small" variant="outlined" onClick={onRedrive} aria-label={`Redrive ${letter.taskName}`}>
          Redrive
        </Button>
      </Box>
    </Box>
  );
}
