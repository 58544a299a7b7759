/** A command can not be done as it was typed, or where it was sent; the message is for the person who typed it. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}
