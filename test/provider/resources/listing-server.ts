/** A far edge that lists tokens as the contract says, from memory, and counts who asks. */
import { type ApiToken, createClient } from "@orgtokens/sdk";
import { apiToken } from "../../support/edge.ts";

/** What the edge holds, and what it was asked. */
export type ListingServer = {
  readonly client: ReturnType<typeof createClient>;
  /** The queries so far. */
  readonly queries: readonly URLSearchParams[];
  /** By id; a test changes it as it likes. */
  readonly tokens: Map<string, ApiToken>;
  /** What answers instead of the list while it is set. */
  instead: ((signal: AbortSignal) => Promise<Response>) | undefined;
};

/** An id for a number: the greater, the newer. */
export const idOf = (number: number): string => number.toString(16).padStart(24, "0");

/** An edge with tokens numbered from 1. */
export function listingServer(count: number, managedBy: string | null = null): ListingServer {
  const queries: URLSearchParams[] = [];
  const tokens = new Map<string, ApiToken>();
  for (let number = 1; number <= count; number += 1) tokens.set(idOf(number), buildListed(idOf(number), managedBy));
  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { searchParams } = new URL(input instanceof Request ? input.url : input);
    queries.push(searchParams);
    await new Promise((resolve) => setImmediate(resolve));
    if (server.instead !== undefined) return server.instead(init.signal ?? new AbortController().signal);
    return Response.json(listPage([...tokens.values()], searchParams));
  };
  const server: ListingServer = {
    client: createClient({ endpoint: "http://127.0.0.1:1", apiToken, fetch: send }),
    queries,
    tokens,
    instead: undefined,
  };
  return server;
}

function listPage(tokens: readonly ApiToken[], query: URLSearchParams) {
  const [ids, owner, cursor] = [query.getAll("id"), query.get("managedBy"), query.get("cursor")];
  const matching = tokens
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .filter((token) => owner === null || token.managedBy === owner)
    .toSorted((one, other) => (one.id < other.id ? 1 : -1));
  const after = matching.filter(({ id }) => cursor === null || id < cursor);
  const shown = after.slice(0, Number(query.get("limit")));
  const hasMore = after.length > shown.length;
  return { tokens: shown, total: matching.length, nextPage: null, nextCursor: hasMore ? shown.at(-1)?.id : null };
}

/** A token as lists show it. */
export function buildListed(id: string, managedBy: string | null = null): ApiToken {
  return {
    id,
    obfuscatedToken: "tok_abcd****",
    label: `Token ${id}`,
    role: "developer",
    status: "active",
    created: "2026-11-24T09:00:00.000Z",
    createdBy: "ada@test.example",
    lastUsed: null,
    lastUsedIp: null,
    accountId: "0".repeat(24),
    description: null,
    expiresAt: null,
    rotatedAt: null,
    revokedAt: null,
    destination: null,
    managedBy,
    allowedNetworks: [],
    fingerprint: "0123456789abcdef",
    newFingerprint: null,
    version: "0123456789abcdef",
  };
}
