import { acceptsHtml, isJsonContentType, toAnswerType } from '../../../gateway/edge/media-types.ts';

describe('the type of an answer', () => {
  it.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/json; charset=utf-8', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json; charset=utf-8, application/json; charset=utf-8', 'application/graphql-response+json'],
    ['application/json, application/graphql-response+json', 'application/json'],
    ['application/json;q=0.5, application/graphql-response+json;q=0.9', 'application/graphql-response+json'],
    ['text/html, */*;q=0.1', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['text/html', null],
    ['application/json;q=0', null],
    ['application/json; charset=utf-16', null],
    ['image/png, text/plain', null],
  ])('for Accept: %s is %s', (accept, type) => {
    expect(toAnswerType(accept)).toBe(type);
  });
});

describe('a browser', () => {
  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['text/html', true],
    ['*/*', false],
    ['application/json', false],
    ['application/json, text/html;q=0.5', false],
    [undefined, false],
  ])('is recognised by Accept: %s as %s', (accept, expected) => {
    expect(acceptsHtml(accept)).toBe(expected);
  });
});

describe('a JSON content type', () => {
  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['application/json;charset="UTF-8"', true],
    ['application/json; charset=utf-16', false],
    ['application/json; charset=ibm037', false],
    ['application/x-www-form-urlencoded', false],
    ['text/plain', false],
    ['multipart/form-data', false],
    ['message/http, application/json', false],
    [undefined, false],
  ])('%s: %s', (header, expected) => {
    expect(isJsonContentType(header)).toBe(expected);
  });
});
