import { stripVTControlCharacters } from 'node:util';

import { storableText, textOf } from './storable.ts';
import type { HandlerLog } from './task-type.ts';

export interface LogLine {
  /** Ordinal within the attempt, from 1; a gap is where lines were dropped. */
  readonly seq: number;
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
}
type LogLevel = keyof HandlerLog;

interface RunLogLimits {
  readonly maxLines: number;
  readonly maxLineBytes: number;
}

/**
 * The log of one attempt, bounded: it keeps the first half and the last half of what it may keep, and says how much was
 * dropped between them. Terminal colours are removed, other control characters made visible; a text of several lines becomes several lines.
 */
export class RunLog implements HandlerLog {
  readonly debug = (message: string): void => this.add('debug', message);
  readonly info = (message: string): void => this.add('info', message);
  readonly warn = (message: string): void => this.add('warn', message);
  readonly error = (message: string): void => this.add('error', message);

  readonly #limits: RunLogLimits;
  readonly #head: LogLine[] = [];
  /** A ring of the newest lines, once the head is full. */
  readonly #tail: LogLine[] = [];
  #seq = 0;
  #closed = false;

  constructor(limits: RunLogLimits) {
    this.#limits = limits;
  }

  /** Anything may be passed by a handler in JavaScript; it must not be able to make the log throw. */
  add(level: LogLevel, message: unknown): void {
    if (this.#closed) return;
    for (const line of linesOf(message)) this.#addLine(level, line);
  }

  /** Ends the log: what a handler that would not stop writes later is not part of this attempt any more. */
  close(): readonly LogLine[] {
    this.#closed = true;
    if (this.#seq <= this.#limits.maxLines) return [...this.#head, ...this.#inOrder()];
    // One of the kept lines gives way to the one that says what is missing.
    const kept = this.#inOrder().slice(1);
    const dropped = this.#seq - this.#head.length - kept.length;
    const marker: LogLine = {
      seq: this.#head.length + 1,
      atMs: this.#head.at(-1)?.atMs ?? kept[0]?.atMs ?? 0,
      level: 'warn',
      message: `Lines dropped here: ${dropped}. A run keeps ${this.#limits.maxLines} lines, its first and its last.`,
    };
    return [...this.#head, marker, ...kept];
  }

  #addLine(level: LogLevel, text: string): void {
    const message = storableText(text, this.#limits.maxLineBytes);
    this.#seq += 1;
    const line: LogLine = { seq: this.#seq, atMs: Date.now(), level, message };
    if (this.#head.length < this.#headCapacity) this.#head.push(line);
    else this.#tail[(this.#seq - this.#headCapacity - 1) % this.#tailCapacity] = line;
  }

  #inOrder(): readonly LogLine[] {
    return this.#tail.toSorted((left, right) => left.seq - right.seq);
  }

  get #headCapacity(): number {
    return Math.floor(this.#limits.maxLines / 2);
  }

  get #tailCapacity(): number {
    return this.#limits.maxLines - this.#headCapacity;
  }
}

function linesOf(message: unknown): readonly string[] {
  const text = textOf(message);
  if (!text.includes('\n') && !text.includes('\r') && !text.includes('\u001B')) return [text];
  return stripVTControlCharacters(text).split(/\r\n|\r|\n/);
}
