import type { IncomingMessage } from 'node:http';

import { HttpProblem } from './problem.ts';
import { parseStrictJson } from './strict-json.ts';

export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The JSON body of a request; `undefined` when there is none.
 * @throws HttpProblem 413 over 1 MiB, 415 for other types and for compressed bodies, 400 for what can not be read.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  const declared = headers['content-length'];
  if (declared === '0' || (declared === undefined && headers['transfer-encoding'] === undefined)) return undefined;
  if (Number(declared ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  assertJson(headers['content-type'], headers['content-encoding']);
  const bytes = await readBytes(request);
  return bytes.length === 0 ? undefined : parseStrictJson(decode(bytes));
}

function assertJson(contentType: string | undefined, encoding: string | undefined): void {
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HttpProblem(415, 'unsupported_media_type', 'The body must not be compressed.');
  }
  if (contentType === undefined || !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType)) {
    throw new HttpProblem(415, 'unsupported_media_type', 'The body must be application/json in UTF-8.');
  }
}

/** Listens instead of iterating: leaving an iteration early would destroy the connection together with the answer. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        chunks.length = 0;
        reject(tooLarge()); // what still comes is counted and thrown away
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(cutOff()));
    request.once('close', () => reject(cutOff()));
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpProblem(400, 'malformed_body', 'The body is not UTF-8.', { cause });
  }
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, 'body_too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
}

function cutOff(): HttpProblem {
  return new HttpProblem(400, 'incomplete_body', 'The connection ended before the body did.');
}
