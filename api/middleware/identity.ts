import type { Middleware } from 'koa';

/** On whose behalf a request is made. */
export interface Actor {
  readonly kind: 'local-operator';
  readonly name: string;
}

/** The seam for sign-in: whoever reaches the API is the operator of this machine, which is why it binds to the loopback address. */
export function identity(): Middleware {
  const actor: Actor = { kind: 'local-operator', name: 'local operator' };
  return (context, next) => {
    context.state.actor = actor;
    return next();
  };
}
