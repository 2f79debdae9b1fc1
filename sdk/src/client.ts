import createFetchClient, { type Client as FetchClient } from "openapi-fetch";
import { ApiError, ClientOptionsError, ConnectionError, parseApiError } from "./errors.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import type { components, operations, paths } from "./openapi.d.ts";

type Schemas = components["schemas"];
type Role = Schemas["Role"];

/** A token as the API shows it: never its secret. */
export type ApiToken = Schemas["ApiToken"];
/** A token that was just generated, with its secret in `token`, shown this once. */
export type CreatedApiToken = Schemas["CreatedApiToken"];
/** A token that was just rotated, with its new secret in `token`, shown this once. */
export type RotatedApiToken = Schemas["RotatedApiToken"];
export type ApiTokenPage = Schemas["ApiTokenPage"];
export type CreateApiTokenRequest = Schemas["CreateApiTokenRequest"];
export type UpdateApiTokenRequest = Schemas["UpdateApiTokenRequest"];
export type RotateApiTokenRequest = Schemas["RotateApiTokenRequest"];
export type ListApiTokensQuery = NonNullable<operations["listApiTokens"]["parameters"]["query"]>;
/** What happened in the organization, who did it and from where. */
export type AuditEvent = Schemas["AuditEvent"];
export type AuditEventPage = Schemas["AuditEventPage"];
export type ListAuditEventsQuery = NonNullable<operations["listAuditEvents"]["parameters"]["query"]>;
export type ListApiTokenMailQuery = NonNullable<operations["listApiTokenMail"]["parameters"]["query"]>;
export type ApiTokenMailPage = Schemas["ApiTokenMailPage"];
export type Verification = Schemas["Verification"];
export type Introspection = Schemas["Introspection"];
export type Me = Schemas["Me"];
export type Organization = Schemas["Organization"];
export type OrganizationPolicy = Schemas["OrganizationPolicy"];
export type UpdateOrganizationPolicyRequest = Schemas["UpdateOrganizationPolicyRequest"];
export type ProblemExplanation = Schemas["ProblemExplanation"];
export type Health = Schemas["Health"];

/** How a client reaches the server, and who it calls as. */
export type ClientOptions = ConnectionOptions & (ApiTokenAuthentication | SessionAuthentication);

/** Calls with a token. */
export type ApiTokenAuthentication = {
  /** An API token of the organization. */
  readonly apiToken: string;
};

/** Calls as the user who is signed in to the page that runs this: the browser sends the cookie. */
export type SessionAuthentication = {
  readonly session: {
    /** The session's `csrfToken`, asked for before each call; undefined while nobody is signed in. */
    readonly csrfToken: () => string | undefined;
  };
};

/** How a client reaches the server. */
export type ConnectionOptions = {
  /** Where the server is, such as `https://tokens.example.com`. Plain http only on a loopback address. */
  readonly endpoint: string;
  /** How long a call may take with all its attempts, in milliseconds. Default 30,000. */
  readonly deadlineMs?: number;
  /** Put before the SDK's own in `User-Agent`, which a browser fills in itself. */
  readonly userAgent?: string;
  /** Allows plain http to other machines, where anybody between can read the token. */
  readonly allowInsecureHttp?: boolean;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
};

/** What one call may be given. */
export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Instead of the client's. */
  readonly deadlineMs?: number;
};

/** What a creation may be given. */
export type CreateCallOptions = CallOptions & {
  /**
   * The same for every repetition of one request, such as a UUID: makes it harmless to send it again, which the client
   * then does when it is not answered. Default: a random one. Null sends none.
   */
  readonly idempotencyKey?: string | null;
};

/** What a change may be given. */
export type UpdateCallOptions = CallOptions & {
  /** The `version` the token must still have. */
  readonly ifVersion?: string;
};

/**
 * The operations of the contract, by their names. Each returns the body of the success answer.
 *
 * Each throws {@link ApiError} when the server refuses, {@link ConnectionError} when it does not answer, and the signal's
 * reason when the caller aborts.
 */
