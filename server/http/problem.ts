import type { components } from "@orgtokens/sdk/openapi";
import { type ProblemCode, ProblemError, problems } from "../domain/problem.ts";
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
  role_insufficient: 403,
  route_not_found: 404,
  api_token_not_found: 404,
  method_not_allowed: 405,
  api_token_pending: 409,
  api_token_revoked: 409,
  api_token_expired: 409,
  destination_in_use: 409,
  label_in_use: 409,
  policy_refused: 409,
  tokens_may_not_generate: 403,
  secret_superseded: 409,
  activation_not_pending: 409,
  label_confirmation_mismatch: 412,
  label_confirmation_missing: 412,
  body_too_large: 413,
  content_type_unsupported: 415,
  rate_limited: 429,
  service_unavailable: 503,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** A problem and the header fields that belong to it. */
export type ProblemAnswer = { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> };

/** Bodies are at most this long. */
export const maxBodyBytes = 16 * 1024;

/**
 * Turns whatever was thrown into a problem, the only place that does. What is not known to be the caller's fault is our
 * own, and its text stays inside.
 */
export function problemAnswer(thrown: unknown, requestId: string): ProblemAnswer {
  const error = thrown instanceof ProblemError ? thrown : translate(thrown);
  const status = problemStatus[error.code];
  const { title } = problems[error.code];
  return {
    problem: {
      type: `/problems/${error.code}`,
      title,
      status,
      detail: error.message,
      code: error.code,
      requestId,
      ...(error.places.length === 0 ? {} : { errors: [...error.places].slice(0, 100) }),
      ...(error.apiTokenId === undefined ? {} : { apiTokenId: error.apiTokenId }),
    },
    headers: { ...challenge(error.code, title), ...(error.rate === undefined ? {} : rateHeaders(error.rate)) },
  };
}

/** The catalogue's entry of a code. */
export function explainProblem(code: ProblemCode): components["schemas"]["ProblemExplanation"] {
  return { code, status: problemStatus[code], ...problems[code] };
}

/** RFC 6750 section 3: a request without a token learns only how to authenticate. */
function challenge(code: ProblemCode, title: string): Readonly<Record<string, string>> {
  if (problemStatus[code] !== 401) return {};
  const realm = 'Bearer realm="orgtokens"';
  if (code === "authentication_missing") return { "WWW-Authenticate": realm };
  return { "WWW-Authenticate": `${realm}, error="invalid_token", error_description="${title}"` };
}

/** What Fastify refuses before a handler runs, by its code. */
function translate(thrown: unknown): ProblemError {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ProblemError("body_too_large", `Send at most ${maxBodyBytes} bytes.`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new ProblemError("content_type_unsupported", "Send the body as application/json.");
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
