/**
 * Protects a service with an organization's API tokens.
 *
 * ```ts
 * import { createClient } from "@orgtokens/sdk";
 * import { createVerifier } from "@orgtokens/sdk/verification";
 * import { requireApiToken } from "@orgtokens/sdk/verification/express";
 *
 * const client = createClient({ endpoint: "https://tokens.example.com", apiToken: process.env.ORGTOKENS_API_TOKEN ?? "" });
 * app.use(requireApiToken(createVerifier({ client })));
 * ```
 *
 * There is one such entry for each of `express`, `fastify`, `hono` and `node` (plain `node:http`). `checkAccess` is what they all
 * stand on, for other frameworks.
 */

export { type Access, type AccessRequest, type AccessRule, checkAccess, type Refusal } from "./check-access.ts";
export { type BreakerOptions, CircuitOpenError } from "./circuit-breaker.ts";
export type { CacheOptions } from "./verification-cache.ts";
export {
  createVerifier,
  type Verdict,
  type VerifiedApiToken,
  type Verifier,
  type VerifierOptions,
} from "./verifier.ts";
