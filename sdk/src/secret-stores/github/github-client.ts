import type { StrategyOptions } from "@octokit/auth-app";
import type { request as octokitRequest } from "@octokit/request";
import { readBody } from "../../read-body.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { untilAborted } from "../until-aborted.ts";
import { readGhToken } from "./gh-token.ts";
import { type GitHubAccess, gitHubApiUrl } from "./github-access.ts";
import { type GitHubAnswer, memberOf } from "./github-answer.ts";

/** The official client with its credentials. */
export type GitHubClient = {
  /**
   * Sends a request; every status is an answer.
   * @throws SecretStoreError when nothing answers, or the credentials are of no use; the signal's reason.
   */
  send(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<GitHubAnswer>;
  /** What the installation of an App may do; undefined for a token. */
  listPermissions(signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
};

type Octokit = typeof octokitRequest;
type AppAuth = ReturnType<typeof import("@octokit/auth-app")["createAppAuth"]>;

/** The longest answer that is read, in bytes: a variable has 48 KiB at most. */
const maxBodyBytes = 1024 * 1024;
/** How long an exchange of an App's key for a token may take, which has no signal of its own, in milliseconds. */
const exchangeMs = 20_000;
const packages = ["@octokit/auth-app", "@octokit/request", "libsodium-wrappers"];

/**
 * Loads the official client.
 * @throws SecretStoreError when it is not installed, or nobody is logged in.
 */
export async function openGitHubClient(
  access: GitHubAccess,
  destination: string,
  signal: AbortSignal,
): Promise<GitHubClient> {
  const baseUrl = (access.apiUrl ?? gitHubApiUrl).replace(/\/+$/, "");
  const { request, createAppAuth } = await load(destination);
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const headers = { "user-agent": "orgtokens", "x-github-api-version": "2022-11-28" };
  const base = request.defaults({ baseUrl, headers, request: { fetch: fetchWithinLimits, log } });
  if (access.app !== undefined) {
    const auth = createAppAuth({ ...access.app, request: base, log } satisfies StrategyOptions);
    return new OctokitClient(base.defaults({ request: { hook: auth.hook } }), auth, destination, baseUrl);
  }
  const token = access.token ?? (await readGhToken(baseUrl, signal));
  if (token === undefined) throw new SecretStoreError("secret_store_refused", destination, nobody);
  return new OctokitClient(
    base.defaults({ headers: { authorization: `Bearer ${token}` } }),
    undefined,
    destination,
    baseUrl,
  );
}

const nobody =
  "There are no credentials of GitHub. Give a token or an App, set GH_TOKEN or GITHUB_TOKEN, or log in with gh auth login.";

async function load(destination: string) {
  try {
    const [{ request }, { createAppAuth }] = await Promise.all([
      import("@octokit/request"),
      import("@octokit/auth-app"),
    ]);
    return { request, createAppAuth };
  } catch {
    const message = `Packages are missing: npm install ${packages.join(" ")}`;
    throw new SecretStoreError("secret_store_failed", destination, message);
  }
}

class OctokitClient implements GitHubClient {
  readonly #request: Octokit;
  readonly #auth: AppAuth | undefined;
  readonly #destination: string;
  readonly #baseUrl: string;

  constructor(request: Octokit, auth: AppAuth | undefined, destination: string, baseUrl: string) {
    this.#request = request;
    this.#auth = auth;
    this.#destination = destination;
    this.#baseUrl = baseUrl;
  }

  async send(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<GitHubAnswer> {
    try {
      // It waits for GitHub's replicas, and exchanges keys, without our signal.
      return answerOf(await untilAborted(this.#request(route, { ...parameters, request: { signal } }), signal));
    } catch (error) {
      signal.throwIfAborted();
      const answer = answerOf(memberOf(error, "response"));
      if (isExchange(error)) throw this.#explainExchange(answer.status);
      if (answer.status > 0) return answer;
      throw this.#unreachable();
    }
  }

  async listPermissions(signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined> {
    if (this.#auth === undefined) return undefined;
    try {
      const { permissions } = await untilAborted(this.#auth({ type: "installation" }), signal);
      return permissions;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#explainExchange(answerOf(memberOf(error, "response")).status);
    }
  }

  #explainExchange(status: number): SecretStoreError {
    if (status === 0 || status === 429 || status >= 500) return this.#unreachable();
    const message = `GitHub gives the App no token (${status}). Check its id, the id of its installation and the private key.`;
    return new SecretStoreError("secret_store_refused", this.#destination, message);
  }

  /** Without the cause, which quotes the request. */
  #unreachable(): SecretStoreError {
    const message = `GitHub at ${new URL(this.#baseUrl).host} cannot be reached, or its answer broke off.`;
    return new SecretStoreError("secret_store_unreachable", this.#destination, message);
  }
}

/** Whether what failed is the exchange of the App's key for a token, and not the request itself. */
function isExchange(error: unknown): boolean {
  return /\/app\/installations\/\d+\/access_tokens$/.test(String(memberOf(memberOf(error, "request"), "url")));
}

/** Status 0 where there was no answer. */
function answerOf(response: unknown): GitHubAnswer {
  const headers = memberOf(response, "headers");
  const date = Date.parse(String(memberOf(headers, "date")));
  return {
    status: Number(memberOf(response, "status") ?? 0),
    headers: typeof headers === "object" && headers !== null ? { ...headers } : {},
    data: memberOf(response, "data"),
    atMs: Number.isNaN(date) ? Date.now() : date,
  };
}

/** Reads at most {@link maxBodyBytes}, and follows no redirect: it would be to another place. */
async function fetchWithinLimits(url: string, init: RequestInit): Promise<Response> {
  const signal = init.signal ?? AbortSignal.timeout(exchangeMs);
  const response = await fetch(url, { ...init, signal, redirect: "manual" });
  const body = await readBody(response, maxBodyBytes);
  const { status, headers } = response;
  return new Response(body.length === 0 ? null : body, { status, headers });
}
