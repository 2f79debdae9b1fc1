import { randomBytes } from "node:crypto";
import { fingerprintOf } from "../entry-metadata.ts";
import type { SecretStore, StoreWriteOptions } from "../secret-store.ts";

/** A secret and whose it is. */
export type TestSecret = { readonly text: string; readonly apiTokenId: string; readonly fingerprint: string };

/** A fresh secret, of a fresh token unless one is named. */
export function buildSecret(apiTokenId = randomBytes(12).toString("hex")): TestSecret {
  const text = `tok_${randomBytes(18).toString("hex")}`;
  return { text, apiTokenId, fingerprint: fingerprintOf(text) };
}

/** A name that no other test uses. */
export function buildName(): string {
  return `place-${randomBytes(6).toString("hex")}`;
}

/** Writes a secret. */
export function put(store: SecretStore, secret: TestSecret, options?: StoreWriteOptions) {
  const { text, apiTokenId, fingerprint } = secret;
  return store.write(text, { apiTokenId, fingerprint }, options);
}
