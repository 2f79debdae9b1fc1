import type {
  ApiToken,
  ApiTokenPage,
  CallOptions,
  Client,
  CreateApiTokenRequest,
  CreatedApiToken,
  ListApiTokensQuery,
  Me,
} from "./client.ts";
import { ApiError } from "./errors.ts";
import { iterateApiTokens } from "./iterate-api-tokens.ts";
import { fingerprintOf } from "./token-text.ts";

/** What a server offers: the whole contract, or its three base operations only (list, create, revoke). */
export type ServerKind = "full" | "base";

/** What a server offers, and who the caller is where the server can tell. */
export type DetectedServer = { readonly kind: "full"; readonly me: Me } | { readonly kind: "base" };

/**
 * Finds out what a server offers: one request to a server of ours, two to another.
 *
 * @throws what `getMe` throws, unless the server has no such operation and lists tokens as the base operations do.
 */
export async function detectServer(
  client: Pick<Client, "getMe" | "listApiTokens">,
  call?: CallOptions,
): Promise<DetectedServer> {
  try {
    return { kind: "full", me: await client.getMe(call) };
  } catch (error) {
    if (!isNoOperation(error)) throw error;
    if (await listsTokens(client, call)) return { kind: "base" };
    throw error;
  }
}

/**
 * A client for a server that has the three base operations only. It speaks of tokens as the whole contract does, so that
 * deliveries work through it:
 *
 * - A deferred creation is a creation at once. Until it is activated here, the token is said to be `pending`; in truth it lives.
 * - A token is found by walking the list. One that is not in the list is `api_token_not_found`. The filters `id` and `label` are
 *   applied here, to all of the list at once; the list has live tokens only, whatever `status` asks for.
 * - Of a token that this client did not create, the fingerprint and the version are empty.
 * - Every other operation throws an `ApiError` with the code `unsupported_by_server`, and sends nothing.
 */
export function createBaseClient(client: Client): Client {
  const issued = new Map<string, { readonly fingerprint: string; readonly status: "pending" | "active" }>();
  const complete = (token: BaseApiToken): ApiToken => ({ ...absentMembers, ...token, ...issued.get(token.id) });
  const filter = async ({ id, label }: ListApiTokensQuery, call?: CallOptions): Promise<ApiTokenPage> => {
    const tokens: ApiToken[] = [];
    for await (const token of iterateApiTokens({ listApiTokens: listPage }, {}, call)) {
      if ((id?.includes(token.id) ?? true) && (label === undefined || token.label === label)) tokens.push(token);
    }
    return { tokens, total: tokens.length, nextPage: null, nextCursor: null };
  };
  const find = async (id: string, call?: CallOptions): Promise<ApiToken | undefined> =>
    (await filter({ id: [id] }, call)).tokens[0];
  const get = async (operationId: string, id: string, call?: CallOptions): Promise<ApiToken> => {
    const token = await find(id, call);
    if (token === undefined) throw notFound(operationId, id);
    return token;
  };
  const listPage: Client["listApiTokens"] = async (query = {}, call) => {
    if (query.id !== undefined || query.label !== undefined) return filter(query, call);
    const page: Partial<ApiTokenPage> = await client.listApiTokens(baseQuery(query), call);
    if (!isBasePage(page)) throw notAPage();
    return { ...page, tokens: page.tokens.map(complete) };
  };
  return {
    ...unsupportedOperations(client),
    listApiTokens: listPage,
    async createApiToken(request, call) {
      const { label, role } = supportedCreation(request);
      // Nothing makes it harmless to send this again: no key is understood.
      const { token, ...created } = await client.createApiToken({ label, role }, { ...call, idempotencyKey: null });
      const status = request.activation === "deferred" ? "pending" : "active";
      issued.set(created.id, { fingerprint: await fingerprintOf(token), status });
      const answered: CreatedApiToken = { ...complete(created), token, warnings: [] };
      return answered;
    },
    getApiToken: (id, call) => get("getApiToken", id, call),
    async activateApiToken(id, { fingerprint }, call) {
      const found = await get("activateApiToken", id, call);
      issued.set(id, { fingerprint, status: "active" });
      return { ...found, fingerprint, status: "active" };
    },
    async revokeApiToken(id, _query, call) {
      try {
        await client.revokeApiToken(id, {}, call);
      } catch (error) {
        // Only the list tells a token that is gone from a proxy that answers 404.
        if (!isStatus(error, 404) || (await find(id, call)) !== undefined) throw error;
        throw notFound("revokeApiToken", id);
      }
    },
  };
}

