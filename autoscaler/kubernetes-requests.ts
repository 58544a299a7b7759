import { setTimeout as sleep } from 'node:timers/promises';

import {
  ApiException,
  type ApiType,
  type Configuration,
  type ConfigurationOptions,
  FetchError,
  type KubeConfig,
  Observable,
} from '@kubernetes/client-node';

import { type KubernetesConnection, loadKubeConfig } from './kubernetes-connection.ts';
import { type FailureVerdict, judgeFailure, type RequestedAction, type RequestFailure } from './kubernetes-failure.ts';
import { ScaleTargetError } from './scale-target.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

export interface RequestLimits {
  /** For one request, body included. Default 5 s. */
  readonly requestTimeoutMs?: number;
  /** For one call with all its repetitions. Default 20 s. */
  readonly deadlineMs?: number;
}

export type Outcome<T> = { readonly kind: 'answer'; readonly value: T } | FailureVerdict;
type Api<A extends ApiType> = new (configuration: Configuration) => A;
type Send<A, T> = (api: A, options: ConfigurationOptions) => Promise<T>;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/** Requests to the API server, each with its time limit; what passes by itself is repeated, and the rest is said in a sentence. */
export class KubernetesRequests {
  readonly #connection: KubernetesConnection;
  readonly #requestTimeoutMs: number;
  readonly #deadlineMs: number;
  readonly #closed = new AbortController();
  #config: KubeConfig;

  /** @throws ScaleTargetError when the credentials can not be loaded. */
  constructor(connection: KubernetesConnection, { requestTimeoutMs = 5_000, deadlineMs = 20_000 }: RequestLimits = {}) {
    this.#connection = connection;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#deadlineMs = deadlineMs;
    this.#config = load(connection);
  }

  /** The time that one call may take with all that it asks; ends early with any of the signals, or when this is closed. */
  limit(...signals: readonly AbortSignal[]): TimeLimit {
    return timeLimit(this.#deadlineMs, this.#closed.signal, ...signals);
  }

  /** Ends what is under way; every later request rejects. */
  close(): void {
    this.#closed.abort(new ScaleTargetError('The connection to Kubernetes was closed.', false));
  }

  /**
   * Repeats what is worth repeating, until the limit.
   * @throws ScaleTargetError when there is no answer; the reason of the signal that ended the limit early.
   */
  async request<A extends ApiType, T>(
    api: Api<A>,
    action: RequestedAction,
    limit: TimeLimit,
    send: Send<A, T>,
  ): Promise<Outcome<T> & { kind: 'answer' | 'conflict' }> {
    let credentialsAreFresh = false;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.once(api, action, limit, send);
      switch (outcome.kind) {
        case 'answer':
        case 'conflict':
          return outcome;
        case 'stale-credentials':
          if (credentialsAreFresh) throw new ScaleTargetError(outcome.message, false);
          this.#config = load(this.#connection); // the client itself looks at the token file once a minute only
          credentialsAreFresh = true;
          break;
        case 'retry':
          await pause(failures, outcome.afterMs, limit, outcome.message);
          break;
        case 'give-up':
          throw new ScaleTargetError(outcome.message, false);
      }
    }
  }

  /** One try. */
  async once<A extends ApiType, T>(
    api: Api<A>,
    action: RequestedAction,
    limit: TimeLimit,
    send: Send<A, T>,
  ): Promise<Outcome<T>> {
    if (limit.signal.aborted) throw endOf(limit, 'The time was used up.');
    using request = timeLimit(this.#requestTimeoutMs, limit.signal);
    try {
      return { kind: 'answer', value: await send(this.#config.makeApiClient(api), withSignal(request.signal)) };
    } catch (error) {
      if (isStopped(limit)) throw limit.signal.reason;
      return judgeFailure(request.signal.aborted ? unanswered(request.signal) : describeFailure(error), action);
    }
  }
}

function load(connection: KubernetesConnection): KubeConfig {
  try {
    return loadKubeConfig(connection);
  } catch (error) {
    throw new ScaleTargetError(`The credentials for Kubernetes could not be loaded: ${String(error)}`, false, {
      cause: error,
    });
  }
}

/** The generated calls take no signal, but each request passes through its middleware. */
function withSignal(signal: AbortSignal): ConfigurationOptions {
  return {
    middleware: [
      {
        pre: (context) => {
          context.setSignal(signal);
          return new Observable(Promise.resolve(context));
        },
        post: (context) => new Observable(Promise.resolve(context)),
      },
    ],
    middlewareMergeStrategy: 'append',
  };
}

/**
 * Rests before a repetition, longer with each failure and at least as long as asked.
 * @throws as `request` does, when the limit comes first.
 */
export async function pause(
  failures: number,
  askedMs: number | undefined,
  limit: TimeLimit,
  cause: string,
): Promise<void> {
  const ceilingMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  try {
    await sleep(Math.max(askedMs ?? 0, ceilingMs * (0.5 + Math.random() / 2)), undefined, { signal: limit.signal });
  } catch {
    throw endOf(limit, cause); // only the signal ends a sleep early
  }
}

/** Aborted from outside, by the caller or by disposal. */
function isStopped(limit: TimeLimit): boolean {
  return limit.signal.aborted && !limit.isOver();
}

/** Running out of time is a failure of the target; any other reason is the caller's wish, and is handed back as it came. */
function endOf(limit: TimeLimit, cause: string): unknown {
  if (isStopped(limit)) return limit.signal.reason;
  return new ScaleTargetError(`Gave up after ${limit.limitMs} ms. ${cause}`, true);
}

function unanswered(signal: AbortSignal): RequestFailure {
  return { status: undefined, message: (signal.reason as Error).message };
}

function describeFailure(error: unknown): RequestFailure {
  if (error instanceof ApiException) {
    return { status: error.code, message: statusMessage(error.body), retryAfterHeader: error.headers['retry-after'] };
  }
  if (error instanceof FetchError) return { status: undefined, message: error.message, networkCode: error.code };
  throw new ScaleTargetError(`A request to the API server could not be made: ${String(error)}`, false, {
    cause: error,
  });
}

/** The `message` of the Status object that the API server sends with every refusal; proxies in between send anything. */
function statusMessage(body: unknown): string {
  const text = typeof body === 'string' ? body : '';
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // Not JSON, so not from the API server itself: the text is all there is.
  }
  return text === '' ? 'no reason given' : text.slice(0, 200);
}
