/**
 * A server of the three base operations of DESIGN section 3 and nothing else, as the public API-token reference describes them:
 * what a client meets when it speaks to such a server and not to ours. Shares no code with the server of this repository.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type Client, createClient } from "@orgtokens/sdk";
import { onTestFinished } from "vitest";

/** A token as such a server lists it. */
export type BaseToken = {
  readonly id: string;
  readonly obfuscatedToken: string;
  readonly label: string;
  readonly role: string;
  readonly created: string;
  readonly createdBy: string;
  readonly lastUsed: string | null;
  readonly accountId: string;
};

/** A running one, which ends with its test. */
export type BaseServer = {
  readonly endpoint: string;
  /** The token that may do everything. */
  readonly adminToken: string;
  /** Every request so far, as `POST /v2/api-tokens`. */
  readonly requests: readonly string[];
  readonly client: Client;
  /** Newest first, the Admin token not among them. */
  tokens(): readonly BaseToken[];
  /** Whether a secret authenticates. */
  accepts(secret: string): boolean;
};

const accountId = "0199f3a0a1b2c3d4e5f60718";
const adminToken = "tok_0123456789abcdefghijABCDEFGHIJ000000";

/** Starts one on a port of loopback. */
export async function startBaseServer(): Promise<BaseServer> {
  const tokens = new Map<string, BaseToken & { readonly secret: string }>();
  const requests: string[] = [];
  const listed = () => [...tokens.values()].map(({ secret: _, ...token }) => token).reverse();
  const generate = (label: string, role: string) => {
    const number = String(tokens.size + requests.length).padStart(12, "0");
    const secret = `tok_${crypto.randomUUID().replaceAll("-", "")}${number.slice(-6)}`;
    const token: BaseToken = {
      id: `0199f3a1b2c4${number}`,
      obfuscatedToken: `${secret.slice(0, 8)}****`,
      label,
      role,
      created: new Date().toISOString(),
      createdBy: "ada@example.com",
      lastUsed: null,
      accountId,
    };
    tokens.set(token.id, { ...token, secret });
    return { ...token, token: secret };
  };

  const routes: Readonly<Record<string, (request: IncomingMessage, url: URL) => Promise<Answer> | Answer>> = {
    "GET /v2/api-tokens": (_, { searchParams }) => {
      const unknown = [...searchParams.keys()].find((name) => name !== "page" && name !== "limit");
      if (unknown !== undefined) return [400, { message: `Unknown parameter ${unknown}` }];
      const page = Number(searchParams.get("page") ?? 1);
      const limit = Number(searchParams.get("limit") ?? 10);
      const all = listed();
      const nextPage = page * limit < all.length ? page + 1 : null;
      return [200, { tokens: all.slice((page - 1) * limit, page * limit), total: all.length, nextPage }];
    },
    "POST /v2/api-tokens": async (request) => {
      const { label, role, ...more } = JSON.parse(await text(request));
      const isValid = typeof label === "string" && ["developer", "admin"].includes(role);
      if (!isValid || Object.keys(more).length > 0) return [400, { message: "Only label and role are allowed" }];
      return [201, generate(label, role)];
    },
    "DELETE /v2/api-tokens": (_, url) =>
      tokens.delete(url.pathname.split("/")[3] ?? "") ? [204] : [404, { message: "Not found" }],
  };

  const listener = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://base");
    requests.push(`${request.method} ${url.pathname}`);
    if (request.headers["x-api-key"] !== adminToken) return send(response, [401, { message: "Unauthorized" }]);
    const path = request.method === "DELETE" ? url.pathname.split("/").slice(0, 3).join("/") : url.pathname;
    const route = routes[`${request.method} ${path}`];
    send(response, route === undefined ? [404, { message: "Cannot find it" }] : await route(request, url));
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const at = listener.address();
  const endpoint = `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
  return {
    endpoint,
    adminToken,
    requests,
    client: createClient({ endpoint, apiToken: adminToken }),
    tokens: listed,
    accepts: (secret) => [...tokens.values()].some((token) => token.secret === secret),
  };
}

type Answer = readonly [status: number, body?: unknown];

function send(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
