/** GraphiQL for browsers, served by the gateway itself: the page and its files. Exports `createPageHandlers`. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { createError } from '../../../lib/errors/errors.ts';
import { fromRoot } from '../../../lib/paths.ts';
import type { HttpAnswer } from '../http-answer.ts';
import type { HttpRequest } from '../http-request.ts';
import { toPagePolicy } from '../security-headers.ts';
import { readExamples } from './examples.ts';

/** Made by scripts/build-graphiql.mjs. */
const assetsFolder = fromRoot('dist', 'graphiql');
const assetName = /^[\w-]+\.(js|css)(\.LEGAL\.txt)?$/;
const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

export type PageHandlers = {
  page(): Promise<HttpAnswer>;
  asset(request: HttpRequest): Promise<HttpAnswer>;
};

export function createPageHandlers(): PageHandlers {
  return {
    async page() {
      const nonce = randomBytes(16).toString('base64');
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': toPagePolicy(nonce),
        'cache-control': 'no-store',
      };
      return { status: 200, headers, body: toHtml(nonce, { examples: await readExamples() }) };
    },
    async asset({ url }) {
      const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
      // A plain name cannot lead out of the folder
      const body = assetName.test(name) ? await readFile(join(assetsFolder, name)).catch(() => null) : null;
      if (!body) throw createError('NOT_FOUND', 'There is no such file. `npm run build` makes the files of this page.');
      // Names of chunks change with their content; the two entry files keep theirs
      const caching = name.startsWith('chunk-') ? 'public, max-age=31536000, immutable' : 'no-cache';
      return {
        status: 200,
        headers: { 'content-type': contentTypes[extname(name)] ?? 'application/octet-stream', 'cache-control': caching },
        body,
      };
    },
  };
}

function toHtml(nonce: string, settings: object): string {
  return `<!doctype html>
<html lang="en" data-nonce="${nonce}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphQL · industry router</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphql/assets/page.css">
<script type="module" src="/graphql/assets/page.js"></script>
</head>
<body>
<div id="page" data-settings="${escapeHtml(JSON.stringify(settings))}"></div>
<noscript>This page needs JavaScript. The gateway itself takes GraphQL over HTTP at this address.</noscript>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
