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
  readonly children: (data: Data) => ReactNode;
}

/** The faces that every piece of data has: still loading, failed, there, and there but old. */
export function QueryView<Data>({ query, what, skeletonHeight = 120, children }: QueryViewProps<Data>) {
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    if (query.isError) return <ErrorPanel error={query.error} what={what} retry={retry} />;
    return <Skeleton variant="rounded" height={skeletonHeight} role="status" aria-label={`Loading ${what}`} />;
  }
  return (
    <>
      {query.isError && <StaleBanner dataMs={query.dataUpdatedAt} error={query.error} retry={retry} />}
      {children(query.data)}
    </>
  );
}
