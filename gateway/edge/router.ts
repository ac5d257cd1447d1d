/** A small router: exact paths and one level of prefix, methods per path, 404 and 405 with Allow. Exports `createRouter`. */
import { toJsonAnswer, type HttpAnswer } from './http-answer.ts';
import type { HttpRequest } from './http-request.ts';

export type Handler = (request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

/** A path that ends in `/` takes everything below it; `/` alone is only itself. */
export type Route = { readonly path: string; readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'OPTIONS', Handler>>> };

export function createRouter(routes: readonly Route[]): Handler {
  const exact = new Map(routes.map((route) => [route.path, route]));
  const above = routes.filter(({ path }) => path.length > 1 && path.endsWith('/'));
  return (request) => {
    const { path } = request;
    const route = exact.get(path) ?? above.find((one) => path.startsWith(one.path));
    if (!route) return toJsonAnswer(404, { errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }] });
    const method = request.message.method === 'HEAD' ? 'GET' : request.message.method;
    const handler = isKnownMethod(method) ? route.methods[method] : undefined;
    return handler ? handler(request) : toMethodRefusal(route);
  };
}

function isKnownMethod(method: string | undefined): method is 'GET' | 'POST' | 'OPTIONS' {
  return method === 'GET' || method === 'POST' || method === 'OPTIONS';
}

function toMethodRefusal({ methods }: Route): HttpAnswer {
  const allow = Object.keys(methods).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const error = { message: `This path takes ${allow.join(', ')}.`, extensions: { code: 'METHOD_NOT_ALLOWED' } };
  return toJsonAnswer(405, { errors: [error] }, { allow: allow.join(', ') });
}
