/** Who calls the double of Google: service accounts that sign their own tokens, and workloads that exchange one. */
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";

/** A service account with what it may do. */
export type GoogleAccount = {
  /** JSON of its credentials file. */
  readonly credentials: string;
  readonly email: string;
  readonly permissions: readonly string[];
  /** What must never be seen. */
  readonly privateKey: string;
  readonly isSignedByIt: (token: string) => boolean;
};

/** Makes an account with a fresh key. */
export function createGoogleAccount(name: string, permissions: readonly string[]): GoogleAccount {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const email = `${name}@my-project.iam.gserviceaccount.com`;
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  const file = { type: "service_account", client_email: email, private_key: pem, project_id: "my-project" };
  return {
    credentials: JSON.stringify({ ...file, token_uri: "http://127.0.0.1:9/token" }),
    email,
    permissions,
    privateKey: pem,
    isSignedByIt: (token) => isSigned(token, createPublicKey(publicKey.export({ type: "spki", format: "pem" }))),
  };
}

/** A JWT as https://google.aip.dev/auth/4111 has it. */
function isSigned(token: string, publicKey: ReturnType<typeof createPublicKey>): boolean {
  const [header = "", claims = "", signature = ""] = token.split(".");
  if (signature === "") return false;
  return verify("sha256", Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, "base64url"));
}
