/** An Express service that only the organization's tokens reach. Run it as `node examples/services/express.ts`. */
import process from "node:process";
import { createClient } from "@orgtokens/sdk";
import { createVerifier } from "@orgtokens/sdk/verification";
import { requireApiToken } from "@orgtokens/sdk/verification/express";
import express from "express";

const { ORGTOKENS_ENDPOINT: endpoint = "http://127.0.0.1:8080", ORGTOKENS_API_TOKEN: apiToken = "" } = process.env;
// Keeps verifications for up to 5 seconds, and forgets them as soon as the server says that a token changed.
const verifier = createVerifier({ client: createClient({ endpoint, apiToken }), cache: { maxAgeMs: 5000 } });

const app = express();
app.get("/health", (_request, response) => void response.json({ status: "ok" }));
app.use(requireApiToken(verifier));
app.get("/greeting", (request, response) => void response.json({ hello: request.apiToken?.label }));
app.delete(
  "/greeting",
  requireApiToken(verifier, { role: "admin" }),
  (_request, response) => void response.sendStatus(204),
);

const server = app.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  console.log("listening on", server.address());
});