export interface Client {
  listApiTokens(query?: ListApiTokensQuery, call?: CallOptions): Promise<ApiTokenPage>;
  createApiToken(request: CreateApiTokenRequest, call?: CreateCallOptions): Promise<CreatedApiToken>;
  getApiToken(id: string, call?: CallOptions): Promise<ApiToken>;
  updateApiToken(id: string, request: UpdateApiTokenRequest, call?: UpdateCallOptions): Promise<ApiToken>;
  revokeApiToken(id: string, query?: { readonly confirmLabel?: string }, call?: CallOptions): Promise<void>;
  rotateApiToken(id: string, request?: RotateApiTokenRequest, call?: CallOptions): Promise<RotatedApiToken>;
  activateApiToken(id: string, request: { readonly fingerprint: string }, call?: CallOptions): Promise<ApiToken>;
  listApiTokenMail(id: string, query?: ListApiTokenMailQuery, call?: CallOptions): Promise<ApiTokenMailPage>;
  verifyApiToken(request: { readonly token: string; readonly ip?: string }, call?: CallOptions): Promise<Verification>;
  listAuditEvents(query?: ListAuditEventsQuery, call?: CallOptions): Promise<AuditEventPage>;
  introspectToken(
    request: { readonly token: string; readonly ip?: string },
    call?: CallOptions,
  ): Promise<Introspection>;
  revokeToken(request: { readonly token: string }, call?: CallOptions): Promise<void>;
  /** What a reverse proxy asks: resolves when the client's own token may pass. */
  forwardAuth(query?: { readonly role?: Role }, call?: CallOptions): Promise<void>;
  getMe(call?: CallOptions): Promise<Me>;
  getOrganization(call?: CallOptions): Promise<Organization>;
  getOrganizationPolicy(call?: CallOptions): Promise<OrganizationPolicy>;
  updateOrganizationPolicy(request: UpdateOrganizationPolicyRequest, call?: CallOptions): Promise<OrganizationPolicy>;
  getProblem(code: Schemas["ProblemCode"], call?: CallOptions): Promise<ProblemExplanation>;
  getLiveness(call?: CallOptions): Promise<Health>;
  getReadiness(call?: CallOptions): Promise<Health>;
}

const defaultDeadlineMs = 30_000;
const sdkUserAgent = "orgtokens-sdk/0.1.0";

/** The start of each HTTP call, as `openapi-fetch` returns it. */
type FetchResult<Body> = { readonly data?: Body; readonly error?: unknown; readonly response: Response };
type Init = { readonly signal: AbortSignal; readonly fetch: (request: Request) => Promise<Response> };

/**
 * Makes a client.
 * @throws ClientOptionsError when the endpoint or the token cannot be used; the message does not hold the token.
 */
export function createClient(options: ClientOptions): Client {
  const baseUrl = parseEndpoint(options);
  const http =
    "session" in options ? createSessionHttp(baseUrl, options.session) : createApiTokenHttp(baseUrl, options);
  return createOperations(http, createCaller(options));
}

function createApiTokenHttp(baseUrl: string, options: ConnectionOptions & ApiTokenAuthentication): FetchClient<paths> {
  return createFetchClient<paths>({
    baseUrl,
    headers: {
      "X-API-KEY": parseApiToken(options.apiToken),
      "User-Agent": [options.userAgent, sdkUserAgent].filter(Boolean).join(" "),
    },
  });
}

/** The cookie goes to the page's own origin only, and no answer is kept by the browser. */
function createSessionHttp(baseUrl: string, { csrfToken }: SessionAuthentication["session"]): FetchClient<paths> {
  const http = createFetchClient<paths>({ baseUrl, credentials: "same-origin", cache: "no-store" });
  http.use({
    onRequest({ request }) {
      const text = csrfToken();
      if (text !== undefined) request.headers.set("X-CSRF-Token", text);
    },
  });
  return http;
}

/** Runs one operation: its deadline, its attempts, its errors. */
type Caller = <Body>(
  operationId: keyof operations,
  isRepeatable: boolean,
  call: CallOptions | undefined,
  run: (init: Init) => Promise<FetchResult<Body>>,
) => Promise<Body>;

