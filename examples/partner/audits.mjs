// The subgraph itself, the same on every server: SDL and resolvers. In place of a database there is a rule, so that the example answers.
import { readFileSync } from 'node:fs';

export const sdl = readFileSync(new URL('./audits.graphql', import.meta.url), 'utf8');

function findAudit(auditId) {
  const [, gln, year] = /^(\d{13})-(\d{4})$/.exec(auditId) ?? [];
  if (gln === undefined) return null;
  const digit = Number(gln.at(-1));
  return { auditId, gln, day: `${year}-03-1${digit}`, marks: 80 + digit };
}

export const resolvers = {
  Query: {
    audit: (_parent, { auditId }) => findAudit(auditId),
  },
  Maker: {
    __resolveReference: ({ gln }) => ({ gln }),
    audits: ({ gln }) => ['2026', '2025'].map((year) => findAudit(`${gln}-${year}`)),
  },
  Audit: {
    __resolveReference: ({ auditId }) => findAudit(auditId),
    maker: ({ gln }) => ({ gln }),
    // `sub` is the member who asks; a visitor has none
    remarks: ({ marks }, _args, { principal }) => (principal.sub === undefined ? null : `${marks} marks: doors, light and exits in order.`),
  },
};
