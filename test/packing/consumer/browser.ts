// What a stranger writes for a browser: the same module in a page and in a worker.
import { createClient, isWellFormedToken } from "@orgtokens/sdk";
import { createVerifier } from "@orgtokens/sdk/verification";

/** Generates, verifies and revokes a token of the server from which the page comes: what became of it. */
export async function useSdk(apiToken: string): Promise<readonly string[]> {
  const client = createClient({ endpoint: location.origin, apiToken });
  const verifier = createVerifier({ client });
  const { id, label, token } = await client.createApiToken({ label: "browser", role: "developer" });
  const before = await verifier.verify({ token });
  await client.revokeApiToken(id, { confirmLabel: label });
  const after = await verifier.verify({ token });
  return [isWellFormedToken(token) ? "well-formed" : "malformed", before.outcome, after.outcome];
}

if (typeof document === "undefined") {
  addEventListener("message", async ({ data }: MessageEvent<string>) => postMessage(await useSdk(data)));
}
