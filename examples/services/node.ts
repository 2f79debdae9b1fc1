/** A service of plain `node:http` that only the organization's tokens reach. Run it as `node examples/services/node.ts`. */
import { createServer } from "node:http";
import process from "node:process";
import { createClient } from "@orgtokens/sdk";
import { createVerifier } from "@orgtokens/sdk/verification";
import { requireApiToken } from "@orgtokens/sdk/verification/node";

const { ORGTOKENS_ENDPOINT: endpoint = "http://127.0.0.1:8080", ORGTOKENS_API_TOKEN: apiToken = "" } = process.env;
// Keeps verifications for up to 5 seconds, and forgets them as soon as the server says that a token changed.
const verifier = createVerifier({ client: createClient({ endpoint, apiToken }), cache: { maxAgeMs: 5000 } });

const greet = requireApiToken(verifier, (request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ hello: request.apiToken?.label }));
});
const forget = requireApiToken(verifier, (_request, response) => response.writeHead(204).end(), { role: "admin" });

const server = createServer((request, response) => {
  if (request.url === "/health") response.end("ok");
  else void (request.method === "DELETE" ? forget : greet)(request, response);
});
server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => console.log("listening on", server.address()));
