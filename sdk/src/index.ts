/**
 * A typed client for an organization's API tokens.
 *
 * ```ts
 * import { createClient } from "@orgtokens/sdk";
 *
 * const client = createClient({ endpoint: "https://tokens.example.com", apiToken: process.env.ORGTOKENS_API_TOKEN ?? "" });
 * const { token } = await client.createApiToken({ label: "CI", role: "developer" });
 * ```
 *
 * `@orgtokens/sdk/delivery` creates and rotates tokens straight into a secret store, `@orgtokens/sdk/secret-stores` opens one,
 * `@orgtokens/sdk/verification` protects a service with them.
 */
export {
  type ApiToken,
  type ApiTokenAuthentication,
  type ApiTokenChanges,
  type ApiTokenMailPage,
  type ApiTokenPage,
  type ApiTokenSummary,
  type Attempt,
  type AuditEvent,
  type AuditEventPage,
  type CallOptions,
  type Client,
  type ClientOptions,
  type ConnectionOptions,
  type CreateApiTokenRequest,
  type CreatedApiToken,
  type CreatedSession,
  createClient,
  type Health,
  type InactiveReason,
  type Introspection,
  type InviteUserRequest,
  type LeakReport,
  type ListApiTokenChangesQuery,
  type ListApiTokenMailQuery,
  type ListApiTokensQuery,
  type ListAuditEventsQuery,
  type ListUsersQuery,
  type Me,
  type Organization,
  type OrganizationPolicy,
  type PresentedToken,
  type ProblemExplanation,
  type ReportLeakRequest,
  type RotateApiTokenRequest,
  type RotatedApiToken,
  type Session,
  type SessionAuthentication,
  type SessionList,
  type SessionSummary,
  type SignInLinkRequest,
  type SignInWays,
  type UpdateApiTokenRequest,
  type UpdateOrganizationPolicyRequest,
  type UpdateUserRequest,
  type User,
  type UserPage,
  type Verification,
  type VerificationList,
} from "./client.ts";
export { ApiError, ClientOptionsError, ConnectionError, type ProblemCode, type ProblemPlace } from "./errors.ts";
export { iterateApiTokens } from "./iterate-api-tokens.ts";
export { iterateAuditEvents } from "./iterate-audit-events.ts";
export { iterateUsers } from "./iterate-users.ts";
export { fingerprintOf, isWellFormedToken, obfuscateToken } from "./token-text.ts";
