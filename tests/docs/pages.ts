/** The project's pages of documentation, and what stands in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromRoot } from '../../lib/paths.ts';

/** Every page written for readers, relative to the root. */
export function listPages(): string[] {
  const top = readdirSync(fromRoot()).filter((name) => name.endsWith('.md'));
  const below = readdirSync(fromRoot('docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  return [...top, ...below.map((name) => `docs/${name.replaceAll('\\', '/')}`)].sort();
}

export const readPage = (page: string): string => readFileSync(fromRoot(page), 'utf8');

const fence = /^```(\w*)\n([^]*?)^```$/gm;

/** Code blocks of a language, in order. */
export function readBlocks(text: string, language: string): string[] {
  return [...text.matchAll(fence)].filter(([, name]) => name === language).map(([, , body = '']) => body);
}

export const withoutBlocks = (text: string): string => text.replace(fence, '');

/** Targets of links and pictures, `#part` taken off; those that lead to another host are left out. */
export function readLinks(text: string): string[] {
  const links = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^(https?:|mailto:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

/** Levels of the headings in order, such as [1, 2, 2, 3]. */
export function readHeadingLevels(text: string): number[] {
  return [...withoutBlocks(text).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);
}

/** Inline code, such as `npm start`. */
export function readInlineCode(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
