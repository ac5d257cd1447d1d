/** What a subgraph says of an error to the gateway, and what it writes to its log. */
import { GraphQLError } from 'graphql';
import { createError } from '../../lib/errors/errors.ts';
import { createLog } from '../../lib/log/log.ts';
import { logFailures, toClientError } from '../../subgraph-kit/server/mask.ts';

const wrap = (cause: Error): GraphQLError => new GraphQLError(cause.message, { originalError: cause, path: ['maker'] });

it('a visible error keeps its message and code; any other is masked', () => {
  expect(toClientError(wrap(createError('FORBIDDEN', 'not for you')))).toEqual({
    message: 'not for you',
    path: ['maker'],
    extensions: { code: 'FORBIDDEN' },
  });
  expect(toClientError(wrap(new Error('secret at 10.0.0.1')))).toEqual({
    message: 'Internal error',
    path: ['maker'],
    extensions: { code: 'INTERNAL' },
  });
});

it('the log tells the code of what the database refused, and not its words, which may quote a row', () => {
  const lines: string[] = [];
  const log = createLog({ service: 'test', stream: { write: (text: string) => lines.push(text) } });
  const refused = Object.assign(new Error('Key (name)=(CANARY) already exists'), {
    code: 'P2002',
    clientVersion: '7',
    name: 'PrismaClientKnownRequestError',
  });
  logFailures([wrap(refused), wrap(new Error('the loader lost its way'))], log, 'request-1');
  const text = lines.join('');
  expect(text).toContain('P2002');
  expect(text).toContain('the loader lost its way');
  expect(text).not.toContain('CANARY');
});
