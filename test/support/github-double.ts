/** GitHub's REST API as its description and documentation have it, in memory, behind HTTP on the loopback address. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import sodium from "libsodium-wrappers";
import { asObject } from "../check/tree.ts";
import { type GitHubDescription, readGitHubDescription } from "./github-description.ts";
import { GitHubIdentities } from "./github-identity.ts";
import { type GitHubReply, GitHubSecrets } from "./github-secrets.ts";

/** What happens to a request instead of an answer: it hangs for ever, or the connection is cut before or in the answer. */
export type GitHubMishap = "hang" | "cut" | "cut in the middle" | "garbage";

/** The double. */
export type GitHubDouble = {
  readonly apiUrl: string;
  readonly secrets: GitHubSecrets;
  readonly identities: GitHubIdentities;
  /** A token that may do everything. */
  readonly token: string;
  /** Lets time pass at GitHub. */
  readonly elapse: (seconds: number) => void;
  /** Sees each request first, as `GET /orgs/my-org/...`; what it gives is the answer. */
  readonly interfere: (look: ((call: string) => GitHubReply | GitHubMishap | undefined) | undefined) => void;
  /** The calls since the double was started. */
  readonly calls: readonly string[];
  /** What points a program at the double. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

/** Starts the double on a free port. There are `my-org`, its `my-repo`, and the environment `production` of that. */
export async function startGitHubDouble(): Promise<GitHubDouble> {
  await sodium.ready;
  const description = await readGitHubDescription();
  let aheadMs = 0;
  const nowMs = () => Date.now() + aheadMs;
  const secrets = new GitHubSecrets(nowMs);
  secrets.addLevel("my-org");
  secrets.addLevel("my-org", "my-repo");
  secrets.addLevel("my-org", "my-repo", "production");
  const identities = new GitHubIdentities();
  const calls: string[] = [];
  let look: ((call: string) => GitHubReply | GitHubMishap | undefined) | undefined;
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    calls.push(call);
    const text = await readText(request);
    const reply = look?.(call) ?? answer({ description, secrets, identities }, request, text);
    send(response, reply, new Date(nowMs()).toUTCString());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const apiUrl = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const token = identities.tokenWith({ "*": "write" });
  return {
    apiUrl,
    secrets,
    identities,
    token,
    calls,
    elapse: (seconds) => {
      aheadMs += seconds * 1000;
    },
    interfere: (next) => {
      look = next;
    },
    environment: { GITHUB_API_URL: apiUrl, GITHUB_TOKEN: token },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Parts = {
  readonly description: GitHubDescription;
  readonly secrets: GitHubSecrets;
  readonly identities: GitHubIdentities;
};

function answer({ description, secrets, identities }: Parts, request: IncomingMessage, text: string): GitHubReply {
  const method = request.method ?? "";
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const operation = description(method, pathname);
  if (operation === undefined) return { status: 404, body: { message: "Not Found" } };
  const authorization = request.headers.authorization ?? "";
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const permissions = identities.permissionsOf(authorization);
  const reply = operation.path.startsWith("/app/")
    ? exchange(identities, operation.parameters["installation_id"] ?? "", authorization)
    : permissions === undefined
      ? { status: 401, body: { message: "Bad credentials" } }
      : (forbidden(method, operation.path, permissions) ??
        faulty(operation.fault(body)) ??
        secrets.answer({ ...operation, method, body: asObject(body ?? {}), query: searchParams }));
  // What we keep of a repository is its id.
  if (reply.status >= 300 || operation.path.endsWith("/repositories")) return reply;
  const fault = operation.answerFault(reply.status, reply.body);
  if (fault !== undefined) throw new Error(`The double answers ${method} ${operation.path} wrongly: ${fault}`);
  return reply;
}

function faulty(fault: string | undefined): GitHubReply | undefined {
  return fault === undefined ? undefined : { status: 422, body: { message: fault } };
}

/** @see https://docs.github.com/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens */
function forbidden(method: string, path: string, granted: Readonly<Record<string, string>>): GitHubReply | undefined {
  const isSecret = path.includes("/secrets");
  const needed = path.startsWith("/orgs/")
    ? isSecret
      ? "organization_secrets"
      : "organization_actions_variables"
    : path.includes("/environments/")
      ? "environments"
      : isSecret
        ? "secrets"
        : "actions_variables";
  const level = granted["*"] ?? granted[needed];
  if (level === "write" || (level === "read" && method === "GET")) return undefined;
  const wanted = `${needed}=${method === "GET" ? "read" : "write"}`;
  const body = { message: "Resource not accessible by personal access token" };
  return { status: 403, body, headers: { "x-accepted-github-permissions": wanted } };
}

function exchange(identities: GitHubIdentities, installationId: string, authorization: string): GitHubReply {
  const exchanged = identities.exchange(installationId, authorization);
  if (typeof exchanged === "number") return { status: exchanged, body: { message: "no token" } };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  return { status: 201, body: { ...exchanged, expires_at: expiresAt, repository_selection: "all" } };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, reply: GitHubReply | GitHubMishap, date: string): void {
  if (reply === "hang") return;
  if (reply === "cut") return void response.destroy();
  if (reply === "cut in the middle") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"name":"hunter2');
    setImmediate(() => response.destroy());
    return;
  }
  if (reply === "garbage") return void response.writeHead(200, { "content-type": "text/html" }).end("<p>hunter2</p>");
  const headers = { "content-type": "application/json; charset=utf-8", date, ...reply.headers };
  response.writeHead(reply.status, headers).end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
}
