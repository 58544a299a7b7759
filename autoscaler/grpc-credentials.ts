import { ServerCredentials } from '@grpc/grpc-js';

import type { TlsMaterial } from './tls-files.ts';

/** TLS whose certificate can be replaced while the server runs; with authorities, each client must have a certificate of one of them. */
export class ReloadingServerCredentials extends ServerCredentials {
  constructor(material: TlsMaterial) {
    const asksClients = material.ca !== undefined;
    super({ requestCert: asksClients, rejectUnauthorized: asksClients }, { ...material });
  }

  /** Counts for connections that are made from now on. */
  reload(material: TlsMaterial): void {
    this.updateSecureContextOptions({ ...material });
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}
