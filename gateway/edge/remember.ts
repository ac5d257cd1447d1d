/** What a header means, for clients send few different ones. Exports `remember`. */

/** Of each kind, of short ones. */
const maxRemembered = 100;
const maxRememberedLength = 200;

/** The same function of a header, asked once for each text. No header is ''. */
export function remember<Meaning>(read: (header: string) => Meaning): (header: string | undefined) => Meaning {
  const known = new Map<string, Meaning>();
  return (header = '') => {
    const found = known.get(header);
    if (found !== undefined) return found;
    const meaning = read(header);
    if (known.size < maxRemembered && header.length <= maxRememberedLength) known.set(header, meaning);
    return meaning;
  };
}
