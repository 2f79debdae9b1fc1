import { createClient } from "@orgtokens/sdk";
import { deliverApiToken } from "@orgtokens/sdk/delivery";
import { openDestination } from "@orgtokens/sdk/secret-stores";

const endpoint = process.env["ORGTOKENS_ENDPOINT"] ?? "http://127.0.0.1:8080";
const client = createClient({ endpoint, apiToken: process.env["ORGTOKENS_API_TOKEN"] ?? "" });
const store = openDestination("vault://kv/ci/five#token", { environment: process.env });
const { apiToken } = await deliverApiToken({ client, store, request: { label: "Five lines", role: "developer" } });
console.log(apiToken.obfuscatedToken, apiToken.destination);
await store.close();
