import type { IncomingHttpHeaders } from 'node:http';
import { createSenderCheck } from '../../../gateway/edge/check-sender.ts';

const check = createSenderCheck({ allowedHosts: ['hub.example', '::2'], allowedOrigins: ['https://app.example'] });
const passes = (run: (headers: IncomingHttpHeaders) => void, headers: IncomingHttpHeaders) => {
  try {
    run(headers);
    return true;
  } catch {
    return false;
  }
};

describe('the Host header', () => {
  it.each([
    'localhost:4000',
    'localhost',
    'LOCALHOST',
    '127.0.0.1:1',
    '[::1]:4000',
    'hub.example',
    'hub.example:443',
    'hub.example.',
    '[::2]:80',
  ])('%s is ours', (host) => {
    expect(passes(check.assertHost, { host })).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'hub.example.evil',
    '169.254.169.254',
    '[::3]',
    'localhost@evil.example',
  ])('%s is not', (host) => {
    expect(passes(check.assertHost, host === undefined ? {} : { host })).toBe(false);
  });
});

describe('a GET that runs an operation', () => {
  const host = 'localhost:4000';
  it.each<[string, IncomingHttpHeaders, boolean]>([
    ['from a program', { host }, true],
    ['typed by a person', { host, 'sec-fetch-site': 'none' }, true],
    ['from our own page', { host, 'sec-fetch-site': 'same-origin' }, true],
    ['from another site', { host, 'sec-fetch-site': 'cross-site' }, false],
    ['from a sibling site', { host, 'sec-fetch-site': 'same-site' }, false],
    ['with any origin', { host, origin: 'https://evil.example' }, false],
    ['with the origin null', { host, origin: 'null' }, false],
    ['from an allowed origin', { host, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }, true],
    ['from an origin that only looks allowed', { host, origin: 'https://app.example.evil' }, false],
  ])('%s', (_, headers, expected) => {
    expect(passes(check.assertReadFromHere, headers)).toBe(expected);
  });
});

describe('a POST', () => {
  const host = 'localhost:4000';
  it.each<[string, IncomingHttpHeaders, boolean]>([
    ['without an origin', { host }, true],
    ['from our own page', { host, origin: 'http://localhost:4000' }, true],
    ['from another port of this machine', { host, origin: 'http://localhost:3000' }, false],
    ['from another site', { host, origin: 'https://evil.example' }, false],
    ['from an allowed origin', { host, origin: 'https://app.example' }, true],
    ['with the origin null', { host, origin: 'null' }, false],
  ])('%s', (_, headers, expected) => {
    expect(passes(check.assertOrigin, headers)).toBe(expected);
  });

  it('names an allowed origin back, and no other', () => {
    expect(check.allowedOrigin({ origin: 'https://app.example' })).toBe('https://app.example');
    expect(check.allowedOrigin({ origin: 'https://evil.example' })).toBeNull();
  });
});
