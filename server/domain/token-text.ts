import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** What is kept of a token's full text. Nothing of it gives the text back. */
export type TokenDigest = {
  /** SHA-256 of the full text, 64 hexadecimal characters: what the database finds a token by. */
  readonly sha256: string;
  /** The first 16 characters of `sha256`. Public. */
  readonly fingerprint: string;
  /** The prefix, four characters and four asterisks, as `tok_q7Zd****`. */
  readonly obfuscated: string;
};

/** A freshly issued token. `text` leaves the server once, in one answer. */
export type IssuedToken = TokenDigest & { readonly text: string };

/** Issues tokens. */
export type TokenIssuer = () => IssuedToken;

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const prefix = "tok_";
/** 30 characters of base62: 178 bits. */
const randomLength = 30;
const checksumLength = 6;
const wellFormed = new RegExp(`^${prefix}[0-9A-Za-z]{${randomLength + checksumLength}}$`);

/**
 * Makes an issuer of tokens: `tok_`, 30 base62 characters (178 bits of randomness), 6 base62 characters of CRC-32 over
 * all that precedes them.
 *
 * @param randomBytes gives `size` random bytes from a cryptographic source.
 */
export function createTokenIssuer(randomBytes: (size: number) => Uint8Array): TokenIssuer {
  return () => {
    const body = prefix + randomText(randomBytes);
    const text = body + checksum(body);
    return { text, ...digestToken(text) };
  };
}

/** Whether a text has the form of a token and its checksum holds. Reads no database. */
export function isWellFormedToken(text: string): boolean {
  if (!wellFormed.test(text)) return false;
  return checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

/** What is kept of a well-formed token. */
export function digestToken(text: string): TokenDigest {
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { sha256, fingerprint: sha256.slice(0, 16), obfuscated: `${text.slice(0, prefix.length + 4)}****` };
}

/** Uniform over the alphabet: bytes that would favour its first characters are drawn again. */
function randomText(randomBytes: (size: number) => Uint8Array): string {
  let text = "";
  while (text.length < randomLength) {
    for (const byte of randomBytes(randomLength)) {
      if (byte < 248 && text.length < randomLength) text += alphabet.charAt(byte % 62);
    }
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let position = 0; position < checksumLength; position += 1) {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
