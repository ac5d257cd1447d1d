// Text that can be written: PostgreSQL takes neither the character U+0000 nor half of a surrogate pair, wherever it stands in an input.
import { defaultFieldResolver, isObjectType, type GraphQLSchema } from 'graphql';
import { createError } from '../lib/errors/errors.ts';

/** False for text with U+0000 or an unpaired surrogate. */
export const isWritable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

function refuseUnwritable(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string') {
    if (isWritable(value)) return;
    throw createError('BAD_USER_INPUT', `\`${path.join('.')}\` holds the character U+0000 or half of a surrogate pair; leave it out`);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseUnwritable(inner, [...path, name]);
}

/** Every field of the schema looks at the text of its arguments before it does anything. */
export function checkTextOfArguments(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (parent, args, context, info) => {
        refuseUnwritable(args, []);
        return resolve(parent, args, context, info);
      };
    }
  }
  return schema;
}
