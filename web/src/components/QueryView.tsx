import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ErrorPanel } from './ErrorPanel.tsx';
import { StaleBanner } from './StaleBanner.tsx';

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data>;
  /** What is being shown, such as "the forecast". */
  readonly what: string;
  readonly skeletonHeight?: number;
  /** Keeps its notices off the edges, inside a panel whose content reaches them. */
  readonly inset?: boolean;
  readonly children: (data: Data) => ReactNode;
}

/** The faces that every piece of data has: still loading, failed, there, and there but old. */
export function QueryView<Data>({ query, what, skeletonHeight = 120, inset = false, children }: QueryViewProps<Data>) {
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    return (
      <Box sx={inset ? insetStyle : null}>
        {query.isError ? (
          <ErrorPanel error={query.error} what={what} retry={retry} />
        ) : (
          <Skeleton variant="rounded" height={skeletonHeight} role="status" aria-label={`Loading ${what}`} />
        )}
      </Box>
    );
  }
  return (
    <>
      {query.isError && (
        <Box sx={inset ? insetStyle : null}>
          <StaleBanner dataMs={query.dataUpdatedAt} error={query.error} retry={retry} />
        </Box>
      )}
      {children(query.data)}
    </>
  );
}

const insetStyle = { px: 2, pb: 2 } as const;
