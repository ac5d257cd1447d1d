// Licences of everything that is shipped: the production packages of package-lock.json and what GraphiQL's page is bundled from.
// `checkLicences()` names each package whose licence is not allowed, and a THIRD-PARTY-NOTICES.md that is stale;
// `printNotices()` writes that file's text. It is the same on every platform: packages for one system only are named, not read.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

export const noticesFile = 'THIRD-PARTY-NOTICES.md';
const allowed = new Set(['MIT', 'Apache-2.0', 'BSD', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'ISC', 'BlueOak-1.0.0', 'PostgreSQL']);
/** Development packages whose code is bundled into GraphiQL's page. */
const bundled = ['graphiql', 'react', 'react-dom'];
/** Packages below those that no bundle holds: markdown-it's command line uses argparse, its library does not. */
const notBundled = new Set(['argparse']);

export function checkLicences() {
  const packages = listShipped();
  const refused = packages
    .filter(({ licence }) => !isAllowed(licence))
    .map(({ name, version, licence }) => `${name} ${version} is under "${licence}"; allowed are ${[...allowed].join(', ')}`);
  const file = join(root, noticesFile);
  const isFresh = existsSync(file) && readFileSync(file, 'utf8') === printNotices(packages);
  return isFresh ? refused : [...refused, `${noticesFile} is stale: run \`npm run generate\``];
}

/** `(MIT OR GPL-2.0)` is allowed by its MIT half; `MIT AND X` only when both are. */
function isAllowed(licence) {
  const plain = licence.replace(/[()]/g, '');
  return plain.split(' OR ').some((half) => half.split(' AND ').every((part) => allowed.has(part.trim())));
}

export function printNotices(packages = listShipped()) {
  const sections = [...groupByLicence(packages)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, members]) => printSection(licence, members));
  return [
    '# Third-party notices',
    '',
    'The industry router is MIT licensed. It ships or installs the packages below, each under its own licence.',
    'This file is written by `npm run generate` from package-lock.json.',
    '',
    ...sections,
    ...printTexts(packages),
  ].join('\n');
}

function groupByLicence(packages) {
  const groups = new Map();
  for (const each of packages) groups.set(each.licence, [...(groups.get(each.licence) ?? []), each]);
  return groups;
}

function printSection(licence, packages) {
  const lines = packages.map(
    ({ name, version, copyright }) => `- ${name} ${version}${copyright.length > 0 ? `: ${copyright.join('; ')}` : ''}`,
  );
  return [`## ${licence}`, '', ...lines, ''].join('\n');
}

/** Each licence's text once, and every NOTICE file, as Apache-2.0 asks. */
function printTexts(packages) {
  const lines = ['## Texts', ''];
  const done = new Set();
  for (const { name, licence, text } of packages) {
    if (text === '' || done.has(licence)) continue;
    done.add(licence);
    lines.push(`### ${licence} (as in ${name})`, '', '```text', text, '```', '');
  }
  for (const { name, notice } of packages) if (notice !== '') lines.push(`### NOTICE of ${name}`, '', '```text', notice, '```', '');
  return lines;
}

/** `[{name, version, licence, copyright, text, notice}]`, by name and version, each once. */
function listShipped() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const places = new Set(Object.keys(packages).filter((place) => place !== '' && !packages[place].dev && !packages[place].devOptional));
  for (const name of bundled) if (packages[`node_modules/${name}`] !== undefined) addClosure(packages, `node_modules/${name}`, places);
  const shipped = new Map();
  for (const place of places) {
    const entry = describe(place, packages[place]);
    shipped.set(`${entry.name} ${entry.version}`, entry);
  }
  return [...shipped.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

function addClosure(packages, place, places) {
  if (places.has(place)) return;
  places.add(place);
  for (const name of Object.keys(packages[place].dependencies ?? {}).filter((each) => !notBundled.has(each))) {
    const found = lookUp(packages, place, name);
    if (found !== undefined) addClosure(packages, found, places);
  }
}

/** Node's rule: the nearest node_modules folder, going up. */
function lookUp(packages, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[candidate] !== undefined) return candidate;
    if (folder === '') return undefined;
  }
}

function describe(place, { version, license, os, cpu }) {
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const folder = join(root, place);
  const isEverywhere = os === undefined && cpu === undefined;
  if (!isEverywhere || !existsSync(folder)) return { name, version, licence: license ?? 'unknown', copyright: [], text: '', notice: '' };
  const text = readFirst(folder, /^(licen[cs]e|copying)([.-].*)?$/i);
  return {
    name,
    version,
    licence: licenceOf(folder) ?? license ?? 'unknown',
    copyright: copyrightOf(text),
    text,
    notice: readFirst(folder, /^notice(\..*)?$/i),
  };
}

function licenceOf(folder) {
  const { license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const old = Array.isArray(licenses) ? licenses.map(({ type }) => type).join(' OR ') : undefined;
  return typeof license === 'string' ? license : (license?.type ?? old);
}

function readFirst(folder, pattern) {
  const name = readdirSync(folder)
    .sort()
    .find((entry) => pattern.test(entry));
  return name === undefined ? '' : readFileSync(join(folder, name), 'utf8').replaceAll('\r', '').trim();
}

function copyrightOf(text) {
  const lines = text.split('\n').map((line) => line.trim().replace(/^[#*\s]+/, ''));
  const claims = lines.filter((line) => /^copyright\b.*(\d{4}|\(c\)|©)/i.test(line) && !/\[(yyyy|name)/i.test(line));
  return [...new Set(claims.map((line) => line.replace(/\s+/g, ' ').replace(/[.,]?\s*All rights reserved\.?$/i, '')))];
}
