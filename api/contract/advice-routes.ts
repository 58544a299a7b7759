import { z } from 'zod';

import { Advice, AdviceInput, AdviceQuery, AppliedAdvice, AppliedAdviceQuery, UndoneAdvice } from './advice.ts';
import { itemsOf, type RouteContract } from './route-contract.ts';

const base = '/api/v1/forecast/advice';

/** Smoothing: which tasks to move for a lower peak. */
export const ADVICE_ROUTES = {
  advice: {
    method: 'get',
    path: base,
    summary: 'Which flexible tasks to move, by how much, for which smaller peak. Nothing is written.',
    tag: 'forecast',
    query: AdviceQuery,
    status: 200,
    response: Advice,
  },
  applyAdvice: {
    method: 'post',
    path: `${base}/apply`,
    summary:
      'Move the named tasks. 409 when one of them was changed since; the same request again changes nothing more.',
    tag: 'forecast',
    body: AdviceInput,
    status: 200,
    response: AppliedAdvice,
  },
  undoAdvice: {
    method: 'post',
    path: `${base}/:id/undo`,
    summary: 'Take an application back. Tasks that were changed since are left as they are, and named.',
    tag: 'forecast',
    params: z.strictObject({ id: z.string().regex(/^\d{1,18}$/) }),
    status: 200,
    response: UndoneAdvice,
  },
  appliedAdvice: {
    method: 'get',
    path: `${base}/applied`,
    summary: 'The last applications of advice, newest first.',
    tag: 'forecast',
    query: AppliedAdviceQuery,
    status: 200,
    response: itemsOf(AppliedAdvice),
  },
} as const satisfies Record<string, RouteContract>;
