/** Certificates for tests, made on the spot: a CA and what it signs. Exports `createAuthority`. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export type Certificate = { readonly cert: string; readonly key: string };

export type Authority = {
  /** PEM of the CA itself. */
  readonly ca: string;
  /** Signs a certificate for names and addresses. `from`, `to`: days from today. */
  issue(names: readonly string[], days?: { readonly from: number; readonly to: number }): Certificate;
};

const SEQUENCE = 0x30;
const SET = 0x31;
const dayMs = 86_400_000;

export function createAuthority(name = 'A test CA'): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const days = { from: -1, to: 1 };
  const ca = build({ issuer: name, subject: name, publicKey: own.publicKey, signer: own.privateKey, days, extensions: [isAuthority] });
  return {
    ca,
    issue(names, within = days) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const subject = names[0] ?? '';
      const cert = build({ issuer: name, subject, publicKey, signer: own.privateKey, days: within, extensions: [toAlternatives(names)] });
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

type Parts = {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly days: { readonly from: number; readonly to: number };
  readonly extensions: readonly Buffer[];
};

/** X.509 version 3 (RFC 5280, 4.1), signed with ECDSA and SHA-256. */
function build({ issuer, subject, publicKey, signer, days, extensions }: Parts): string {
  const algorithm = der(SEQUENCE, oid('2a8648ce3d040302'));
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    toName(issuer),
    der(SEQUENCE, toTime(days.from), toTime(days.to)),
    toName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, ...extensions)),
  );
  const signature = sign('sha256', toBeSigned, signer);
  const bytes = der(SEQUENCE, toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

/** One element: its tag, its length, its content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function toName(commonName: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function toTime(days: number): Buffer {
  const text = new Date(Date.now() + days * dayMs).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return der(0x18, Buffer.from(`${text}Z`));
}

const isAuthority = der(SEQUENCE, oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, der(SEQUENCE, der(0x01, Buffer.from([0xff])))));

/** Subject alternative names: names of hosts, and IPv4 addresses. */
function toAlternatives(names: readonly string[]): Buffer {
  const entries = names.map((name) => {
    const isAddress = /^[\d.]+$/.test(name);
    return isAddress ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
  });
  return der(SEQUENCE, oid('551d11'), der(0x04, der(SEQUENCE, ...entries)));
}
