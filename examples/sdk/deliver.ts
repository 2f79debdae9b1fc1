import { createClient, iterateApiTokens } from "@orgtokens/sdk";
import { deliverApiToken, revokeAndDelete, rotateApiToken } from "@orgtokens/sdk/delivery";
import { fileDestination, openDestination } from "@orgtokens/sdk/secret-stores";

const client = createClient({
  endpoint: process.env["ORGTOKENS_ENDPOINT"] ?? "http://127.0.0.1:8080",
  apiToken: process.env["ORGTOKENS_API_TOKEN"] ?? "",
});
// Any place by its URI: vault://kv/ci#token, kubernetes://ci/orgtokens#token, command://pass/ci, file:///run/secrets/ci ...
const store = openDestination(fileDestination({ path: "secrets/nightly" }));

// Create, store, activate: after a crash at any point, run it again.
const { apiToken } = await deliverApiToken({
  client,
  store,
  request: { label: "Nightly", role: "developer", managedBy: "scripts/nightly" },
  observe: (step) => console.log(step.kind), // checked, issued, stored, activated
});

// A new secret in the same place; the one before works for another hour.
await rotateApiToken({ client, store, apiTokenId: apiToken.id, gracePeriodSeconds: 3600 });

for await (const token of iterateApiTokens(client, { managedBy: "scripts/nightly" })) {
  console.log(token.label, token.obfuscatedToken, token.destination);
}

await revokeAndDelete({ client, store, apiTokenId: apiToken.id });
await store.close();
