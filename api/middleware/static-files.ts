import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { Context, Middleware } from 'koa';

/**
 * Serves the built web application. Paths without a file are pages of the application, so browsers get its one HTML file for them.
 * Files below `assets/` carry a hash of their content in their names and never change.
 */
export function staticFiles(root: string): Middleware {
  const read = createFileReader(resolve(root));
  return async (context, next) => {
    const file = isRead(context)
      ? ((await read(context.path)) ?? (isPage(context) ? await read('/index.html') : undefined))
      : undefined;
    if (file === undefined) await next();
    else send(context, file, context.path.startsWith('/assets/'));
  };
}

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
  /** Undefined for what does not get smaller. */
  readonly zipped: Buffer | undefined;
}

export function send(context: Context, file: StaticFile, isImmutable: boolean): void {
  context.status = 200;
  context.type = file.type;
  context.set('Cache-Control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  context.set('ETag', file.etag);
  context.vary('Accept-Encoding');
  if (context.fresh) {
    context.status = 304;
    return;
  }
  if (file.zipped !== undefined && context.acceptsEncodings('gzip', 'identity') === 'gzip') {
    context.set('Content-Encoding', 'gzip');
    context.body = file.zipped;
  } else {
    context.body = file.body;
  }
}

/** Makes a file ready to be sent; text is compressed once. */
export async function prepareFile(name: string, body: Buffer): Promise<StaticFile> {
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  const isText = /^text\/|json|javascript|svg|manifest/.test(type);
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type, body, etag, zipped: isText && body.length > 1_024 ? await promisify(gzip)(body) : undefined };
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

function isRead(context: Context): boolean {
  return context.method === 'GET' || context.method === 'HEAD';
}

/** A path that a person may have typed: no file name, nothing of the API. */
function isPage(context: Context): boolean {
  const { path } = context;
  return (
    extname(path) === '' && !path.startsWith('//') && !isApiPath(path) && context.accepts('html', 'json') === 'html'
  );
}

function isApiPath(path: string): boolean {
  return path === '/api' || path.startsWith('/api/') || path === '/health';
}

/** Files as they were last read; one that was built anew is read anew. */
function createFileReader(root: string) {
  const known = new Map<string, { readonly changedMs: number; readonly file: StaticFile }>();
  return async (path: string): Promise<StaticFile | undefined> => {
    const name = safePath(root, path);
    if (name === undefined) return undefined;
    const stats = await stat(name).catch(() => undefined);
    if (stats?.isFile() !== true) return undefined;
    const cached = known.get(name);
    if (cached?.changedMs === stats.mtimeMs) return cached.file;
    const file = await prepareFile(name, await readFile(name));
    known.set(name, { changedMs: stats.mtimeMs, file });
    return file;
  };
}

/** The file that a path of the URL names, if it lies inside the root and is not hidden. */
function safePath(root: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (/[\\\0]/.test(decoded) || decoded.split('/').some((part) => part.startsWith('.'))) return undefined;
  const name = join(root, decoded);
  return name.startsWith(root + sep) ? name : undefined;
}
