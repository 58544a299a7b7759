import Box from '@mui/material/Box';
import { type KeyboardEvent, memo, type MouseEvent, useCallback, useMemo, useRef, useState } from 'react';

import { cellAfterKey, type CellPlace, cellSentence, type HeatRow } from './heatRows.ts';
import { heatColor, type HeatScale, UNKNOWN_FILL } from './heatScale.ts';

interface HeatGridProps {
  readonly label: string;
  readonly rows: readonly HeatRow[];
  readonly cellMinutes: number;
  readonly scale: HeatScale;
  /** Above it nobody may scale: such cells have a mark. */
  readonly limit: number;
  /** Words over the columns, by column. */
  readonly ticks: ReadonlyMap<number, string>;
  /** What a row is called in the sentence of a cell. */
  readonly nameOf: (row: HeatRow) => string;
  readonly compact: boolean;
  readonly rowHeight: number;
  /** The cell that is pointed at or walked to. */
  readonly onLook: (place: CellPlace | null) => void;
  /** A row was chosen, by its cells or its name. */
  readonly onOpen?: ((row: number) => void) | undefined;
}

/** A table of cells whose colour says how many instances they need. One stop for the keyboard; arrows walk, Enter opens. */
export function HeatGrid(props: HeatGridProps) {
  const { label, rows, ticks, compact, onLook, onOpen, rowHeight } = props;
  const columns = rows[0]?.cells.length ?? 0;
  const [place, setPlace] = useState<CellPlace>({ row: 0, column: 0 });
  const active = { row: Math.min(place.row, rows.length - 1), column: Math.min(place.column, columns - 1) };
  const grid = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = placeOf(event.target);
    if (at === null) return;
    if (event.key === 'Enter' && onOpen !== undefined) {
      onOpen(at.row);
      return;
    }
    const next = cellAfterKey(event.key, at, rows.length, columns);
    if (next === undefined) return;
    event.preventDefault();
    setPlace(next);
    onLook(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`)?.focus();
  };
  const onMouseOver = (event: MouseEvent) => onLook(placeOf(event.target));
  const onClick = (event: MouseEvent) => {
    const at = placeOf(event.target);
    if (at === null) return;
    setPlace(at);
    onLook(at);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const at = placeOf(event.target);
    if (at !== null) onOpen?.(at.row);
  };
  const open = useCallback((row: number) => onOpen?.(row), [onOpen]);
  const nameWidth = compact ? 60 : 92;
  return (
    <Box
      ref={grid}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length}
      aria-colcount={columns}
      onKeyDown={onKeyDown}
      onMouseOver={onMouseOver}
      onMouseLeave={() => onLook(null)}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      sx={{ minWidth: 0, userSelect: 'none' }}
    >
      <Box aria-hidden sx={{ display: 'flex', pl: `${nameWidth}px`, color: 'text.secondary', fontSize: '0.7188rem' }}>
        {Array.from({ length: columns }, (_, column) => (
          <Box key={column} sx={{ flex: '1 1 0', minWidth: 0, whiteSpace: 'nowrap', overflow: 'visible' }}>
            {ticks.get(column) ?? ''}
          </Box>
        ))}
      </Box>
      {rows.map((row, index) => (
        <Line
          key={row.key}
          row={row}
          index={index}
          nameWidth={nameWidth}
          height={rowHeight}
          activeColumn={active.row === index ? active.column : null}
          cellMinutes={props.cellMinutes}
          scale={props.scale}
          limit={props.limit}
          compact={compact}
          nameOf={props.nameOf}
          onOpen={onOpen === undefined ? undefined : open}
        />
      ))}
    </Box>
  );
}

interface LineProps extends Pick<HeatGridProps, 'cellMinutes' | 'scale' | 'limit' | 'compact' | 'nameOf' | 'onOpen'> {
  readonly row: HeatRow;
  readonly index: number;
  readonly nameWidth: number;
  readonly height: number;
  readonly activeColumn: number | null;
}

const Line = memo(function Line(props: LineProps) {
  const { row, index, nameWidth, height, activeColumn, cellMinutes, scale, limit, compact, nameOf, onOpen } = props;
  const name = compact ? row.shortText : row.text;
  const cells = useMemo(
    () =>
      row.cells.map((cell) => ({
        text: cellSentence(nameOf(row), cell, cellMinutes),
        background:
          cell.atMs === null
            ? 'transparent'
            : cell.value === null
              ? UNKNOWN_FILL
              : heatColor(scale.levelOf(cell.value), scale.levels),
        over: (cell.value ?? 0) > limit,
      })),
    [row, nameOf, cellMinutes, scale, limit],
  );
  return (
    <Box role="row" sx={{ display: 'flex', alignItems: 'stretch', height, mt: '2px' }}>
      <Box
        role="rowheader"
        sx={{ flex: `0 0 ${nameWidth}px`, display: 'flex', alignItems: 'center', fontSize: '0.7812rem', pr: 1 }}
      >
        {onOpen === undefined ? (
          name
        ) : (
          <Box
            component="button"
            type="button"
            title={`${row.text}, minute by minute`}
            onClick={() => onOpen(index)}
            sx={rowButton}
          >
            {name}
          </Box>
        )}
      </Box>
      {cells.map((cell, column) => (
        <div
          key={column}
          role="gridcell"
          data-cell={`${index}-${column}`}
          aria-label={cell.over ? `${cell.text}, above the limit` : cell.text}
          tabIndex={column === activeColumn ? 0 : -1}
          className={cell.over ? 'over' : undefined}
          style={{ background: cell.background }}
        />
      ))}
    </Box>
  );
});

const rowButton = {
  font: 'inherit',
  color: 'primary.main',
  background: 'none',
  border: 0,
  p: 0,
  textAlign: 'left',
  cursor: 'pointer',
  whiteSpace: 'nowrap',
  '&:hover, &:focus-visible': { textDecoration: 'underline' },
} as const;

/** The looks of the cells, once for all of them: there are hundreds. */
export const CELL_STYLE = {
  '& [role=gridcell]': { flex: '1 1 0', minWidth: 0, marginRight: '1px', borderRadius: '2px' },
  '& [role=gridcell].over': { boxShadow: 'inset 0 0 0 2px var(--al-palette-chart-short)' },
  '& [role=gridcell]:hover': { outline: '1px solid', outlineColor: 'text.primary' },
  '& [role=gridcell]:focus-visible': {
    outline: '2px solid',
    outlineColor: 'text.primary',
    outlineOffset: '1px',
    position: 'relative',
    zIndex: 1,
  },
} as const;

function placeOf(target: EventTarget): CellPlace | null {
  const cell = target instanceof HTMLElement ? target.dataset.cell : undefined;
  if (cell === undefined) return null;
  const [row = 0, column = 0] = cell.split('-').map(Number);
  return { row, column };
}
