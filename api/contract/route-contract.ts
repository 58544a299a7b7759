import { z } from 'zod';

/** One route of the API: what it takes and what it answers. The OpenAPI document and the router's validation read this. */
export interface RouteContract {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below the server's root, with `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: number;
  readonly response: z.ZodType | null;
}

/** The answer of a list that comes whole. */
export const itemsOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) });
