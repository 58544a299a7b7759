import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);

/** The chart, seen from `build/test/support`. */
export const CHART = resolve(import.meta.dirname, '../../../helm');

/** Any Kubernetes object, as far as all of them are alike. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Helm {
  /** What the chart becomes with a file from `ci/` and further `--set` arguments, as one text. Rejects when it refuses. */
  template(ciFile: string | undefined, ...sets: readonly string[]): Promise<string>;
  lint(ciFile: string): Promise<void>;
}

/** `undefined` when there is no helm on this machine. */
export async function findHelm(): Promise<Helm | undefined> {
  const helm = await findTool('helm');
  if (helm === undefined) return undefined;
  const values = (ciFile: string | undefined): string[] =>
    ciFile === undefined ? [] : ['--values', join(CHART, 'ci', ciFile)];
  return {
    async template(ciFile, ...sets) {
      const flags = ['--namespace', 'lab', '--kube-version', '1.31.0', ...values(ciFile)];
      const args = ['template', 'rel', CHART, ...flags, ...sets.flatMap((set) => ['--set', set])];
      return (await run(helm, args, { maxBuffer: 10_000_000 })).stdout;
    },
    async lint(ciFile) {
      await run(helm, ['lint', '--strict', CHART, ...values(ciFile)]);
    },
  };
}

export function parseObjects(rendered: string): KubeObject[] {
  return parseAllDocuments(rendered).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** Checks rendered objects against the schemas of Kubernetes, strictly; answers what is wrong, '' when nothing is. */
export type Kubeconform = (rendered: string) => Promise<string>;

/**
 * `undefined` when there is no kubeconform, or no schemas for it, on this machine. It fetches schemas from the network by itself; here they
 * are made from the OpenAPI file in the Go module k8s.io/kubernetes, which `go mod download k8s.io/kubernetes@v1.36.3` brings.
 */
export async function findKubeconform(directory: string): Promise<Kubeconform | undefined> {
  const kubeconform = await findTool('kubeconform');
  const openApi = await findOpenApi();
  if (kubeconform === undefined || openApi === undefined) return undefined;
  await writeSchemas(openApi, directory);
  const location = join(directory, '{{.ResourceKind}}{{.KindSuffix}}.json');
  return async (rendered) => {
    // These belong to the Prometheus operator and to KEDA, not to Kubernetes.
    const foreign = 'PodMonitor,ScaledObject,TriggerAuthentication';
    const args = ['-strict', '-skip', foreign, '-schema-location', location, '-output', 'text', '-'];
    const child = spawn(kubeconform, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(rendered);
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>]);
    return code === 0 ? '' : output || `kubeconform ended with ${String(code)}`;
  };
}

async function findTool(name: string): Promise<string | undefined> {
  const goPath = await goEnv('GOPATH');
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (goPath !== undefined) folders.push(join(goPath, 'bin'));
  for (const folder of folders) {
    const file = join(folder, name);
    if (await canExecute(file)) return file;
  }
  return undefined;
}

async function canExecute(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function goEnv(name: string): Promise<string | undefined> {
  return run('go', ['env', name]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined, // no Go: it is not needed for anything else
  );
}

async function findOpenApi(): Promise<string | undefined> {
  const modules = join((await goEnv('GOMODCACHE')) ?? '', 'k8s.io');
  const versions = await readdir(modules).catch(() => []);
  const newest = versions
    .filter((name) => name.startsWith('kubernetes@'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const folder = newest.at(-1);
  return folder === undefined ? undefined : join(modules, folder, 'api/openapi-spec/swagger.json');
}

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  items?: Schema;
  format?: string;
  'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
  [keyword: string]: unknown;
}

/** One self-contained file per kind, under the name that kubeconform asks for, with unknown properties refused. */
async function writeSchemas(openApiFile: string, directory: string): Promise<void> {
  const { definitions } = JSON.parse(await readFile(openApiFile, 'utf8')) as { definitions: Record<string, Schema> };
  for (const schema of Object.values(definitions)) {
    if (schema.properties !== undefined) schema.additionalProperties ??= false;
    if (schema.format === 'int-or-string') schema.type = ['string', 'integer'];
  }
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'definitions.json'), JSON.stringify({ definitions }));
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      const suffix = [...group.split('.').slice(0, 1), version].filter((part) => part !== '').join('-');
      const file = join(directory, `${kind.toLowerCase()}-${suffix}.json`);
      await writeFile(file, JSON.stringify({ $ref: `file://${directory}/definitions.json#/definitions/${name}` }));
    }
  }
}
