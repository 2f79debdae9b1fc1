/**
 * What the text of a token tells by itself, without any server: whether it was copied whole, how lists show it, and its
 * fingerprint. Runs in browsers too.
 */

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const checksumLength = 6;
/** A prefix, 30 characters of randomness, 6 of checksum. */
const form = /^(?<prefix>[A-Za-z0-9_]{0,40}_)[0-9A-Za-z]{36}$/;
const shownLength = 4;

/**
 * Whether a text has the form of a token and its checksum holds: so a typing error, or a token that was cut off, is found before
 * anybody is asked. Says nothing about whether the token exists or works.
 *
 * @param prefix what the tokens of the server start with; default `tok_`
 */
export function isWellFormedToken(text: string, prefix = "tok_"): boolean {
  return prefixOf(text) === prefix;
}

/**
 * A token as lists show it: its prefix, the next four characters and four asterisks, as `tok_q7Zd****`. Of a text that is no token,
 * whatever its prefix, nothing is shown: `****`.
 */
export function obfuscateToken(text: string): string {
  const prefix = prefixOf(text);
  return prefix === undefined ? "****" : `${text.slice(0, prefix.length + shownLength)}****`;
}

/** The fingerprint of a token's text: the first 16 hexadecimal characters of its SHA-256. Public. */
export async function fingerprintOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The prefix of a well-formed token; undefined when the text is none. */
function prefixOf(text: string): string | undefined {
  const prefix = form.exec(text)?.groups?.["prefix"];
  const isIntact = checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
  return isIntact ? prefix : undefined;
}

/** CRC-32 in base62, the most significant digit first. */
function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let position = 0; position < checksumLength; position += 1) {
    text = alphabet.charAt(rest % alphabet.length) + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}

/** @see RFC 1952, section 8 */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
