import { memberOf } from "./github-answer.ts";
import type { GitHubConnection } from "./github-connection.ts";
import type { GitHubLevel } from "./github-level.ts";

/** What GitHub shows of a variable. */
export type GitHubVariableState = {
  readonly value: string;
  /** How long ago it was written, by GitHub's clocks. */
  readonly ageMs: number;
};

/** One variable of a level. Variables are public to those who may read the level; they hold no secret. */
export class GitHubVariable {
  readonly #connection: GitHubConnection;
  readonly #level: GitHubLevel;
  readonly #name: string;

  constructor(connection: GitHubConnection, level: GitHubLevel, name: string) {
    this.#connection = connection;
    this.#level = level;
    this.#name = name;
  }

  /** Undefined when there is none. */
  async find(signal: AbortSignal): Promise<GitHubVariableState | undefined> {
    const { status, data, atMs } = await this.#connection.send({ ...this.#call("GET"), expected: [404] }, signal);
    if (status === 404) return undefined;
    const [value, updatedAt] = [memberOf(data, "value"), memberOf(data, "updated_at")];
    if (typeof value !== "string" || typeof updatedAt !== "string")
      throw this.#connection.error(
        "secret_store_failed",
        "What answers is no GitHub: it has variables without a value.",
      );
    return { value, ageMs: atMs - Date.parse(updatedAt) };
  }

  /** Of two that create it at once, one does: whether it is us. */
  async create(value: string, signal: AbortSignal): Promise<boolean> {
    // Nobody's workflows need to see it.
    const hidden = "org" in this.#level.parameters ? { visibility: "selected", selected_repository_ids: [] } : {};
    const parameters = { name: this.#name, value, ...hidden };
    const permission = this.#level.variables;
    const call = { method: "POST", path: "/variables", parameters, permission, expected: [409] } as const;
    return (await this.#connection.send(call, signal)).status !== 409;
  }

  async update(value: string, signal: AbortSignal): Promise<void> {
    const call = this.#call("PATCH");
    await this.#connection.send({ ...call, parameters: { ...call.parameters, value } }, signal);
  }

  /** Again is harmless. */
  async delete(signal: AbortSignal): Promise<void> {
    await this.#connection.send({ ...this.#call("DELETE"), expected: [404] }, signal);
  }

  #call<Method extends "GET" | "PATCH" | "DELETE">(method: Method) {
    return { method, path: "/variables/{name}", parameters: { name: this.#name }, permission: this.#level.variables };
  }
}
