import type { DestinationStream } from 'pino';

/** Lines for people instead of JSON, where a person looks and the package for it is installed; `undefined` elsewhere. */
export async function openTerminalLog(): Promise<DestinationStream | undefined> {
  if (!process.stdout.isTTY) return undefined;
  const pretty = await import('pino-pretty').catch(() => undefined); // production images leave it out
  return pretty?.default({ ignore: 'service', translateTime: 'SYS:HH:MM:ss', singleLine: true });
}
