import type { components } from "./openapi.d.ts";

/** A stable code of what went wrong, as the contract lists them. */
export type ProblemCode = components["schemas"]["ProblemCode"];
/** One place of a request that is wrong. */
export type ProblemPlace = components["schemas"]["ProblemPlace"];

/** What an {@link ApiError} says. */
export type ApiErrorDetails = {
  readonly operationId: string;
  /**
   * `unexpected_response` when what answered is not this API: a proxy, another server. `unsupported_by_server` when a server with
   * the base operations only cannot do it, and was not asked.
   */
  readonly code: ProblemCode | "unexpected_response" | "unsupported_by_server";
  /** The HTTP status. */
  readonly status: number;
  readonly title: string;
  /** What to do about it. */
  readonly detail: string;
  /** Whether the same request can succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** Empty when nothing told one. */
  readonly requestId: string;
  readonly errors: readonly ProblemPlace[];
  /** The token the request collides with, for `destination_in_use`. */
  readonly apiTokenId: string | undefined;
};

/** The server answered that it does not do what it was asked. Nothing was changed. */
export class ApiError extends Error implements ApiErrorDetails {
  override readonly name = "ApiError";
  readonly operationId: string;
  readonly code: ApiErrorDetails["code"];
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly requestId: string;
  readonly errors: readonly ProblemPlace[];
  readonly apiTokenId: string | undefined;

  constructor(details: ApiErrorDetails) {
    super(
      `${details.title}: ${[details.detail, ...details.errors.map(({ pointer, message }) => `${pointer} ${message}.`)].join(" ")}`,
    );
    this.operationId = details.operationId;
    this.code = details.code;
    this.status = details.status;
    this.title = details.title;
    this.detail = details.detail;
    this.retryable = details.retryable;
    this.requestId = details.requestId;
    this.errors = details.errors;
    this.apiTokenId = details.apiTokenId;
  }
}

/** The server could not be reached, or did not answer in time. Whether it did what it was asked is not known. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly operationId: string;
  readonly retryable = true;

  constructor(operationId: string, message: string, cause: unknown) {
    super(message, { cause });
    this.operationId = operationId;
  }
}

/** An option that a client cannot work with. The message does not hold it. */
export class ClientOptionsError extends Error {
  override readonly name = "ClientOptionsError";
  readonly option: "endpoint" | "apiToken";

  constructor(option: "endpoint" | "apiToken", requirement: string) {
    super(`${option} must be ${requirement}`);
    this.option = option;
  }
}

const retryableCodes: ReadonlySet<ProblemCode> = new Set([
  "service_unavailable",
  "rate_limited",
  "request_incomplete",
  "identity_provider_unavailable",
]);

/** Reads the answer of a failed request, whatever it is. */
export function parseApiError(operationId: string, status: number, requestId: string, body: unknown): ApiError {
  if (!isProblem(body)) {
    return new ApiError({
      operationId,
      code: "unexpected_response",
      status,
      title: "Something else than an orgtokens server answered",
      detail: `The answer has status ${status} and is no problem document. Check the endpoint, and proxies before it.`,
      retryable: status >= 500,
      requestId,
      errors: [],
      apiTokenId: undefined,
    });
  }
  return new ApiError({
    operationId,
    code: body.code,
    status,
    title: body.title,
    detail: body.detail,
    retryable: retryableCodes.has(body.code),
    requestId: body.requestId,
    errors: body.errors ?? [],
    apiTokenId: body.apiTokenId,
  });
}

type Problem = components["schemas"]["Problem"];

function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) return false;
  return "code" in body && "detail" in body && "title" in body && "requestId" in body && typeof body.code === "string";
}
