/**
 * The certificate a provider presents for one run, written as DER by hand: loading an X.509 library would cost more than the
 * rest of the handshake.
 *
 * @see RFC 5280 section 4.1
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A fresh self-signed certificate and its key. The key exists in this process only. */
export interface ServerCertificate {
  readonly certificateDer: Buffer;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Tolerance for a peer whose clock runs behind, in milliseconds. */
const clockSkewMs = 30_000;
/** How long the certificate is valid, in milliseconds: 30 days, far beyond any run. */
const validityMs = 30 * 24 * 3_600_000;

const tag = {
  bitString: 0x03,
  explicit0: 0xa0,
  explicit3: 0xa3,
  dnsName: 0x82,
  generalizedTime: 0x18,
  integer: 0x02,
  objectIdentifier: 0x06,
  octetString: 0x04,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  utf8String: 0x0c,
} as const;

/** Object identifiers, already in DER. */
const oid = {
  commonName: der(tag.objectIdentifier, Buffer.from("550403", "hex")),
  ecdsaWithSha256: der(tag.objectIdentifier, Buffer.from("2a8648ce3d040302", "hex")),
  extendedKeyUsage: der(tag.objectIdentifier, Buffer.from("551d25", "hex")),
  serverAuth: der(tag.objectIdentifier, Buffer.from("2b06010505070301", "hex")),
  subjectAltName: der(tag.objectIdentifier, Buffer.from("551d11", "hex")),
} as const;

/**
 * Makes a P-256 key and a self-signed certificate for DNS name `localhost`, the name go-plugin hosts verify. Random 127-bit
 * serial number; valid from 30 s before `now` for 30 days.
 */
export function createServerCertificate(now: Date): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const toBeSigned = toBeSignedCertificate(now, publicKey.export({ type: "spki", format: "der" }));
  const certificateDer = der(
    tag.sequence,
    toBeSigned,
    der(tag.sequence, oid.ecdsaWithSha256),
    der(tag.bitString, Buffer.of(0), sign("sha256", toBeSigned, privateKey)),
  );
  return {
    certificateDer,
    certificatePem: `-----BEGIN CERTIFICATE-----\n${certificateDer.toString("base64")}\n-----END CERTIFICATE-----\n`,
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}

function toBeSignedCertificate(now: Date, subjectPublicKeyInfo: Buffer): Buffer {
  const localhost = Buffer.from("localhost");
  const name = der(tag.sequence, der(tag.set, der(tag.sequence, oid.commonName, der(tag.utf8String, localhost))));
  const extensions = der(
    tag.sequence,
    extension(oid.subjectAltName, der(tag.sequence, der(tag.dnsName, localhost))),
    extension(oid.extendedKeyUsage, der(tag.sequence, oid.serverAuth)),
  );
  return der(
    tag.sequence,
    der(tag.explicit0, der(tag.integer, Buffer.of(2))), // version 3
    der(tag.integer, serialNumber()),
    der(tag.sequence, oid.ecdsaWithSha256),
    name,
    der(tag.sequence, time(now.getTime() - clockSkewMs), time(now.getTime() + validityMs)),
    name,
    subjectPublicKeyInfo,
    der(tag.explicit3, extensions),
  );
}

/** 16 random bytes as a positive integer in its shortest form: first byte between 0x40 and 0x7f. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes;
}

function extension(identifier: Buffer, value: Buffer): Buffer {
  return der(tag.sequence, identifier, der(tag.octetString, value));
}

/** RFC 5280 section 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050. */
function time(epochMs: number): Buffer {
  const digits = `${new Date(epochMs).toISOString().replaceAll(/\D/g, "").slice(0, 14)}Z`;
  return digits < "2050"
    ? der(tag.utcTime, Buffer.from(digits.slice(2)))
    : der(tag.generalizedTime, Buffer.from(digits));
}

/** One DER element: tag, length, contents. Lengths up to 65,535. */
function der(tagByte: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const length = body.length;
  if (length < 0x80) return Buffer.concat([Buffer.of(tagByte, length), body]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tagByte, 0x81, length), body]);
  return Buffer.concat([Buffer.of(tagByte, 0x82, length >> 8, length & 0xff), body]);
}
