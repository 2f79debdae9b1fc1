import { SecretStoreError } from "../secret-store-error.ts";

/** A public key as GitHub gives it: 32 bytes in base 64, and the name that a sealed secret refers to it by. */
export type GitHubPublicKey = { readonly keyId: string; readonly key: string };

/**
 * Encrypts a secret for whoever has the private key, and nobody else, the writer included: libsodium's sealed box.
 * @see https://docs.github.com/rest/guides/encrypting-secrets-for-the-rest-api
 */
export async function sealSecret(secret: string, { key }: GitHubPublicKey, destination: string): Promise<string> {
  const sodium = await loadSodium(destination);
  const publicKey = Buffer.from(key, "base64");
  if (publicKey.length !== sodium.crypto_box_PUBLICKEYBYTES)
    throw new SecretStoreError("secret_store_failed", destination, "GitHub gave a public key that is none.");
  return Buffer.from(sodium.crypto_box_seal(secret, publicKey)).toString("base64");
}

async function loadSodium(destination: string) {
  try {
    const { default: sodium } = await import("libsodium-wrappers");
    await sodium.ready;
    return sodium;
  } catch {
    const message = "A package is missing or cannot run here: npm install libsodium-wrappers";
    throw new SecretStoreError("secret_store_failed", destination, message);
  }
}
