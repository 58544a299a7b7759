import assert from 'node:assert/strict';

import fc from 'fast-check';

import { judgeFailure, type RequestedAction, type RequestFailure } from '../../../autoscaler/kubernetes-failure.ts';

const action: RequestedAction = { verb: 'patch', resource: 'deployments/scale', namespace: 'lab', name: 'p' };
const failure = (more: Partial<RequestFailure>): RequestFailure => ({ status: undefined, message: 'no', ...more });
const kindOf = (more: Partial<RequestFailure>): string => judgeFailure(failure(more), action).kind;

describe('judgeFailure', () => {
  it('knows for every status what to do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 599 }), (status) => {
        const expected =
          status === 409
            ? 'conflict'
            : status === 401
              ? 'stale-credentials'
              : status === 408 || status === 429 || status >= 500
                ? 'retry'
                : 'give-up';
        assert.equal(kindOf({ status }), expected);
      }),
    );
  });

  it('waits as many seconds as it is told, and by its own rule when that is not a number of seconds', () => {
    const afterMs = (retryAfterHeader: string | undefined): unknown => {
      const verdict = judgeFailure(failure({ status: 429, retryAfterHeader }), action);
      return verdict.kind === 'retry' ? verdict.afterMs : verdict.kind;
    };
    assert.equal(afterMs('0'), 0);
    assert.equal(afterMs('7'), 7_000);
    for (const header of [undefined, '', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      assert.equal(afterMs(header), undefined);
    }
  });

  it('repeats what got no answer', () => {
    for (const networkCode of ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', undefined]) {
      assert.equal(kindOf({ networkCode }), 'retry');
    }
  });

  it('does not repeat against a server that it can not trust', () => {
    for (const networkCode of [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_HAS_EXPIRED',
      'CERT_SIGNATURE_FAILURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ]) {
      assert.equal(kindOf({ networkCode }), 'give-up', networkCode);
    }
  });
});
