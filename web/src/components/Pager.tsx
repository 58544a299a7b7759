import FirstPageIcon from '@mui/icons-material/FirstPage';
import NavigateBeforeIcon from '@mui/icons-material/NavigateBefore';
import NavigateNextIcon from '@mui/icons-material/NavigateNext';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState } from 'react';

export interface NumberedPaging {
  readonly kind: 'numbered';
  readonly page: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
  readonly onPageSize: (pageSize: number) => void;
}

/** For lists that only know what comes after: the cursor of this page, and that of the next. */
export interface CursorPaging {
  readonly kind: 'cursor';
  readonly cursor: string | undefined;
  readonly nextCursor: string | null;
  readonly onCursor: (cursor: string | undefined) => void;
}

export type Paging = NumberedPaging | CursorPaging;

interface PagerProps {
  readonly paging: Paging;
  readonly rowCount: number;
  /** What the rows are, in the plural. */
  readonly noun: string;
}

/** Says which rows are shown, also to screen readers, and leads to the others. */
export function Pager({ paging, rowCount, noun }: PagerProps) {
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        justifyContent: 'flex-end',
        gap: 1,
        px: 2,
        py: 0.75,
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      {paging.kind === 'numbered' ? (
        <NumberedPager paging={paging} noun={noun} />
      ) : (
        <CursorPager paging={paging} rowCount={rowCount} noun={noun} />
      )}
    </Box>
  );
}

function NumberedPager({ paging, noun }: { readonly paging: NumberedPaging; readonly noun: string }) {
  const { page, pageSize, total } = paging;
  const first = page * pageSize + 1;
  const last = Math.min(total, first + pageSize - 1);
  return (
    <>
      <TextField
        select
        variant="standard"
        label="Rows per page"
        value={pageSize}
        onChange={(event) => paging.onPageSize(Number(event.target.value))}
        sx={{ width: 104, mr: 'auto' }}
      >
        {[25, 50, 100].map((size) => (
          <MenuItem key={size} value={size}>
            {size}
          </MenuItem>
        ))}
      </TextField>
      <Position
        text={`${first.toLocaleString('en')}\u2013${last.toLocaleString('en')} of ${total.toLocaleString('en')} ${noun}`}
      />
      <IconButton aria-label="First page" disabled={page === 0} onClick={() => paging.onPage(0)}>
        <FirstPageIcon />
      </IconButton>
      <IconButton aria-label="Previous page" disabled={page === 0} onClick={() => paging.onPage(page - 1)}>
        <NavigateBeforeIcon />
      </IconButton>
      <IconButton aria-label="Next page" disabled={last >= total} onClick={() => paging.onPage(page + 1)}>
        <NavigateNextIcon />
      </IconButton>
    </>
  );
}

function CursorPager({ paging, rowCount, noun }: { paging: CursorPaging; rowCount: number; noun: string }) {
  // The cursors of the pages before this one, as far as this visit has seen them.
  const [trail, setTrail] = useState<readonly (string | undefined)[]>([]);
  const { cursor, nextCursor, onCursor } = paging;
  const known = cursor === undefined ? [] : trail;
  return (
    <>
      <Position
        text={`${rowCount.toLocaleString('en')} ${noun} on this page${nextCursor === null ? ', the last' : ''}`}
      />
      <IconButton
        aria-label="First page"
        disabled={cursor === undefined}
        onClick={() => {
          setTrail([]);
          onCursor(undefined);
        }}
      >
        <FirstPageIcon />
      </IconButton>
      <IconButton
        aria-label="Previous page"
        disabled={known.length === 0}
        onClick={() => {
          setTrail(known.slice(0, -1));
          onCursor(known.at(-1));
        }}
      >
        <NavigateBeforeIcon />
      </IconButton>
      <IconButton
        aria-label="Next page"
        disabled={nextCursor === null}
        onClick={() => {
          if (nextCursor === null) return;
          setTrail([...known, cursor]);
          onCursor(nextCursor);
        }}
      >
        <NavigateNextIcon />
      </IconButton>
    </>
  );
}

function Position({ text }: { readonly text: string }) {
  return (
    <Box component="span" role="status" sx={{ color: 'text.secondary', fontSize: '0.8438rem' }}>
      {text}
    </Box>
  );
}
