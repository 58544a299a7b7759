import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

import { MINUTE_MS } from '../core/duration.ts';
import { ConfigurationError } from '../runtime/env.ts';
import type { Logger } from '../runtime/logger.ts';

/** Paths of PEM files; whoever issues them replaces them in place. */
export interface TlsFiles {
  /** The server's certificate, with those between it and its authority. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of which a client must have a certificate. Not set: none is asked for. */
  readonly clientCaFile?: string | undefined;
  /** How often they are read again. Default 1 min. */
  readonly reloadMs?: number;
}

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

export interface WatchedTlsFiles extends AsyncDisposable {
  readonly material: TlsMaterial;
}

/**
 * Reads the files, and again from time to time: `onChange` hears of what is new and fits together. What can not be used is logged, and the
 * old files go on to count.
 * @throws ConfigurationError when they can not be used at first.
 */
export async function watchTlsFiles(
  files: TlsFiles,
  log: Logger,
  onChange: (material: TlsMaterial) => void,
): Promise<WatchedTlsFiles> {
  let material = await readTlsFiles(files).catch((error: unknown) => {
    throw new ConfigurationError([`${files.certFile}, ${files.keyFile}: ${(error as Error).message}`]);
  });
  const look = async (): Promise<void> => {
    try {
      const read = await readTlsFiles(files);
      if (isSame(read, material)) return;
      material = read;
      onChange(read);
      log.info({ certFile: files.certFile }, 'a new certificate is used from now on');
    } catch (error) {
      log.error({ err: error, certFile: files.certFile }, 'the new certificate can not be used; the old one still is');
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => void (looking = looking.then(look)), files.reloadMs ?? MINUTE_MS).unref();
  return {
    material,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
    },
  };
}

async function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<TlsMaterial> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const material = clientCaFile === undefined ? { cert, key } : { cert, key, ca: await readFile(clientCaFile) };
  createSecureContext(material); // throws when the key is of another certificate, or something is no PEM
  return material;
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const caIsSame = one.ca === undefined || other.ca === undefined ? one.ca === other.ca : one.ca.equals(other.ca);
  return caIsSame && one.cert.equals(other.cert) && one.key.equals(other.key);
}
