import type { Actor } from "./audit-event.ts";
import type { OrganizationId } from "./ids.ts";
import type { RateState } from "./rate-limiter.ts";

/** Title of each problem code, and whether the same request can succeed later without anybody changing anything. */
export const problems = {
  request_invalid: { title: "The request is not valid", retryable: false },
  json_malformed: { title: "The body is not JSON", retryable: false },
  page_out_of_range: { title: "The page lies beyond the last one", retryable: false },
  credentials_ambiguous: { title: "The request says more than once who sends it", retryable: false },
  authentication_missing: { title: "The request carries no token", retryable: false },
  authentication_malformed: { title: "The token is malformed", retryable: false },
  authentication_unknown: { title: "The token is unknown", retryable: false },
  authentication_pending: { title: "The token is not activated yet", retryable: false },
  authentication_revoked: { title: "The token is revoked", retryable: false },
  authentication_expired: { title: "The token is expired", retryable: false },
  authentication_retired: { title: "The token was replaced by a rotation", retryable: false },
  session_ended: { title: "The session has ended", retryable: false },
  authentication_network_not_allowed: { title: "The token does not work from this network", retryable: false },
  role_insufficient: { title: "The role does not allow this", retryable: false },
  session_required: { title: "The operation is for signed-in users", retryable: false },
  csrf_token_invalid: { title: "The request does not come from the own page", retryable: false },
  sign_in_attempt_invalid: { title: "The sign-in is not under way", retryable: false },
  sign_in_refused: { title: "The sign-in is refused", retryable: false },
  identity_provider_missing: { title: "There is no identity provider", retryable: false },
  identity_provider_unavailable: { title: "The identity provider is unavailable", retryable: true },
  sign_in_link_invalid: { title: "The sign-in link does not work", retryable: false },
  route_not_found: { title: "No such path", retryable: false },
  api_token_not_found: { title: "No such API token", retryable: false },
  user_not_found: { title: "No such user", retryable: false },
  session_not_found: { title: "No such session", retryable: false },
  method_not_allowed: { title: "The path does not have this method", retryable: false },
  api_token_pending: { title: "The API token is pending", retryable: false },
  api_token_revoked: { title: "The API token is revoked", retryable: false },
  api_token_expired: { title: "The API token is expired", retryable: false },
  user_exists: { title: "The user exists", retryable: false },
  last_admin: { title: "The last admin must stay", retryable: false },
  destination_in_use: { title: "The destination holds another token's secret", retryable: false },
  label_in_use: { title: "Another live token has this label", retryable: false },
  policy_refused: { title: "The organization's policy does not allow this", retryable: false },
  tokens_may_not_generate: { title: "Tokens may not do this", retryable: false },
  idempotency_key_reused: { title: "Another request had this idempotency key", retryable: false },
  idempotency_key_spent: { title: "The token of this idempotency key is past handing over", retryable: false },
  secret_superseded: { title: "The secret was replaced", retryable: false },
  activation_not_pending: { title: "Nothing is pending under this fingerprint", retryable: false },
  label_confirmation_mismatch: { title: "The label does not match", retryable: false },
  label_confirmation_missing: { title: "The label must be typed to confirm", retryable: false },
  version_mismatch: { title: "The token was changed meanwhile", retryable: false },
  signature_invalid: { title: "The signature is not valid", retryable: false },
  body_too_large: { title: "The body is too large", retryable: false },
  http_malformed: { title: "What came is no HTTP request", retryable: false },
  header_too_large: { title: "The header is too large", retryable: false },
  request_incomplete: { title: "The request did not arrive in time", retryable: true },
  content_type_unsupported: { title: "The content type is not supported", retryable: false },
  rate_limited: { title: "Too many requests", retryable: true },
  service_unavailable: { title: "The service is unavailable", retryable: true },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly retryable: boolean }>>;

/** A stable code of what went wrong. */
export type ProblemCode = keyof typeof problems;

/** What is wrong at one place of a request. */
export type PlaceCode =
  | "field_unknown"
  | "field_required"
  | "fields_missing"
  | "fields_conflict"
  | "type_wrong"
  | "format_wrong"
  | "characters_forbidden"
  | "value_unknown"
  | "value_empty"
  | "value_too_short"
  | "value_too_long"
  | "value_too_small"
  | "value_too_large"
  | "id_malformed"
  | "state_conflict";

/** One place of a request that is wrong. `pointer` is a JSON Pointer under `/body`, `/query`, `/path` or `/header`. */
export type ProblemPlace = { readonly pointer: string; readonly code: PlaceCode; readonly message: string };

/** Who is known to have sent a request, and in which organization. */
export type Sender = { readonly organizationId: OrganizationId; readonly actor: Actor };

/** What a problem carries beside its code and detail. */
export type ProblemOptions = {
  readonly places?: readonly ProblemPlace[];
  /** The token the request collides with. */
  readonly apiTokenId?: string;
  /** The limit that was exceeded, for `rate_limited`. */
  readonly rate?: RateState;
  /** Whose the refused token was, for the organization's trail. The caller never sees it. */
  readonly sender?: Sender;
  /** What happened inside, for the log. The caller never sees it. */
  readonly cause?: unknown;
};

/**
 * A request that is refused, with the code of the reason. `message` is the detail for the caller: what to do about it,
 * without any secret.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly places: readonly ProblemPlace[];
  readonly apiTokenId: string | undefined;
  readonly rate: RateState | undefined;
  readonly sender: Sender | undefined;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.places = options.places ?? [];
    this.apiTokenId = options.apiTokenId;
    this.rate = options.rate;
    this.sender = options.sender;
  }
}

/** A `request_invalid` with its places. */
export function invalidRequest(...places: readonly ProblemPlace[]): ProblemError {
  return new ProblemError(
    "request_invalid",
    "Correct the places named in errors and send the request again. Nothing was changed.",
    { places },
  );
}
