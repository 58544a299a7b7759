import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateWish {
  readonly commonName: string;
  /** Servers are for 127.0.0.1. */
  readonly usage: 'client' | 'server';
  /** Its time was over years ago. */
  readonly expired?: boolean;
}

/** Issues certificates; `certFile` is its own. */
export interface Authority {
  readonly certFile: string;
  issue(wish: CertificateWish): Promise<Certificate>;
}

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority whose files lie in `directory`; its certificates last for a day. */
export async function createAuthority(directory: string, name: string): Promise<Authority> {
  const own = name.replaceAll(/[^a-z]/gi, '-');
  const file = (suffix: string): string => `${own}.${suffix}`;
  const openssl = (...args: readonly string[]) => run('openssl', args, { cwd: directory });
  const [key, certificate] = [file('ca.key'), file('ca.crt')];
  await openssl('req', '-x509', ...NEW_KEY, '-days', '1', '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate);
  await writeFile(join(directory, file('serial')), '01');
  await writeFile(join(directory, file('database')), '');
  let count = 0;
  return {
    certFile: join(directory, certificate),
    async issue({ commonName, usage, expired = false }) {
      const base = `${own}-${(count += 1)}`;
      await openssl('req', ...NEW_KEY, '-subj', `/CN=${commonName}`, '-keyout', `${base}.key`, '-out', `${base}.csr`);
      await writeFile(join(directory, `${base}.cnf`), configuration(file, usage));
      const dates = expired ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] : ['-days', '1'];
      const signing = ['-batch', '-notext', '-config', `${base}.cnf`, '-cert', certificate, '-keyfile', key];
      await openssl('ca', ...signing, ...dates, '-in', `${base}.csr`, '-out', `${base}.crt`);
      return { certFile: join(directory, `${base}.crt`), keyFile: join(directory, `${base}.key`) };
    },
  };
}

function configuration(file: (suffix: string) => string, usage: CertificateWish['usage']): string {
  return [
    '[ca]',
    'default_ca = authority',
    '[authority]',
    `database = ${file('database')}`,
    `serial = ${file('serial')}`,
    'new_certs_dir = .',
    'default_md = sha256',
    'policy = names',
    'unique_subject = no',
    'x509_extensions = extensions',
    '[names]',
    'commonName = supplied',
    '[extensions]',
    'basicConstraints = critical,CA:FALSE',
    `extendedKeyUsage = ${usage}Auth`,
    ...(usage === 'server' ? ['subjectAltName = IP:127.0.0.1'] : []),
    '',
  ].join('\n');
}
