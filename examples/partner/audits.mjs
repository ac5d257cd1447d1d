// The subgraph itself, the same on every server: schema and resolvers. In place of a database there is a rule, so that the example answers.
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

const typeDefs = parse(readFileSync(new URL('./audits.graphql', import.meta.url), 'utf8'));

const toAudit = (gln, year) => ({ auditId: `${gln}-${year}`, day: `${year}-03-1${gln.at(-1)}`, marks: 80 + Number(gln.at(-1)) });

const resolvers = {
  Query: { audit: (_parent, { auditId }) => toAudit(...auditId.split('-')) },
  Audit: { __resolveReference: ({ auditId }) => toAudit(...auditId.split('-')) },
  Maker: {
    __resolveReference: ({ gln }) => ({ gln }),
    audits: ({ gln }) => [toAudit(gln, '2026'), toAudit(gln, '2025')],
  },
};

export const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
