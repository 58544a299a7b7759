import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { z } from 'zod';

import { changeListUrl, type ListUrl, readListUrl } from './listUrl.ts';

interface ListUrlState<Query> extends ListUrl<Query> {
  /** `replace` while a person types, so that Back leaves the list; otherwise each change is a step. */
  readonly change: (changes: Readonly<Record<string, string | number | undefined>>, replace?: boolean) => void;
}

/** A list's filter, order and page, kept in the address so that a link shows the same rows. */
export function useListUrl<Schema extends z.ZodObject>(schema: Schema): ListUrlState<z.output<Schema>> {
  const [search, setSearch] = useSearchParams();
  return useMemo(
    () => ({
      ...readListUrl(schema, search),
      change: (changes, replace = false) => setSearch((current) => changeListUrl(current, changes), { replace }),
    }),
    [schema, search, setSearch],
  );
}
