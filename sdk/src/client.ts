import createFetchClient, { type Client as FetchClient } from "openapi-fetch";
import { createCaller } from "./caller.ts";
import { ClientOptionsError } from "./errors.ts";
import type { components, operations, paths } from "./openapi.d.ts";
import { createOperations } from "./operations.ts";

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
export type ReportLeakRequest = Schemas["ReportLeakRequest"];
export type LeakReport = Schemas["LeakReport"];
export type AuditEventPage = Schemas["AuditEventPage"];
export type ListAuditEventsQuery = NonNullable<operations["listAuditEvents"]["parameters"]["query"]>;
export type ListApiTokenMailQuery = NonNullable<operations["listApiTokenMail"]["parameters"]["query"]>;
export type ApiTokenMailPage = Schemas["ApiTokenMailPage"];
export type Verification = Schemas["Verification"];
/** What a verification tells of a token. */
export type ApiTokenSummary = Schemas["ApiTokenSummary"];
/** Why a token that was presented is worth nothing. */
export type InactiveReason = Schemas["InactiveReason"];
export type VerificationList = Schemas["VerificationList"];
/** A token somebody presented, and from which address. */
export type PresentedToken = { readonly token: string; readonly ip?: string };
/** Which tokens changed, up to which position of the organization's history. */
export type ApiTokenChanges = Schemas["ApiTokenChanges"];
export type ListApiTokenChangesQuery = NonNullable<operations["listApiTokenChanges"]["parameters"]["query"]>;
export type Introspection = Schemas["Introspection"];
export type Me = Schemas["Me"];
export type Organization = Schemas["Organization"];
export type OrganizationPolicy = Schemas["OrganizationPolicy"];
export type UpdateOrganizationPolicyRequest = Schemas["UpdateOrganizationPolicyRequest"];
export type ProblemExplanation = Schemas["ProblemExplanation"];
export type Health = Schemas["Health"];
/** The session of a signed-in user, with the `csrfToken` that its changes carry. */
export type Session = Schemas["Session"];
/** A session that was just signed in to, and where its user wanted to go. */
export type CreatedSession = Schemas["CreatedSession"];
export type SessionList = Schemas["SessionList"];
export type SessionSummary = Schemas["SessionSummary"];
export type SignInWays = Schemas["SignInWays"];
export type SignInLinkRequest = Schemas["SignInLinkRequest"];
export type User = Schemas["User"];
export type UserPage = Schemas["UserPage"];
export type ListUsersQuery = NonNullable<operations["listUsers"]["parameters"]["query"]>;
export type InviteUserRequest = Schemas["InviteUserRequest"];
export type UpdateUserRequest = Schemas["UpdateUserRequest"];

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
  /** How often a call is sent at most, where sending it again is harmless: 1 to 20. Default 3. */
  readonly maxAttempts?: number;
  /** Put before the SDK's own in `User-Agent`, which a browser fills in itself. */
  readonly userAgent?: string;
  /** Allows plain http to other machines, where anybody between can read the token. */
  readonly allowInsecureHttp?: boolean;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Told of each request after it has ended, such as for a log or a trace. What it throws is ignored. */
  readonly onAttempt?: (attempt: Attempt) => void;
};

/** One request that was sent, and what became of it. It holds no token, and nothing of query, bodies and header fields. */
export type Attempt = {
  readonly operationId: string;
  readonly method: string;
  /** The path of the URL, such as `/v2/api-tokens`. */
  readonly path: string;
  /** 1 for the first one of a call. */
  readonly number: number;
  readonly durationMs: number;
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** By which the server's log knows it; undefined when no answer said so. */
  readonly requestId: string | undefined;
  /** Why there was no answer: a `ConnectionError`, or the reason of who gave up. */
  readonly error: unknown;
  /** How long it is waited before the next one, in milliseconds; undefined when this was the last one. */
  readonly retriedAfterMs: number | undefined;
};

/** What one call may be given. */
export type CallOptions = {
  readonly signal?: AbortSignal;
  /** Instead of the client's. */
  readonly deadlineMs?: number;
  /** Instead of the client's. */
  readonly maxAttempts?: number;
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
 * Each throws `ApiError` when the server refuses, `ConnectionError` when it does not answer, and the signal's
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
  verifyApiToken(request: PresentedToken, call?: CallOptions): Promise<Verification>;
  /** Of up to 50 tokens, in their order. */
  verifyApiTokens(presented: readonly PresentedToken[], call?: CallOptions): Promise<VerificationList>;
  /** What changed since `after`, waiting up to `waitSeconds` for it: shorter than the call's deadline. */
  listApiTokenChanges(query?: ListApiTokenChangesQuery, call?: CallOptions): Promise<ApiTokenChanges>;
  /** Without a token of the client: anybody may report one. */
  reportLeak(request: ReportLeakRequest, call?: CallOptions): Promise<LeakReport>;
  listAuditEvents(query?: ListAuditEventsQuery, call?: CallOptions): Promise<AuditEventPage>;
  introspectToken(request: PresentedToken, call?: CallOptions): Promise<Introspection>;
  revokeToken(request: { readonly token: string }, call?: CallOptions): Promise<void>;
  /** What a reverse proxy asks: resolves when the client's own token may pass. */
  forwardAuth(query?: { readonly role?: Role }, call?: CallOptions): Promise<void>;
  getMe(call?: CallOptions): Promise<Me>;
  getOrganization(call?: CallOptions): Promise<Organization>;
  getOrganizationPolicy(call?: CallOptions): Promise<OrganizationPolicy>;
  updateOrganizationPolicy(request: UpdateOrganizationPolicyRequest, call?: CallOptions): Promise<OrganizationPolicy>;
  listUsers(query?: ListUsersQuery, call?: CallOptions): Promise<UserPage>;
  inviteUser(request: InviteUserRequest, call?: CallOptions): Promise<User>;
  getUser(id: string, call?: CallOptions): Promise<User>;
  updateUser(id: string, request: UpdateUserRequest, call?: CallOptions): Promise<User>;
  removeUser(id: string, call?: CallOptions): Promise<void>;
  getSession(call?: CallOptions): Promise<Session>;
  createSession(request: { readonly linkToken: string }, call?: CallOptions): Promise<CreatedSession>;
  signOut(call?: CallOptions): Promise<void>;
  listSessions(call?: CallOptions): Promise<SessionList>;
  revokeSession(id: string, call?: CallOptions): Promise<void>;
  getSignInWays(call?: CallOptions): Promise<SignInWays>;
  requestSignInLink(request: SignInLinkRequest, call?: CallOptions): Promise<void>;
  getProblem(code: Schemas["ProblemCode"], call?: CallOptions): Promise<ProblemExplanation>;
  getLiveness(call?: CallOptions): Promise<Health>;
  getReadiness(call?: CallOptions): Promise<Health>;
}

const sdkUserAgent = "orgtokens-sdk/0.1.0";

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
