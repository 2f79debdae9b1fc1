import { createHash } from "node:crypto";

/** A secret that is kept as its hash only: of a session or of a sign-in link. */
export type IssuedSecret = {
  /** 43 characters of base64url: 256 bits. */
  readonly text: string;
  /** SHA-256 of the text in hexadecimal. */
  readonly sha256: string;
};

/** Issues secrets. */
export type SecretIssuer = () => IssuedSecret;

/** @param randomBytes gives `size` random bytes from a cryptographic source. */
export function createSecretIssuer(randomBytes: (size: number) => Uint8Array): SecretIssuer {
  return () => {
    const text = Buffer.from(randomBytes(32)).toString("base64url");
    return { text, sha256: digestSecret(text) };
  };
}

/** What is kept of a secret. At 256 bits of entropy a fast hash gives nothing away. */
export function digestSecret(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
