import type { CallOptions, ClientOptions } from "./client.ts";
import { ApiError, ConnectionError, parseApiError } from "./errors.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import type { operations } from "./openapi.d.ts";

/** The start of each HTTP call, as `openapi-fetch` returns it. */
type FetchResult<Body> = { readonly data?: Body; readonly error?: unknown; readonly response: Response };
/** What each HTTP call is started with. */
export type Init = { readonly signal: AbortSignal; readonly fetch: (request: Request) => Promise<Response> };

/** Runs one operation: its deadline, its attempts, its errors. */
export type Caller = <Body>(
  operationId: keyof operations,
  isRepeatable: boolean,
  call: CallOptions | undefined,
  run: (init: Init) => Promise<FetchResult<Body>>,
) => Promise<Body>;

const defaultDeadlineMs = 30_000;
const defaultMaxAttempts = 3;

/** Makes what runs the operations of a client. */
export function createCaller(options: ClientOptions): Caller {
  const send = options.fetch ?? fetch;
  return async (operationId, isRepeatable, call, run) => {
    const deadline = AbortSignal.timeout(call?.deadlineMs ?? options.deadlineMs ?? defaultDeadlineMs);
    const signal = call?.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
    signal.throwIfAborted();
    const maxAttempts = call?.maxAttempts ?? options.maxAttempts ?? defaultMaxAttempts;
    const policy = { operationId, isRepeatable, signal, maxAttempts, onAttempt: options.onAttempt };
    const result = await answered(operationId, () =>
      run({ signal, fetch: async (request) => requireJson(operationId, await guardedFetch(send, request, policy)) }),
    );
    const { response, data, error } = result;
    const isEmpty = [202, 204].includes(response.status) || response.headers.get("content-length") === "0";
    if (response.ok && (data !== undefined || isEmpty)) return data as Exclude<typeof data, undefined>;
    const requestId = response.headers.get("x-request-id") ?? "";
    if (response.status >= 300 && response.status < 400) throw redirected(operationId, response, requestId);
    throw parseApiError(operationId, response.status, requestId, error);
  };
}

/** A body that breaks off or is no JSON is a connection that failed. */
async function answered<Body>(operationId: string, run: () => Promise<FetchResult<Body>>): Promise<FetchResult<Body>> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new ConnectionError(operationId, "The server's answer could not be read.", error);
    }
    throw error;
  }
}

/** A page that says "200" is a sign-in, a proxy, or another server: nothing of it is read. */
function requireJson(operationId: string, response: Response): Response {
  const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim() ?? "";
  if (!response.ok || response.body === null || mediaType === "" || /[/+]json$/.test(mediaType)) return response;
  throw new ApiError({
    operationId,
    code: "unexpected_response",
    status: response.status,
    title: "Something else than an orgtokens server answered",
    detail: `The answer is ${mediaType.slice(0, 100)} instead of JSON. Check the endpoint, and proxies before it.`,
    retryable: false,
    requestId: response.headers.get("x-request-id") ?? "",
    errors: [],
    apiTokenId: undefined,
  });
}

function redirected(operationId: string, response: Response, requestId: string): ApiError {
  return new ApiError({
    operationId,
    code: "unexpected_response",
    status: response.status,
    title: "The endpoint redirects",
    detail: `${targetOf(response)}Redirects are not followed, so that no token is sent to anybody else. Set the endpoint to its target.`,
    retryable: false,
    requestId,
    errors: [],
    apiTokenId: undefined,
  });
}

/** Where a redirect leads, without what could be a secret in it. */
function targetOf(response: Response): string {
  const location = response.headers.get("location");
  const target = location === null ? null : URL.parse(location, response.url || undefined);
  return target === null ? "" : `It redirects to ${target.origin}${target.pathname}. `;
}
