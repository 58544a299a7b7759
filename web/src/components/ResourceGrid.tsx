import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import useMediaQuery from '@mui/material/useMediaQuery';
import {
  DataGrid,
  type GridColDef,
  type GridRowSelectionModel,
  type GridSortModel,
  type GridValidRowModel,
} from '@mui/x-data-grid';
import { type ReactNode, useMemo } from 'react';

import { gridStyle } from './gridStyle.ts';
import { Pager, type Paging } from './Pager.tsx';

/** A grid column; `minWindow` is the window width in px below which it is left out. */
export type ResourceColumn<Row extends GridValidRowModel> = GridColDef<Row> & { readonly minWindow?: number };

interface ResourceGridProps<Row extends GridValidRowModel> {
  /** What the rows are, in the plural: names the grid and its pager. */
  readonly noun: string;
  readonly columns: readonly ResourceColumn<Row>[];
  /** Undefined while they are loaded for the first time. */
  readonly rows: readonly Row[] | undefined;
  readonly rowId: (row: Row) => string;
  readonly paging: Paging;
  /** The server sorts; a grid without it can not be sorted. */
  readonly sort?: { readonly model: GridSortModel; readonly onChange: (model: GridSortModel) => void };
  readonly selection?: {
    readonly model: GridRowSelectionModel;
    readonly onChange: (model: GridRowSelectionModel) => void;
  };
  readonly rowClassName?: (row: Row) => string;
  /** The row as a card, for windows that are too narrow for columns. */
  readonly renderCard: (row: Row) => ReactNode;
  /** Shown in place of the grid when there are no rows. */
  readonly empty: ReactNode;
}

/** The one grid of all list pages: rows come from the server page by page; under 600 px they are cards. */
export function ResourceGrid<Row extends GridValidRowModel>(props: ResourceGridProps<Row>) {
  const asCards = useMediaQuery('(max-width:599.95px)', { noSsr: true });
  const { rows, paging, noun } = props;

  if (rows?.length === 0 && isFirstPage(paging)) {
    return <Paper variant="outlined">{props.empty}</Paper>;
  }
  return (
    <Paper variant="outlined" sx={{ overflow: 'hidden' }}>
      {asCards ? <CardList {...props} /> : <Grid {...props} />}
      {rows !== undefined && <Pager paging={paging} rowCount={rows.length} noun={noun} />}
    </Paper>
  );
}

function Grid<Row extends GridValidRowModel>(props: ResourceGridProps<Row>) {
  const { columns, rows, rowId, sort, selection, rowClassName } = props;
  const medium = useMediaQuery('(min-width:900px)', { noSsr: true });
  const wide = useMediaQuery('(min-width:1200px)', { noSsr: true });
  const widest = useMediaQuery('(min-width:1536px)', { noSsr: true });
  const windowPx = widest ? 1_536 : wide ? 1_200 : medium ? 900 : 600;
  const visibility = useMemo(
    () => Object.fromEntries(columns.map((column) => [column.field, (column.minWindow ?? 0) <= windowPx])),
    [columns, windowPx],
  );
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: rows === undefined ? 360 : 0 }}>
      <DataGrid<Row>
        label={props.noun}
        rows={rows ?? []}
        columns={columns}
        getRowId={rowId}
        loading={rows === undefined}
        slotProps={{ loadingOverlay: { variant: 'skeleton', noRowsVariant: 'skeleton' } }}
        columnVisibilityModel={visibility}
        paginationMode="server"
        sortingMode="server"
        filterMode="server"
        rowCount={rows?.length ?? 0}
        paginationModel={{ page: 0, pageSize: 100 }}
        hideFooter
        disableColumnFilter
        disableColumnMenu
        disableRowSelectionOnClick
        rowHeight={52}
        columnHeaderHeight={44}
        sx={gridStyle}
        {...(sort === undefined
          ? { sortModel: [] }
          : { sortModel: sort.model, onSortModelChange: sort.onChange, sortingOrder: ['asc', 'desc'] as const })}
        {...(selection === undefined
          ? { rowSelection: false }
          : {
              checkboxSelection: true,
              rowSelectionModel: selection.model,
              onRowSelectionModelChange: selection.onChange,
            })}
        {...(rowClassName === undefined ? {} : { getRowClassName: ({ row }) => rowClassName(row) })}
      />
    </Box>
  );
}

function CardList<Row extends GridValidRowModel>({ rows, rowId, renderCard, noun }: ResourceGridProps<Row>) {
  if (rows === undefined) {
    return (
      <Box role="status" aria-label={`Loading ${noun}`} sx={{ p: 2, display: 'grid', gap: 1.5 }}>
        {[0, 1, 2, 3].map((place) => (
          <Skeleton key={place} variant="rounded" height={88} />
        ))}
      </Box>
    );
  }
  return (
    <Box component="ul" aria-label={noun} sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {rows.map((row) => (
        <Box
          component="li"
          key={rowId(row)}
          sx={{ p: 2, '&:not(:last-child)': { borderBottom: 1, borderColor: 'divider' } }}
        >
          {renderCard(row)}
        </Box>
      ))}
    </Box>
  );
}

function isFirstPage(paging: Paging): boolean {
  return paging.kind === 'numbered' ? paging.page === 0 : paging.cursor === undefined;
}
