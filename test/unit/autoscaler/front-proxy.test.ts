import assert from 'node:assert/strict';

import { parseFrontProxyTrust, userFromHeaders } from '../../../autoscaler/front-proxy.ts';

const DATA = {
  'requestheader-client-ca-file': '-----BEGIN CERTIFICATE-----',
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-username-headers': '["X-Remote-User"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
};

describe('parseFrontProxyTrust', () => {
  it('reads what the cluster says, and takes what it leaves out as an empty list', () => {
    const { allowedNames, uidHeaders } = parseFrontProxyTrust(DATA) ?? {};
    assert.deepEqual([allowedNames, uidHeaders], [['front-proxy-client'], []]);
  });

  it('trusts nobody in a cluster without a front proxy', () => {
    assert.equal(parseFrontProxyTrust({}), undefined);
    assert.equal(parseFrontProxyTrust({ ...DATA, 'requestheader-client-ca-file': ' ' }), undefined);
    assert.equal(parseFrontProxyTrust({ ...DATA, 'requestheader-username-headers': '[]' }), undefined);
  });

  it('does not guess at a list that is none: an empty one would allow any name', () => {
    for (const text of ['front-proxy-client', '{}', '[1]', 'null'])
      assert.throws(() => parseFrontProxyTrust({ ...DATA, 'requestheader-allowed-names': text }));
  });
});

describe('userFromHeaders', () => {
  const trust = parseFrontProxyTrust(DATA);
  assert.ok(trust);

  it('reads the user with all groups and extra fields', () => {
    assert.deepEqual(
      userFromHeaders(trust, {
        'x-remote-user': ['system:serviceaccount:kube-system:horizontal-pod-autoscaler'],
        'x-remote-group': ['system:serviceaccounts', 'system:authenticated'],
        'x-remote-extra-authentication.kubernetes.io%2fpod-name': ['hpa-1'],
        'x-other': ['no'],
      }),
      {
        username: 'system:serviceaccount:kube-system:horizontal-pod-autoscaler',
        uid: undefined,
        groups: ['system:serviceaccounts', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/pod-name': ['hpa-1'] },
      },
    );
  });

  it('finds nobody where no user is named', () => {
    assert.equal(userFromHeaders(trust, { 'x-remote-group': ['system:masters'] }), undefined);
    assert.equal(userFromHeaders(trust, { 'x-remote-user': [''] }), undefined);
  });
});
