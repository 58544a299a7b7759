import type { Readable } from 'node:stream';

import type { HandlerLog } from '../task-type.ts';

type Level = 'info' | 'warn';
interface Line {
  readonly level: Level;
  readonly text: string;
}

/**
 * Writes a program's output to the log of an attempt, line by line: the first half of `maxBytes` as it comes, the last half when it
 * ends, and between them how much was left out. Holds no more than that in memory, whatever the program writes.
 */
export class OutputLog {
  readonly #log: HandlerLog;
  readonly #halfBytes: number;
  #headBytes = 0;
  #tail: Line[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;
  #totalBytes = 0;
  #lastWarning: string | undefined;

  constructor(log: HandlerLog, maxBytes: number) {
    this.#log = log;
    this.#halfBytes = Math.floor(maxBytes / 2);
  }

  /** Follows a stream to its end; a line without an end is cut where it gets too long. */
  follow(stream: Readable, level: Level): void {
    let partial = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) this.#add(level, line);
      if (partial.length >= MAX_LINE_LENGTH) {
        this.#add(level, partial);
        partial = '';
      }
    });
    stream.on('end', () => {
      if (partial !== '') this.#add(level, partial);
    });
    stream.on('error', () => undefined); // the program's end says what became of it
  }

  /** Writes what was held back. */
  end(): { readonly outputBytes: number; readonly lastWarning: string | undefined } {
    if (this.#droppedBytes > 0) this.#log.warn(`Output left out here: ${this.#droppedBytes} bytes.`);
    for (const line of this.#tail) this.#log[line.level](line.text);
    this.#tail = [];
    return { outputBytes: this.#totalBytes, lastWarning: this.#lastWarning };
  }

  #add(level: Level, text: string): void {
    const bytes = Buffer.byteLength(text) + 1;
    this.#totalBytes += bytes;
    if (level === 'warn' && text.trim() !== '') this.#lastWarning = text.slice(0, MAX_LINE_LENGTH);
    if (this.#tail.length === 0 && this.#droppedBytes === 0 && this.#headBytes + bytes <= this.#halfBytes) {
      this.#headBytes += bytes;
      this.#log[level](text);
      return;
    }
    this.#tail.push({ level, text });
    this.#tailBytes += bytes;
    while (this.#tailBytes > this.#halfBytes) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#tail.shift();
    const bytes = oldest === undefined ? this.#tailBytes : Buffer.byteLength(oldest.text) + 1;
    this.#tailBytes -= bytes;
    this.#droppedBytes += bytes;
  }
}

const MAX_LINE_LENGTH = 4_096;