/** What the base operations say of a token. */
type BaseApiToken = Pick<
  ApiToken,
  "id" | "obfuscatedToken" | "label" | "role" | "created" | "createdBy" | "lastUsed" | "accountId"
>;

const absentMembers = {
  status: "active",
  lastUsedIp: null,
  description: null,
  expiresAt: null,
  rotatedAt: null,
  revokedAt: null,
  destination: null,
  managedBy: null,
  allowedNetworks: [],
  fingerprint: "",
  newFingerprint: null,
  version: "",
} satisfies Omit<ApiToken, keyof BaseApiToken>;

/** The filters are not known there: what asks for one must not be answered with everything. */
function baseQuery({ page, limit, status: _, ...filters }: ListApiTokensQuery): ListApiTokensQuery {
  const [filter] = Object.entries(filters).filter(([, value]) => value !== undefined);
  if (filter !== undefined) throw unsupported("listApiTokens", `the filter ${filter[0]}`);
  return { ...(page === undefined ? {} : { page }), ...(limit === undefined ? {} : { limit }) };
}

/** Leaves out what the client itself stands in for, and refuses what would be lost. */
function supportedCreation(request: CreateApiTokenRequest): Pick<CreateApiTokenRequest, "label" | "role"> {
  const { label, role, activation: _, destination: __, managedBy: ___, ...more } = request;
  const [extra] = Object.entries(more).filter(([, value]) => value !== undefined);
  if (extra !== undefined) throw unsupported("createApiToken", extra[0]);
  return { label, role };
}

function isBasePage(page: Partial<ApiTokenPage>): page is ApiTokenPage {
  return Array.isArray(page.tokens) && typeof page.total === "number";
}

/** An answer that is no page is another server's. A refusal of the caller is told as it is. */
async function listsTokens(client: Pick<Client, "listApiTokens">, call: CallOptions | undefined): Promise<boolean> {
  try {
    return isBasePage(await client.listApiTokens({ page: 1, limit: 1 }, call));
  } catch (error) {
    if (isNoOperation(error)) return false;
    throw error;
  }
}

/** Whether a server said that it has no such path, in whatever words. A problem document would be an answer of ours. */
function isNoOperation(error: unknown): boolean {
  return error instanceof ApiError && error.code === "unexpected_response" && [404, 405, 501].includes(error.status);
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}

/** A client each operation of which says that this server does not have it. */
function unsupportedOperations(client: Client): Client {
  const refusals = Object.keys(client).map((name) => {
    const refuse = (): Promise<never> => Promise.reject(unsupported(name, "this operation"));
    return [name, refuse] as const;
  });
  return Object.assign({ ...client }, Object.fromEntries(refusals));
}

function unsupported(operationId: string, what: string): ApiError {
  return failure(operationId, {
    code: "unsupported_by_server",
    status: 501,
    title: "The server has the three base operations only",
    detail: `It lists, creates and revokes tokens, and does not know ${what}.`,
  });
}

function notFound(operationId: string, id: string): ApiError {
  const detail = `The server's list has no token ${id}.`;
  return failure(operationId, { code: "api_token_not_found", status: 404, title: "No such token", detail });
}

function notAPage(): ApiError {
  return failure("listApiTokens", {
    code: "unexpected_response",
    status: 200,
    title: "Something else than an orgtokens server answered",
    detail: "The answer is no page of tokens. Check the endpoint, and proxies before it.",
  });
}

function failure(operationId: string, what: Pick<ApiError, "code" | "status" | "title" | "detail">): ApiError {
  return new ApiError({ ...what, operationId, retryable: false, requestId: "", errors: [], apiTokenId: undefined });
}
