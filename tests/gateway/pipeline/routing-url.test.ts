import { assertRoutingUrl } from '../../../gateway/pipeline/supergraph/routing-url.ts';

describe('the address of a subgraph', () => {
  it.each([
    '',
    'http://localhost:4001/graphql',
    'http://127.0.0.1/graphql',
    'http://10.1.2.3/',
    'https://partner.example/graphql',
    'http://[::1]:4001/',
    'http://subgraph/graphql',
  ])('may be %j', (url) => {
    expect(() => assertRoutingUrl('a', url)).not.toThrow();
  });

  it.each([
    'not a url',
    'file:///etc/passwd',
    'ftp://partner.example/',
    'gopher://x/',
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.0.1/',
    'http://0xA9FEA9FE/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://100.100.100.200/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://user:password@partner.example/',
  ])('may not be %s', (url) => {
    expect(() => assertRoutingUrl('a', url)).toThrow(expect.objectContaining({ code: 'SUPERGRAPH_INVALID' }));
  });
});
