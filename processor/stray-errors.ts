/**
 * Keeps errors that a handler leaves behind (a promise nobody waits for, a throw in a timer or an event listener) from ending the process.
 * They belong to no attempt that could be failed for them, so `onStray` is to log them. Dispose to restore the default.
 */
export function catchStrayErrors(onStray: (error: unknown, origin: string) => void): Disposable {
  const onRejection = (reason: unknown): void => onStray(reason, 'unhandledRejection');
  const onException = (error: unknown, origin: string): void => onStray(error, origin);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    [Symbol.dispose]() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
