import assert from 'node:assert/strict';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { type AllowedTarget, isPublicAddress, parseAllowedTarget } from '../../../processor/address-rules.ts';
import { createHttpRequest } from '../../../processor/handlers/http-request.ts';
import { openOutboundHttp } from '../../../processor/outbound-http.ts';
import { checkAddress, checkOutboundUrl, OutboundRefusedError } from '../../../processor/outbound-rules.ts';

describe('isPublicAddress', () => {
  // The first and the last address of every range, and its neighbours outside.
  for (const [closed, ...open] of [
    ['0.0.0.0 0.255.255.255', '1.0.0.0'],
    ['10.0.0.0 10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['100.64.0.0 100.127.255.255', '100.63.255.255', '100.128.0.0'],
    ['127.0.0.0 127.255.255.255', '126.255.255.255', '128.0.0.0'],
    ['169.254.0.0 169.254.169.254 169.254.255.255', '169.253.255.255', '169.255.0.0'],
    ['172.16.0.0 172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['192.0.0.0 192.0.0.255 192.0.2.0 192.0.2.255', '192.0.1.0', '192.0.3.0'],
    ['192.88.99.0 192.88.99.255', '192.88.98.255', '192.88.100.0'],
    ['192.168.0.0 192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['198.18.0.0 198.19.255.255', '198.17.255.255', '198.20.0.0'],
    ['198.51.100.0 198.51.100.255', '198.51.99.255', '198.51.101.0'],
    ['203.0.113.0 203.0.113.255', '203.0.112.255', '203.0.114.0'],
    ['224.0.0.0 239.255.255.255 240.0.0.0 255.255.255.255', '223.255.255.255'],
    [':: ::1 ::2 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::127.0.0.1', '::ffff:1.1.1.1'],
    ['64:ff9b::7f00:1 64:ff9b:1::1 100::1'],
    ['2001::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 3fff::1', '2001:200::1', '2606:4700::1111'],
    ['fc00::1 fdff::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1'],
    ['nonsense 1.2.3 1.2.3.256', '8.8.8.8'],
  ] as const) {
    it(`is no for ${closed}${open.length > 0 ? ` and yes for ${open.join(' ')}` : ''}`, () => {
      for (const address of closed.split(' ')) assert.equal(isPublicAddress(address), false, address);
      for (const address of open) assert.equal(isPublicAddress(address), true, address);
    });
  }
});

describe('checkOutboundUrl', () => {
  for (const url of [
    ...['http://127.0.0.1/', 'http://localhost/', 'http://localhost./', 'http://a.localhost/', 'http://0.0.0.0/'],
    ...['http://[::1]/', 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/', 'http://[::ffff:10.0.0.1]/'],
    ...['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/', 'http://①②⑦.0.0.1/'],
    ...['http://metadata.google.internal/', 'http://rabbitmq/', 'http://printer.local/'],
    ...[
      'ftp://example.org/',
      'file:///etc/passwd',
      'gopher://example.org/',
      'data:text/plain,x',
      'javascript:alert(1)',
    ],
    ...['http://user:pass@example.org/', 'http://user@example.org/', 'not a url', ''],
    ...['http://example.org:22/', 'http://example.org:25/', 'http://example.org:5432/', 'http://example.org:5672/'],
  ]) {
    it(`refuses ${url === '' ? 'nothing' : url}`, () => {
      assert.throws(() => checkOutboundUrl(url, []), OutboundRefusedError);
    });
  }

  for (const url of [
    'https://example.org/',
    'http://example.org:8080/x?y#z',
    'https://8.8.8.8/',
    'https://bücher.example/',
  ]) {
    it(`accepts ${url}`, () => {
      assert.doesNotThrow(() => checkOutboundUrl(url, []));
    });
  }

  it('accepts what the operator allowed, and nothing beside it', () => {
    const allowed = allow('127.0.0.1:7480', 'rabbitmq:15672', '10.20.0.0/16', '[::1]:8080', 'fd00::/8');
    for (const url of [
      ...['http://127.0.0.1:7480/x', 'http://2130706433:7480/', 'http://RabbitMQ:15672/', 'http://10.20.3.4:8080/'],
      ...['http://[0:0::1]:8080/', 'http://[fd00::5]/'],
    ])
      assert.doesNotThrow(() => checkOutboundUrl(url, allowed), url);
    for (const url of [
      ...['http://127.0.0.1:7481/', 'http://localhost:7480/', 'http://rabbitmq:5672/', 'http://10.21.0.1/'],
      ...['http://10.20.3.4:5432/', 'http://[::1]:8081/'],
    ])
      assert.throws(() => checkOutboundUrl(url, allowed), OutboundRefusedError, url);
  });

  it('says how an operator can allow it', () => {
    assert.throws(() => checkOutboundUrl('http://127.0.0.1:9000/', []), /ALMANAC_HTTP_ALLOW=127\.0\.0\.1:9000/);
  });
});

describe('checkAddress', () => {
  it('judges the address that a public name resolved to', () => {
    const url = new URL('https://example.org/');
    assert.doesNotThrow(() => checkAddress(url, '93.184.215.14', []));
    assert.throws(() => checkAddress(url, '192.168.1.1', []), /example\.org is at 192\.168\.1\.1/);
    assert.throws(() => checkAddress(url, '', []), OutboundRefusedError);
  });
});

describe('parseAllowedTarget', () => {
  for (const entry of [
    'example.org',
    '10.0.0.1',
    '10.0.0.0/33',
    '10/8',
    'a:0',
    'a:70000',
    'a:b',
    ':80',
    '::1:80',
    'http://a:80',
    '*',
  ]) {
    it(`does not take ${entry}`, () => {
      assert.equal(parseAllowedTarget(entry), undefined);
    });
  }
});

describe("the JSON Schema of http.request's payload", () => {
  const validate = new Ajv2020({ strict: false }).compile(createHttpRequest(openOutboundHttp([])).payloadSchema);
  const url = 'https://example.org/';

  for (const [what, payload] of [
    ['another scheme', { url: 'ftp://example.org/' }],
    ['credentials', { url: 'http://user:pass@example.org/' }],
    ['an unknown method', { url, method: 'FOO' }],
    ['an unknown field', { url, proxy: 'http://evil.example' }],
    ['a body that is too long', { url, method: 'POST', body: { text: 'x'.repeat(2 ** 21) } }],
    ['a header name with a space', { url, headers: { 'a b': 'c' } }],
    ['a header value of two lines', { url, headers: { a: 'b\r\nc: d' } }],
    ...['Host', 'content-length', 'Transfer-Encoding', 'connection', 'TE', 'Upgrade', 'Idempotency-Key'].map(
      (name) => [`the header ${name}`, { url, headers: { [name]: 'x' } }] as const,
    ),
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.equal(validate(payload), false);
    });
  }

  it('accepts an ordinary request', () => {
    const payload = {
      url,
      method: 'PUT',
      headers: { Authorization: 'Bearer x', 'X-Host': 'y' },
      body: { json: { a: [1] } },
    };
    assert.equal(validate(payload), true, JSON.stringify(validate.errors));
  });
});

function allow(...entries: readonly string[]): readonly AllowedTarget[] {
  return entries.map((entry) => parseAllowedTarget(entry) ?? assert.fail(entry));
}