function createCaller(options: ClientOptions): Caller {
  const send = options.fetch ?? fetch;
  return async (operationId, isRepeatable, call, run) => {
    const deadline = AbortSignal.timeout(call?.deadlineMs ?? options.deadlineMs ?? defaultDeadlineMs);
    const signal = call?.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
    signal.throwIfAborted();
    const policy = { operationId, isRepeatable, signal };
    const result = await answered(operationId, () =>
      run({ signal, fetch: (request) => guardedFetch(send, request, policy) }),
    );
    const { response, data, error } = result;
    const isEmpty = response.status === 204 || response.headers.get("content-length") === "0";
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

function redirected(operationId: string, response: Response, requestId: string): ApiError {
  return new ApiError({
    operationId,
    code: "unexpected_response",
    status: response.status,
    title: "The endpoint redirects",
    detail: "Redirects are not followed, so that no token is sent to anybody else. Set the endpoint to its target.",
    retryable: false,
    requestId,
    errors: [],
    apiTokenId: undefined,
  });
}

/** Sends a body as OAuth wants it. */
const form = {
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  bodySerializer: (body: Readonly<Record<string, string>>) => new URLSearchParams(body),
};

function createOperations(http: FetchClient<paths>, call: Caller): Client {
  const at = (id: string) => ({ path: { id } });
  return {
    listApiTokens: (query = {}, options) =>
      call("listApiTokens", true, options, (init) => http.GET("/v2/api-tokens", { params: { query }, ...init })),
    createApiToken: (body, options) => {
      // With a destination, a deferred creation repeated answers the same token; otherwise the key sees to that.
      const hasDestination = body.activation === "deferred" && body.destination !== undefined;
      const key =
        options?.idempotencyKey === undefined && !hasDestination ? crypto.randomUUID() : options?.idempotencyKey;
      const header = typeof key === "string" ? { "Idempotency-Key": key } : {};
      return call("createApiToken", hasDestination || typeof key === "string", options, (init) =>
        http.POST("/v2/api-tokens", { params: { header }, body, ...init }),
      );
    },
    getApiToken: (id, options) =>
      call("getApiToken", true, options, (init) => http.GET("/v2/api-tokens/{id}", { params: at(id), ...init })),
    updateApiToken: (id, body, options) =>
      call("updateApiToken", false, options, (init) =>
        http.PATCH("/v2/api-tokens/{id}", {
          params: { ...at(id), header: ifMatch(options?.ifVersion) },
          body,
          ...init,
        }),
      ),
    revokeApiToken: (id, query = {}, options) =>
      call<undefined>("revokeApiToken", true, options, (init) =>
        http.DELETE("/v2/api-tokens/{id}", { params: { ...at(id), query }, ...init }),
      ),
    rotateApiToken: (id, body = {}, options) =>
      // A deferred rotation repeated replaces a secret that nobody has.
      call("rotateApiToken", body.activation === "deferred", options, (init) =>
        http.POST("/v2/api-tokens/{id}/rotate", { params: at(id), body, ...init }),
      ),
    activateApiToken: (id, body, options) =>
      call("activateApiToken", true, options, (init) =>
        http.POST("/v2/api-tokens/{id}/activate", { params: at(id), body, ...init }),
      ),
    listApiTokenMail: (id, query = {}, options) =>
      call("listApiTokenMail", true, options, (init) =>
        http.GET("/v2/api-tokens/{id}/mail", { params: { ...at(id), query }, ...init }),
      ),
    verifyApiToken: (body, options) =>
      call("verifyApiToken", true, options, (init) => http.POST("/v2/api-tokens/verify", { body, ...init })),
    listAuditEvents: (query = {}, options) =>
      call("listAuditEvents", true, options, (init) => http.GET("/v2/audit-events", { params: { query }, ...init })),
    introspectToken: (body, options) =>
      call("introspectToken", true, options, (init) => http.POST("/oauth2/introspect", { body, ...form, ...init })),
    revokeToken: (body, options) =>
      call<undefined>("revokeToken", true, options, (init) => http.POST("/oauth2/revoke", { body, ...form, ...init })),
    forwardAuth: (query = {}, options) =>
      call<undefined>("forwardAuth", true, options, (init) =>
        http.GET("/v2/forward-auth", { params: { query }, ...init }),
      ),
    getMe: (options) => call("getMe", true, options, (init) => http.GET("/v2/me", init)),
    getOrganization: (options) => call("getOrganization", true, options, (init) => http.GET("/v2/organization", init)),
    getOrganizationPolicy: (options) =>
      call("getOrganizationPolicy", true, options, (init) => http.GET("/v2/organization/policy", init)),
    updateOrganizationPolicy: (body, options) =>
      call("updateOrganizationPolicy", false, options, (init) =>
        http.PATCH("/v2/organization/policy", { body, ...init }),
      ),
    getProblem: (code, options) =>
      call("getProblem", true, options, (init) =>
        http.GET("/problems/{code}", { params: { path: { code } }, ...init }),
      ),
    getLiveness: (options) => call("getLiveness", true, options, (init) => http.GET("/health/live", init)),
    getReadiness: (options) => call("getReadiness", true, options, (init) => http.GET("/health/ready", init)),
  };
}

function ifMatch(version: string | undefined): { readonly "If-Match"?: string } {
  return version === undefined ? {} : { "If-Match": `"${version}"` };
}

/** Loopback is the one place where nobody can listen in on plain http. */
function parseEndpoint({ endpoint, allowInsecureHttp = false }: ClientOptions): string {
  const url = URL.parse(endpoint);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new ClientOptionsError("endpoint", "an http or https URL, such as https://tokens.example.com.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new ClientOptionsError("endpoint", "a URL without credentials, query and fragment.");
  }
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback && !allowInsecureHttp) {
    throw new ClientOptionsError(
      "endpoint",
      "https, because the token would travel in the clear. Plain http works for loopback addresses only.",
    );
  }
  return url.href.replace(/\/$/, "");
}

function parseApiToken(apiToken: string): string {
  if (/^[!-~]{1,200}$/.test(apiToken)) return apiToken;
  throw new ClientOptionsError("apiToken", "an API token: 1 to 200 printable characters without spaces.");
}
