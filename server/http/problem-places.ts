import type { ProblemCode, ProblemPlace } from "../domain/problem.ts";
import type { BodyMediaType } from "./contract.ts";

/** What of a request its places depend on. */
export type PlacedRequest = {
  /** The header field that says who sends it, or should have said so. */
  readonly field: "x-api-key" | "authorization" | "cookie";
  /** How the operation takes its body. */
  readonly mediaType: BodyMediaType;
  /** How long its body may be. */
  readonly maxBytes: number;
};

/** Bodies are at most this long. */
export const maxBodyBytes = 16 * 1024;

/** Where a request is wrong that is refused with a code and says no place itself; empty where a code has none. */
export function placesOf(code: ProblemCode, { field, mediaType, maxBytes }: PlacedRequest): readonly ProblemPlace[] {
  const atCredentials = credentialsPlaces[code];
  if (atCredentials !== undefined) return [{ pointer: `/header/${field}`, ...atCredentials }];
  if (code === "content_type_unsupported") {
    return [{ pointer: "/header/content-type", code: "value_unknown", message: `must be ${mediaType}` }];
  }
  if (code === "body_too_large") {
    return [{ pointer: "/body", code: "value_too_large", message: `must be at most ${maxBytes} bytes` }];
  }
  const fixed = fixedPlaces[code];
  return fixed === undefined ? [] : [fixed];
}

const mustBeLive = { code: "state_conflict", message: "must be a live token" } as const;

/** What is wrong with the token a request carries. */
const credentialsPlaces: Partial<Record<ProblemCode, Omit<ProblemPlace, "pointer">>> = {
  credentials_ambiguous: { code: "fields_conflict", message: "must be the only one that says who sends it" },
  authentication_missing: { code: "field_required", message: "must be an API token of the organization" },
  authentication_malformed: { code: "format_wrong", message: "must be a whole API token" },
  authentication_unknown: { code: "value_unknown", message: "must be an API token of an organization" },
  authentication_pending: mustBeLive,
  authentication_revoked: mustBeLive,
  authentication_expired: mustBeLive,
  authentication_retired: mustBeLive,
  session_required: { code: "state_conflict", message: "must be left out: sign in" },
  rate_limited: { code: "state_conflict", message: "must be sent less often" },
  tokens_may_not_generate: { code: "state_conflict", message: "must not be a token" },
  authentication_network_not_allowed: { code: "state_conflict", message: "must be a token of the caller's network" },
  role_insufficient: { code: "state_conflict", message: "must be an Admin token, or of a signed-in admin" },
};

const mustNotBe = (state: string): ProblemPlace => ({
  pointer: "/path/id",
  code: "state_conflict",
  message: `must not be the id of a token that is ${state}`,
});

/** The place of a problem that can only be at one. */
const fixedPlaces: Partial<Record<ProblemCode, ProblemPlace>> = {
  json_malformed: { pointer: "/body", code: "format_wrong", message: "must be a JSON object in UTF-8" },
  csrf_token_invalid: {
    pointer: "/header/x-csrf-token",
    code: "value_unknown",
    message: "must be the csrfToken of the session, sent by this server's own page",
  },
  last_admin: {
    pointer: "/path/id",
    code: "state_conflict",
    message: "must not be the id of the last admin",
  },
  signature_invalid: {
    pointer: "/header/github-public-key-signature",
    code: "value_unknown",
    message: "must be the signature of the raw body, by a key that this server knows",
  },
  api_token_not_found: {
    pointer: "/path/id",
    code: "value_unknown",
    message: "must be the id of a token of the organization",
  },
  api_token_pending: mustNotBe("pending"),
  api_token_revoked: mustNotBe("revoked"),
  api_token_expired: mustNotBe("expired"),
  destination_in_use: {
    pointer: "/body/destination",
    code: "state_conflict",
    message: "must not be the destination of another live token",
  },
  idempotency_key_spent: {
    pointer: "/header/Idempotency-Key",
    code: "state_conflict",
    message: "must be new, or its token never used",
  },
  user_not_found: {
    pointer: "/path/id",
    code: "value_unknown",
    message: "must be the id of a user of the organization",
  },
  session_not_found: { pointer: "/path/id", code: "value_unknown", message: "must be the id of a session of your own" },
  user_exists: { pointer: "/body/email", code: "state_conflict", message: "must not be the address of a user" },
  sign_in_attempt_invalid: {
    pointer: "/query/state",
    code: "state_conflict",
    message: "must belong to a sign-in that this browser has begun",
  },
  sign_in_refused: {
    pointer: "/query/code",
    code: "state_conflict",
    message: "must be of somebody whom an organization here has invited",
  },
  identity_provider_missing: {
    pointer: "/path",
    code: "state_conflict",
    message: "must not be asked for: this server has no provider",
  },
  sign_in_link_invalid: {
    pointer: "/body/linkToken",
    code: "value_unknown",
    message: "must be what follows # in a link that still works",
  },
  session_ended: { pointer: "/header/cookie", code: "state_conflict", message: "must be a live session" },
  label_in_use: { pointer: "/body/label", code: "state_conflict", message: "must not be in use" },
  secret_superseded: {
    pointer: "/body/fingerprint",
    code: "state_conflict",
    message: "must be the fingerprint of the newest secret",
  },
  activation_not_pending: {
    pointer: "/body/fingerprint",
    code: "value_unknown",
    message: "must be the fingerprint of a secret of this token",
  },
};
