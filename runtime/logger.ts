import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/**
 * A structured logger for one service. Constant messages, fields for the rest; the agreed field names are
 * occurrenceId, taskId, taskType, attempt, replica, durationMs, err.
 */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    base: { service },
    level,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: stdSerializers.err },
    redact: {
      paths: ['*.password', '*.authorization', 'headers.authorization', 'headers.cookie'],
      censor: '[redacted]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
