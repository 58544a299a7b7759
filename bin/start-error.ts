/** Almanac can not start for a reason that the person who starts it can remove: the message is one sentence or two that say how. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
