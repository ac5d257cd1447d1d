// Calendar days between GraphQL ('YYYY-MM-DD') and the database (a `date`, read as midnight UTC).

/** The day as the database client wants it. */
export const toDate = (day: string): Date => new Date(`${day}T00:00:00.000Z`);
/** The day as GraphQL and domain code want it. */
export const toDay = (date: Date): string => date.toISOString().slice(0, 10);
