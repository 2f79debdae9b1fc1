/** A Fastify service that only the organization's tokens reach. Run it as `node examples/services/fastify.ts`. */
import process from "node:process";
import { createClient } from "@orgtokens/sdk";
import { createVerifier } from "@orgtokens/sdk/verification";
import { requireApiToken } from "@orgtokens/sdk/verification/fastify";
import Fastify from "fastify";

const { ORGTOKENS_ENDPOINT: endpoint = "http://127.0.0.1:8080", ORGTOKENS_API_TOKEN: apiToken = "" } = process.env;
// Keeps verifications for up to 5 seconds, and forgets them as soon as the server says that a token changed.
const verifier = createVerifier({ client: createClient({ endpoint, apiToken }), cache: { maxAgeMs: 5000 } });

const app = Fastify();
app.get("/health", async () => ({ status: "ok" }));
app.register(async (protectedRoutes) => {
  protectedRoutes.addHook("onRequest", requireApiToken(verifier));
  protectedRoutes.get("/greeting", async (request) => ({ hello: request.apiToken?.label }));
  const onRequest = requireApiToken(verifier, { role: "admin" });
  protectedRoutes.delete("/greeting", { onRequest }, async (_request, reply) => reply.code(204).send());
});

await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
console.log("listening on", app.addresses()[0]);
