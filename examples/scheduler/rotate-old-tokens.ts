/**
 * Rotates the tokens of a namespace whose secret has become old, each in the store that it was delivered to. Run by a timer:
 * `node rotate-old-tokens.ts`. It can be run at any time and again after any failure; what is young is left alone.
 * Ends with 0 when nothing old is left, 1 when a token could not be rotated, 2 when a setting is missing or wrong.
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { type ApiToken, createClient, iterateApiTokens } from "@orgtokens/sdk";
import { rotateApiToken } from "@orgtokens/sdk/delivery";
import { openDestination } from "@orgtokens/sdk/secret-stores";

const {
  ORGTOKENS_ENDPOINT: endpoint = "",
  ORGTOKENS_API_TOKEN_FILE: tokenFile = "",
  ROTATE_MANAGED_BY: managedBy = "",
  ROTATE_AFTER_DAYS: days = "30",
} = process.env;
if (endpoint === "" || tokenFile === "" || managedBy === "" || !/^\d{1,4}$/u.test(days)) {
  console.error(
    "Set ORGTOKENS_ENDPOINT, ORGTOKENS_API_TOKEN_FILE, ROTATE_MANAGED_BY, and ROTATE_AFTER_DAYS to a whole number.",
  );
  process.exit(2);
}

// A service manager ends a job by SIGTERM. What was half done then is ended by the next run.
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.once("SIGINT", () => stop.abort());

const client = createClient({ endpoint, apiToken: (await readFile(tokenFile, "utf8")).trim() });
const oldBefore = Date.now() - Number(days) * 86_400_000;

/** Whether its current secret has been that for too long. */
const isOld = ({ rotatedAt, created }: ApiToken) => Date.parse(rotatedAt ?? created) <= oldBefore;

async function rotate({ id, destination }: ApiToken): Promise<void> {
  const store = openDestination(destination ?? "", { environment: process.env });
  try {
    await rotateApiToken({ client, store, apiTokenId: id, gracePeriodSeconds: 86_400, signal: stop.signal });
  } finally {
    await store.close();
  }
}

const rotated: string[] = [];
const failed: string[] = [];
for await (const token of iterateApiTokens(client, { managedBy, status: "active" })) {
  if (token.destination === null || !isOld(token)) continue;
  if (stop.signal.aborted) break;
  const name = `${token.label} (${token.id}) at ${token.destination}`;
  try {
    await rotate(token);
    rotated.push(token.id);
    console.log(`rotated ${name}`);
  } catch (error) {
    // One store that is away keeps no other token from its rotation.
    failed.push(token.id);
    console.error(`not rotated: ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(
  `${rotated.length} rotated, ${failed.length} failed${stop.signal.aborted ? ", stopped: run it again" : ""}`,
);
process.exitCode = failed.length > 0 || stop.signal.aborted ? 1 : 0;
