import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** Public keys by their identifiers. */
export type GithubKeys = ReadonlyMap<string, KeyObject>;

/** Header fields, by their names in lower case. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How many keys a file may have. */
const maxKeys = 100;

/**
 * Reads public keys as GitHub's `/meta/public_keys/secret_scanning` answers them:
 * `{ "public_keys": [{ "key_identifier": "...", "key": "-----BEGIN PUBLIC KEY-----..." }] }`. Keys that are not current
 * any more count too: what they signed may be on its way.
 *
 * @throws Error that says what is wrong.
 */
export function parseGithubKeys(text: string): GithubKeys {
  const document: unknown = JSON.parse(text);
  const list = memberOf(document, "public_keys");
  if (!Array.isArray(list) || list.length === 0 || list.length > maxKeys) {
    throw new Error(`public_keys must be a list of 1 to ${maxKeys} keys`);
  }
  return new Map(list.map((entry: unknown, index) => parseKey(entry, `public_keys[${index}]`)));
}

function parseKey(entry: unknown, place: string): readonly [string, KeyObject] {
  const identifier = memberOf(entry, "key_identifier");
  const pem = memberOf(entry, "key");
  if (typeof identifier !== "string" || identifier === "") throw new Error(`${place}.key_identifier must be text`);
  if (typeof pem !== "string") throw new Error(`${place}.key must be a public key in PEM`);
  const key = createPublicKey(pem);
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new Error(`${place}.key must be of the curve P-256`);
  return [identifier, key];
}

/** Whether GitHub's secret scanning has signed a body: ECDSA over its SHA-256, in DER and base64. */
export function isSignedByGithub(keys: GithubKeys, headers: Headers, body: Uint8Array): boolean {
  const identifier = headers["github-public-key-identifier"];
  const signature = headers["github-public-key-signature"];
  if (typeof identifier !== "string" || typeof signature !== "string") return false;
  const key = keys.get(identifier);
  if (key === undefined || !/^[A-Za-z0-9+/]{8,200}={0,2}$/.test(signature)) return false;
  return verify("sha256", body, { key, dsaEncoding: "der" }, Buffer.from(signature, "base64"));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
