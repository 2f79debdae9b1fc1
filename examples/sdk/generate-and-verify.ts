import { ApiError, createClient } from "@orgtokens/sdk";

const client = createClient({
  endpoint: process.env["ORGTOKENS_ENDPOINT"] ?? "http://127.0.0.1:8080",
  apiToken: process.env["ORGTOKENS_API_TOKEN"] ?? "",
});

const { id, token } = await client.createApiToken({ label: "Nightly build", role: "developer" });
console.log((await client.verifyApiToken({ token })).active); // true

await client.revokeApiToken(id);
console.log((await client.verifyApiToken({ token })).reason); // revoked

try {
  await client.rotateApiToken(id);
} catch (error) {
  if (error instanceof ApiError) console.log(error.code, error.retryable); // api_token_revoked false
}
