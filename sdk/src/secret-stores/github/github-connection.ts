import { setTimeout as sleep } from "node:timers/promises";
import { SecretStoreError } from "../secret-store-error.ts";
import { untilAborted } from "../until-aborted.ts";
import { type GitHubAccess, gitHubApiUrl, requireGitHubAccess } from "./github-access.ts";
import { explainLimit, type GitHubAnswer, limitOf } from "./github-answer.ts";
import { type GitHubClient, openGitHubClient } from "./github-client.ts";
import type { GitHubLevel, GitHubPermission } from "./github-level.ts";

/** One call: a route of GitHub's description, below the path of the level, and what fills it. */
export type GitHubCall = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What the call needs. */
  readonly permission: GitHubPermission;
  /** Statuses besides 2xx that the caller deals with. */
  readonly expected?: readonly number[];
};

/** What GitHub answers when it did what it was asked; anything else with 2xx comes from something else. */
const success: Readonly<Record<GitHubCall["method"], readonly number[]>> = {
  GET: [200],
  POST: [201],
  PUT: [201, 204],
  PATCH: [204],
  DELETE: [204],
};

/** The longest that is waited for GitHub's limits within a call, and how often a call is made. */
const [maxWaitMs, maxAttempts] = [8_000, 3];
/** How long opening a client may take, such as asking `gh` for its token, in milliseconds. */
const openingMs = 20_000;

/** Speaks GitHub's REST API about one level. What GitHub says in words is not passed on. */
export class GitHubConnection {
  readonly #level: GitHubLevel;
  readonly #access: GitHubAccess;
  readonly #destination: string;
  #client: Promise<GitHubClient> | undefined;

  /** @throws SecretStoreError `secret_store_invalid_argument` for an address or credentials that cannot be used. */
  constructor(access: GitHubAccess, level: GitHubLevel, destination: string) {
    requireGitHubAccess(access, destination);
    this.#access = access;
    this.#level = level;
    this.#destination = destination;
  }

  /**
   * Makes a call; waits where GitHub asks for a short time, as its limits of rate do.
   * @throws SecretStoreError for every answer that is not expected, and for none.
   */
  async send(call: GitHubCall, signal: AbortSignal): Promise<GitHubAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#exchange(call, signal);
      const limit = limitOf(answer);
      if (limit === undefined) {
        const isFine = success[call.method].includes(answer.status) || call.expected?.includes(answer.status) === true;
        if (isFine) return answer;
        throw this.#explain(call, answer.status);
      }
      if (limit.waitMs > maxWaitMs || attempt === maxAttempts)
        throw this.error("secret_store_unreachable", explainLimit(limit));
      await sleep(limit.waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  /**
   * Finds out, where GitHub tells, that the credentials may write: it tells what an App's installation may do, and nothing of
   * a token that was given.
   * @throws SecretStoreError `secret_store_refused`
   */
  async requireWriteRights(signal: AbortSignal): Promise<void> {
    const client = await this.#open(signal);
    const granted = await client.listPermissions(signal);
    if (granted === undefined) return;
    const { secrets, variables } = this.#level;
    const missing = [secrets, variables].filter(({ key }) => granted[key] !== "write");
    if (missing.length > 0) throw this.#refused(missing);
  }

  /** The error of a place that cannot be used as it is. */
  error(code: SecretStoreError["code"], message: string): SecretStoreError {
    return new SecretStoreError(code, this.#destination, message);
  }

  async #exchange({ method, path, parameters }: GitHubCall, signal: AbortSignal): Promise<GitHubAnswer> {
    const client = await this.#open(signal);
    const route = `${method} ${this.#level.path}${path}`;
    return client.send(route, { ...this.#level.parameters, ...parameters }, signal);
  }

  /** A client that could not be opened, because nobody was logged in, is opened again by the next call. */
  async #open(signal: AbortSignal): Promise<GitHubClient> {
    // With a time of its own: whoever asked first may give up, and the others still wait for it.
    this.#client ??= openGitHubClient(this.#access, this.#destination, AbortSignal.timeout(openingMs)).catch(
      (error) => {
        this.#client = undefined;
        throw error;
      },
    );
    return untilAborted(this.#client, signal);
  }

  #explain({ method, permission }: GitHubCall, status: number): SecretStoreError {
    const { what } = this.#level;
    const host = new URL(this.#access.apiUrl ?? gitHubApiUrl).host;
    if (status === 401) return this.error("secret_store_refused", "GitHub does not accept the credentials (401).");
    if (status === 403) return this.#refused([permission]);
    if (status >= 300 && status < 400)
      return this.error(
        "secret_store_not_found",
        `${what} was renamed or moved (${status}). Name it as it is called now.`,
      );
    if (status === 404) {
      const message = `GitHub has nothing at ${what}, or does not show it to these credentials (404). Check its name; they need the ${permission.title}.`;
      return this.error("secret_store_not_found", message);
    }
    if (status >= 500)
      return this.error("secret_store_unreachable", `GitHub at ${host} cannot answer now (${status}).`);
    return this.error("secret_store_failed", `GitHub refused ${method} in ${what} (${status}).`);
  }

  #refused(missing: readonly GitHubPermission[]): SecretStoreError {
    const list = missing.map(({ title }) => title).join(" and ");
    const message = `GitHub's credentials may not do that in ${this.#level.what} (403). They need: ${list}, read and write.`;
    return this.error("secret_store_refused", message);
  }
}
