import type { components } from "@orgtokens/sdk/openapi";
import { type ProblemCode, ProblemError, problems } from "../domain/problem.ts";
import type { BodyMediaType } from "./contract.ts";
import { placesOf, maxBodyBytes as usualMaxBodyBytes } from "./problem-places.ts";
import { rateHeaders } from "./rate-headers.ts";

/** A problem as the contract shows it. */
export type Problem = components["schemas"]["Problem"];

/** The HTTP status of each problem code. */
export const problemStatus = {
  request_invalid: 400,
  json_malformed: 400,
  page_out_of_range: 400,
  credentials_ambiguous: 400,
  authentication_missing: 401,
  authentication_malformed: 401,
  authentication_unknown: 401,
  authentication_pending: 401,
  authentication_revoked: 401,
  authentication_expired: 401,
  authentication_retired: 401,
  session_ended: 401,
  authentication_network_not_allowed: 401,
  role_insufficient: 403,
  session_required: 403,
  csrf_token_invalid: 403,
  sign_in_attempt_invalid: 400,
  sign_in_refused: 403,
  identity_provider_missing: 404,
  identity_provider_unavailable: 503,
  sign_in_link_invalid: 403,
  route_not_found: 404,
  api_token_not_found: 404,
  user_not_found: 404,
  session_not_found: 404,
  method_not_allowed: 405,
  api_token_pending: 409,
  api_token_revoked: 409,
  api_token_expired: 409,
  user_exists: 409,
  last_admin: 409,
  destination_in_use: 409,
  label_in_use: 409,
  policy_refused: 409,
  tokens_may_not_generate: 403,
  idempotency_key_reused: 409,
  idempotency_key_spent: 409,
  secret_superseded: 409,
  activation_not_pending: 409,
  label_confirmation_mismatch: 412,
  label_confirmation_missing: 412,
  version_mismatch: 412,
  signature_invalid: 403,
  body_too_large: 413,
  http_malformed: 400,
  header_too_large: 431,
  request_incomplete: 408,
  content_type_unsupported: 415,
  rate_limited: 429,
  service_unavailable: 503,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** A problem and the header fields that belong to it. */
export type ProblemAnswer = { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> };

/** What of a request its problem depends on. */
export type ProblemRequest = {
  readonly id: string;
  /** How the operation takes its body. Forms are OAuth's: their problems say it in OAuth's words as well. */
  readonly bodyMediaType: BodyMediaType;
  /** How long its body may be, when it is not what every body may be. */
  readonly maxBodyBytes?: number;
  /** The request's `Authorization`. */
  readonly authorization: string | undefined;
  /** Whether a signed-in user sends it. */
  readonly isSignedIn?: boolean;
};

/** How soon to ask again for what the server could not do, in seconds: a lost connection is replaced at once. */
const retryAfterSeconds = "1";

/**
 * Turns whatever was thrown into a problem, the only place that does. What is not known to be the caller's fault is our
 * own, and its text stays inside.
 */
export function problemAnswer(thrown: unknown, request: ProblemRequest): ProblemAnswer {
  const error = thrown instanceof ProblemError ? thrown : translate(thrown, request);
  const status = problemStatus[error.code];
  const { title } = problems[error.code];
  const oauthError = request.bodyMediaType === "application/x-www-form-urlencoded" ? oauthErrors[status] : undefined;
  const tokenField = request.authorization === undefined ? "x-api-key" : "authorization";
  const field = request.isSignedIn === true ? "cookie" : tokenField;
  const places =
    error.places.length === 0
      ? placesOf(error.code, {
          field,
          mediaType: request.bodyMediaType,
          maxBytes: request.maxBodyBytes ?? usualMaxBodyBytes,
        })
      : error.places;
  return {
    problem: {
      type: `/problems/${error.code}`,
      title,
      status,
      detail: error.message,
      code: error.code,
      requestId: request.id,
      ...(oauthError === undefined ? {} : { error: oauthError }),
      ...(places.length === 0 ? {} : { errors: places.slice(0, 100) }),
      ...(error.apiTokenId === undefined ? {} : { apiTokenId: error.apiTokenId }),
    },
    headers: {
      ...challenge(error.code, title, request.authorization),
      ...(error.rate === undefined ? {} : rateHeaders(error.rate)),
      ...(status === 503 ? { "Retry-After": retryAfterSeconds } : {}),
    },
  };
}

/** RFC 6749 section 5.2. */
const oauthErrors: Readonly<Record<number, NonNullable<Problem["error"]>>> = {
  400: "invalid_request",
  401: "invalid_client",
  403: "unauthorized_client",
  413: "invalid_request",
  415: "invalid_request",
};

/** The whole catalogue. */
export function explainProblems(): readonly components["schemas"]["ProblemExplanation"][] {
  return Object.keys(problems).filter(isProblemCode).map(explainProblem);
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

/** The catalogue's entry of a code. */
export function explainProblem(code: ProblemCode): components["schemas"]["ProblemExplanation"] {
  return { code, status: problemStatus[code], ...problems[code] };
}

/**
 * RFC 6750 section 3: a request without a token learns only how to authenticate, others also what is wrong. Who tried
 * Basic is answered in Basic too (RFC 6749 section 5.2).
 */
function challenge(
  code: ProblemCode,
  title: string,
  authorization: string | undefined,
): Readonly<Record<string, string>> {
  const realm = 'Bearer realm="orgtokens"';
  if (code === "role_insufficient") {
    return { "WWW-Authenticate": `${realm}, error="insufficient_scope", error_description="${title}", scope="admin"` };
  }
  if (problemStatus[code] !== 401) return {};
  const error = code === "authentication_missing" ? "" : `, error="invalid_token", error_description="${title}"`;
  const basic = /^basic /i.test(authorization ?? "") ? ', Basic realm="orgtokens"' : "";
  return { "WWW-Authenticate": realm + error + basic };
}

/** The problem of a body of another media type than the operation takes. */
export function contentTypeUnsupported(bodyMediaType: BodyMediaType): ProblemError {
  return new ProblemError("content_type_unsupported", `Send the body as ${bodyMediaType}.`);
}

/** What Fastify refuses before a handler runs, by its code. */
function translate(thrown: unknown, { bodyMediaType, maxBodyBytes = usualMaxBodyBytes }: ProblemRequest): ProblemError {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ProblemError("body_too_large", `Send at most ${maxBodyBytes} bytes.`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return contentTypeUnsupported(bodyMediaType);
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new ProblemError("json_malformed", "The body is not as long as Content-Length says.");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new ProblemError("route_not_found", "A part of the path is too long. Check it against openapi.yaml.");
    case "FST_ERR_BAD_URL":
    case "FST_ERR_INVALID_URL":
      return new ProblemError("route_not_found", "The path is not valid percent-encoding. Correct it.");
    default:
      return new ProblemError(
        "service_unavailable",
        "Try again shortly. If it persists, give the requestId to the operator.",
        {
          cause: thrown,
        },
      );
  }
}
