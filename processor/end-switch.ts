import type { AttemptEnding } from '../db/attempt-store.ts';

/** Through it the end of one attempt is asked for, once, before or while it runs. Costs nothing until somebody asks. */
export class EndSwitch {
  #ending: AttemptEnding | undefined;
  #listener: ((ending: AttemptEnding) => void) | undefined;

  get ending(): AttemptEnding | undefined {
    return this.#ending;
  }

  /** Only the first call counts. */
  end(ending: AttemptEnding): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#listener?.(ending);
  }

  /** One listener, the attempt; it is called at once when the end was asked for already. `undefined` takes it back. */
  listen(listener: ((ending: AttemptEnding) => void) | undefined): void {
    this.#listener = listener;
    if (this.#ending !== undefined) listener?.(this.#ending);
  }
}

/** The reason with which a handler's signal aborts when somebody asked for the end of its attempt. */
export class AttemptEndedError extends Error {
  /** Whether the attempt does not wait for its handler. */
  readonly atOnce: boolean;

  constructor({ how, reason }: AttemptEnding) {
    super(`The attempt was ended: ${reason}.`);
    this.name = 'AttemptEndedError';
    this.atOnce = how === 'terminate';
  }
}
