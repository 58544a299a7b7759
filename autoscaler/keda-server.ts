import { setMaxListeners } from 'node:events';

import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';

import { SECOND_MS } from '../core/duration.ts';
import type { Logger } from '../runtime/logger.ts';
import { ReloadingServerCredentials } from './grpc-credentials.ts';
import {
  type GetMetricSpecResponse,
  type GetMetricsRequest,
  type GetMetricsResponse,
  type IsActiveResponse,
  loadExternalScaler,
  type ScaledObjectRef,
} from './keda-protocol.ts';
import { KedaRefusal, parseTrigger } from './keda-trigger.ts';
import { answerNow, type PlanAnswer } from './plan-answer.ts';
import type { PlanReader } from './plan-view.ts';
import { type TlsFiles, watchTlsFiles } from './tls-files.ts';

export interface KedaServerDeps {
  readonly plans: PlanReader;
  readonly log: Logger;
}

export interface KedaServerConfig {
  readonly host: string;
  readonly port: number;
  /** The pool of triggers that name none. */
  readonly pool: string;
  /** A plan older than this is stale. */
  readonly staleMs: number;
  /** Not set: plain text, as KEDA expects by default. */
  readonly tls?: TlsFiles | undefined;
  /** How often a stream looks whether time alone has changed its answer. Default 1 s. */
  readonly streamPeriodMs?: number;
}

/** Never changes: KEDA asks for the values by the name that it was given last, possibly by another copy. */
export const KEDA_METRIC_NAME = 'almanac-replicas';

/** One replica per unit, so that the value is the number of replicas. Known without a plan: KEDA makes its HPA from it. */
const METRIC_SPEC: GetMetricSpecResponse = {
  metricSpecs: [{ metricName: KEDA_METRIC_NAME, targetSize: 1, targetSizeFloat: 1 }],
};

type Unary<Request, Response> = handleUnaryCall<Request, Response>;
type Streaming<Response> = handleServerStreamingCall<ScaledObjectRef, Response>;

/**
 * KEDA's external scaler over gRPC. Answers from memory; without a plan the answer is UNAVAILABLE, never zero.
 * @throws ConfigurationError when the certificate can not be used, Error when the address can not be had.
 */
export async function openKedaServer(
  deps: KedaServerDeps,
  config: KedaServerConfig,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = new Server({ 'grpc.max_receive_message_length': 1_000_000 });
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one per stream
  server.addService(loadExternalScaler(), { ...handlers(deps, config, closing.signal) });
  let credentials = ServerCredentials.createInsecure();
  let watched: AsyncDisposable | undefined;
  if (config.tls !== undefined) {
    const files = await watchTlsFiles(config.tls, deps.log, (material) => secure.reload(material));
    const secure = new ReloadingServerCredentials(files.material);
    credentials = secure;
    watched = files;
  }
  const port = await listen(server, config, credentials);
  return {
    port,
    async [Symbol.asyncDispose]() {
      closing.abort(); // the streams end; KEDA opens them again at another copy
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.forceShutdown(), SECOND_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      await watched?.[Symbol.asyncDispose]();
    },
  };
}

function handlers({ plans }: KedaServerDeps, config: KedaServerConfig, closing: AbortSignal) {
  /** @throws KedaRefusal */
  const ask = (reference: ScaledObjectRef | null): PlanAnswer => {
    const { pool, leadMs } = parseTrigger(reference, config.pool);
    const answer = answerNow(plans, pool, { staleMs: config.staleMs, leadMs });
    if (answer === undefined) throw new KedaRefusal(status.UNAVAILABLE, `There is no plan for the pool ${pool} yet.`);
    return answer;
  };

  const IsActive: Unary<ScaledObjectRef, IsActiveResponse> = answering((call) => ({
    result: ask(call.request).replicas > 0,
  }));
  const GetMetricSpec: Unary<ScaledObjectRef, GetMetricSpecResponse> = answering((call) => {
    parseTrigger(call.request, config.pool); // a mistake shows when the trigger is made, not when it is needed
    return METRIC_SPEC;
  });
  const GetMetrics: Unary<GetMetricsRequest, GetMetricsResponse> = answering(({ request }) => {
    if (request.metricName !== KEDA_METRIC_NAME)
      throw new KedaRefusal(status.NOT_FOUND, `There is no metric ${request.metricName}, only ${KEDA_METRIC_NAME}.`);
    const { replicas } = ask(request.scaledObjectRef);
    return { metricValues: [{ metricName: KEDA_METRIC_NAME, metricValue: replicas, metricValueFloat: replicas }] };
  });
  const StreamIsActive: Streaming<IsActiveResponse> = stream(closing, (call, over) => {
    let last: boolean | undefined;
    const look = guarded(call, over, () => {
      const result = ask(call.request).replicas > 0;
      if (result === last) return;
      last = result;
      call.write({ result });
    });
    look();
    if (over.signal.aborted) return;
    const unwatch = plans.watch(look);
    // Time alone can change the answer: a plan reaches into the future.
    const timer = setInterval(look, config.streamPeriodMs ?? SECOND_MS).unref();
    over.signal.addEventListener('abort', () => {
      unwatch();
      clearInterval(timer);
    });
  });
  const StreamMetricSpec: Streaming<GetMetricSpecResponse> = stream(closing, (call, over) => {
    guarded(call, over, () => {
      parseTrigger(call.request, config.pool);
      call.write(METRIC_SPEC);
    })();
  });
  return { IsActive, GetMetricSpec, GetMetrics, StreamIsActive, StreamMetricSpec };
}

function answering<Request, Response>(
  decide: (call: { readonly request: Request }) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, decide(call));
    } catch (error) {
      callback(refusalOf(error));
    }
  };
}

/** Runs `open` for each stream; `over` aborts once, when the client cancels, an error ends the stream, or the server closes. */
function stream<Response>(
  closing: AbortSignal,
  open: (call: ServerWritableStream<ScaledObjectRef, Response>, over: AbortController) => void,
): handleServerStreamingCall<ScaledObjectRef, Response> {
  return (call) => {
    const over = new AbortController();
    const close = (): void => {
      over.abort();
      call.end();
    };
    over.signal.addEventListener('abort', () => closing.removeEventListener('abort', close));
    closing.addEventListener('abort', close);
    call.once('cancelled', close);
    open(call, over);
  };
}

/** A failure ends the stream with its status. */
function guarded(
  call: ServerWritableStream<ScaledObjectRef, never>,
  over: AbortController,
  work: () => void,
): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      over.abort();
      call.emit('error', refusalOf(error));
    }
  };
}

function refusalOf(error: unknown): KedaRefusal {
  if (error instanceof KedaRefusal) return error;
  return new KedaRefusal(status.INTERNAL, error instanceof Error ? error.message : String(error));
}

function listen(server: Server, { host, port }: KedaServerConfig, credentials: ServerCredentials): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}
