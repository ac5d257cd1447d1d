/** JSON texts of lists taken apart without reading them: numbers stay as they are written. Exports `splitItems`, `withoutFirst`. */

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 44, 123, 125, 91, 93];

/** `{"name":[a,b]}` → `a`, `b`; null where there is no list. The text is valid JSON without spaces between its tokens. */
export function splitItems(text: string): string[] | null {
  const at = text.indexOf(':') + 1;
  if (text.charCodeAt(at) !== openBracket) return null;
  const items: string[] = [];
  let start = at + 1;
  while (start < text.length && text.charCodeAt(start) !== closeBracket) {
    const end = endOfValue(text, start);
    items.push(text.slice(start, end));
    start = text.charCodeAt(end) === comma ? end + 1 : end;
  }
  return items;
}

/** `{"a":1,"b":2}` → `{"b":2}`: an object without its first member. */
export function withoutFirst(text: string): string {
  const end = endOfValue(text, text.indexOf(':') + 1);
  return `{${text.slice(text.charCodeAt(end) === comma ? end + 1 : end)}`;
}

/** Where the value that begins at `start` ends: at the comma or bracket after it. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === openBrace || code === openBracket) depth += 1;
    else if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (code === comma && depth === 0) return at;
  }
  return text.length;
}

/** The closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
