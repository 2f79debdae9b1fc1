/** A Hono service that only the organization's tokens reach. Run it as `node examples/services/hono.ts`. */
import process from "node:process";
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { createClient } from "@orgtokens/sdk";
import { createVerifier } from "@orgtokens/sdk/verification";
import { requireApiToken } from "@orgtokens/sdk/verification/hono";
import { type Context, Hono } from "hono";

const { ORGTOKENS_ENDPOINT: endpoint = "http://127.0.0.1:8080", ORGTOKENS_API_TOKEN: apiToken = "" } = process.env;
// Keeps verifications for up to 5 seconds, and forgets them as soon as the server says that a token changed.
const verifier = createVerifier({ client: createClient({ endpoint, apiToken }), cache: { maxAgeMs: 5000 } });

const ip = (context: Context) => getConnInfo(context).remote.address;
const app = new Hono();
app.get("/health", (context) => context.json({ status: "ok" }));
app.get("/greeting", requireApiToken(verifier, { ip }), (context) => {
  return context.json({ hello: context.get("apiToken")?.label });
});
app.delete("/greeting", requireApiToken(verifier, { role: "admin", ip }), (context) => context.body(null, 204));

serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000), hostname: "127.0.0.1" }, (address) => {
  console.log("listening on", address);
});
