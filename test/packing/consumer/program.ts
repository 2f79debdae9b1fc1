// What a stranger writes who has installed the SDK: run by each runtime.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createClient, iterateApiTokens } from "@orgtokens/sdk";
import { deliverApiToken, revokeAndDelete } from "@orgtokens/sdk/delivery";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { createVerifier } from "@orgtokens/sdk/verification";

const {
  ORGTOKENS_ENDPOINT: endpoint = "",
  ORGTOKENS_API_TOKEN: apiTokenOfAdmin = "",
  SECRET_FILE: path = "",
} = process.env;
const client = createClient({ endpoint, apiToken: apiTokenOfAdmin });
const store = openFileSecretStore({ path });
const verifier = createVerifier({ client });
const { apiToken } = await deliverApiToken({ client, store, request: { label: path, role: "developer" } });
const token = await readFile(path, "utf8");
const { outcome: delivered } = await verifier.verify({ token });
const labels: string[] = [];
for await (const { label } of iterateApiTokens(client)) labels.push(label);
await revokeAndDelete({ client, store, apiTokenId: apiToken.id });
const { outcome: revoked } = await verifier.verify({ token });
await store.close();
process.stdout.write(JSON.stringify({ delivered, isListed: labels.includes(path), revoked }));
