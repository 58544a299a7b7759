import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { Middleware } from 'koa';

import { createOpenApiDocument } from '../openapi.ts';
import { prepareFile, send, type StaticFile } from './static-files.ts';

const require = createRequire(import.meta.url);

/** `/api/v1/openapi.json` and a viewer for it under `/docs`; everything comes from this server, and no script is inline. */
export function apiDocs(version: string): Middleware {
  const files = new Map<string, Promise<StaticFile>>();
  const fileAt = (path: string): Promise<StaticFile> | undefined => {
    const read = SOURCES[path];
    if (read === undefined) return undefined;
    let file = files.get(path);
    if (file === undefined) {
      file = read(version).then((body) => prepareFile(path === '/docs' ? 'index.html' : path, body));
      files.set(path, file);
    }
    return file;
  };
  return async (context, next) => {
    const isRead = context.method === 'GET' || context.method === 'HEAD';
    const file = isRead ? await fileAt(context.path.replace(/\/$/, '')) : undefined;
    if (file === undefined) await next();
    else send(context, file, false);
  };
}

const SOURCES: Readonly<Record<string, (version: string) => Promise<Buffer>>> = {
  '/api/v1/openapi.json': (version) => text(JSON.stringify(createOpenApiDocument(version))),
  '/docs': () => text(PAGE),
  '/docs/start.js': () => text(START),
  '/docs/swagger-ui.css': () => bundled('swagger-ui.css'),
  '/docs/swagger-ui-bundle.js': () => bundled('swagger-ui-bundle.js'),
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Almanac API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

// Without a validator's address the viewer sends our document to nobody.
const START = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', validatorUrl: null, deepLinking: true });
`;

function text(content: string): Promise<Buffer> {
  return Promise.resolve(Buffer.from(content));
}

function bundled(name: string): Promise<Buffer> {
  return readFile(join(dirname(require.resolve('swagger-ui-dist/package.json')), name));
}
