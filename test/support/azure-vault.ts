/** The secrets in the double of Azure Key Vault, by the rules of its REST description and documentation. */
import { randomBytes } from "node:crypto";
import { asObject, type JsonObject } from "../check/tree.ts";

/** A request to a vault. */
export type VaultRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
};

/** A version of a secret. */
export type VaultVersion = {
  readonly id: string;
  readonly value: string;
  enabled: boolean;
  createdAtMs: number;
  readonly expires: number | undefined;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
};

/** `busy` counts the requests that still find it on its way to where it goes. */
type Kept = { versions: VaultVersion[]; state: "there" | "deleted"; busy: number };

/** A refusal with a status of HTTP and the code that Key Vault gives inside. */
export class VaultProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

const pageSize = 25;
/** Azure deletes and recovers in its own time: that many requests meet it at work. */
const busyFor = 2;

/** What is asked, by the paths of the description, and the data action of Azure RBAC that it needs. */
const operations: readonly (readonly [method: string, path: RegExp, name: string, action: string])[] = [
  ["GET", /^\/secrets\/([^/]+)\/versions$/, "list", "readMetadata/action"],
  ["PUT", /^\/secrets\/([^/]+)$/, "set", "setSecret/action"],
  ["DELETE", /^\/secrets\/([^/]+)$/, "delete", "delete"],
  ["GET", /^\/secrets\/([^/]+)\/([^/]*)$/, "get", "getSecret/action"],
  ["PATCH", /^\/secrets\/([^/]+)\/([^/]+)$/, "update", "update/action"],
  ["GET", /^\/deletedsecrets\/([^/]+)$/, "getDeleted", "getSecret/action"],
  ["GET", /^\/deletedsecrets$/, "listDeleted", "readMetadata/action"],
  ["POST", /^\/deletedsecrets\/([^/]+)\/recover$/, "recover", "recover/action"],
];

export class AzureVault {
  readonly #secrets = new Map<string, Kept>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Answers one request of somebody who has these data actions; `*` stands for all. */
  answer(request: VaultRequest, granted: readonly string[]): object {
    const found = operations.find(([method, path]) => method === request.method && path.test(request.path));
    if (found === undefined) throw new VaultProblem(405, "MethodNotAllowed");
    const [, path, operation, action] = found;
    if (!granted.includes("*") && !granted.includes(action)) throw new VaultProblem(403, "ForbiddenByRbac");
    if (!/^\d{4}-\d\d-\d\d$/.test(request.query.get("api-version") ?? "")) throw new VaultProblem(400, "BadParameter");
    const [, name = "", version = ""] = path.exec(request.path) ?? [];
    return this.#act(operation, name.toLowerCase(), version, request);
  }

  /** Somebody else sets a secret. */
  set(name: string, value: string, settings: Partial<VaultVersion> = {}): VaultVersion {
    const kept = this.#secrets.get(name) ?? { versions: [], state: "there", busy: 0 };
    const version = {
      id: randomBytes(16).toString("hex"),
      enabled: true,
      createdAtMs: Date.now(),
      expires: undefined,
      contentType: undefined,
      tags: {},
      ...settings,
      value,
    };
    kept.versions.push(version);
    this.#secrets.set(name, kept);
    return version;
  }

  /** The versions of a secret that is there, oldest first. */
  versions(name: string): readonly VaultVersion[] {
    const kept = this.#secrets.get(name);
    return kept?.state === "there" ? kept.versions : [];
  }

  /** What the newest version holds; empty when nothing can be read. */
  text(name: string): string {
    const version = this.versions(name).at(-1);
    return version?.enabled === true ? version.value : "";
  }

  /** Somebody else disables the newest version. */
  disable(name: string): void {
    const version = this.versions(name).at(-1);
    if (version !== undefined) version.enabled = false;
  }

  /** Somebody else deletes a secret. */
  delete(name: string): void {
    const kept = this.#secrets.get(name);
    if (kept !== undefined) kept.state = "deleted";
  }

  /** Somebody else purges a deleted secret. */
  purge(name: string): void {
    this.#secrets.delete(name);
  }

  /** Lets the versions be older than they are. */
  age(name: string, byMs: number): void {
    for (const version of this.versions(name)) version.createdAtMs -= byMs;
  }

  #act(operation: string, name: string, version: string, { query, body }: VaultRequest): object {
    switch (operation) {
      case "list":
        return this.#list(name, query);
      case "set":
        return this.#set(name, body);
      case "get":
        return this.#get(name, version);
      case "update":
        return this.#update(name, version, body);
      case "delete":
        return this.#delete(name);
      case "recover":
        return this.#recover(name);
      case "getDeleted":
        return this.#bundle(name, this.#deleted(name));
      default:
        return this.#listDeleted(query);
    }
  }

  /** In no order that says anything. Of a name that was never there it is empty. */
  #list(name: string, query: URLSearchParams): object {
    if (this.#secrets.has(name)) this.#there(name);
    const versions = this.versions(name).toSorted((one, other) => one.id.localeCompare(other.id, "en"));
    return this.#page(
      `secrets/${name}/versions`,
      query,
      versions.map((version) => this.#item(name, version)),
    );
  }

  #listDeleted(query: URLSearchParams): object {
    const deleted = [...this.#secrets].filter(([, { state, busy }]) => state === "deleted" && busy === 0);
    const items = deleted.flatMap(([name, { versions }]) => versions.slice(-1).map((one) => this.#bundle(name, one)));
    return this.#page("deletedsecrets", query, items);
  }

  #page(path: string, query: URLSearchParams, items: readonly object[]): object {
    const size = Number(query.get("maxresults") ?? pageSize);
    if (!(size >= 1 && size <= pageSize)) throw new VaultProblem(400, "BadParameter");
    const start = Number(query.get("$skiptoken") ?? 0);
    const next = `${this.#origin}/${path}?api-version=${query.get("api-version")}&$skiptoken=${start + size}`;
    return { value: items.slice(start, start + size), nextLink: start + size < items.length ? next : null };
  }

  #set(name: string, body: JsonObject): object {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) throw new VaultProblem(400, "BadParameter");
    const { value, contentType, attributes, tags = {}, ...rest } = body;
    if (typeof value !== "string" || Buffer.byteLength(value) > 25_600) throw new VaultProblem(400, "BadParameter");
    const { exp, enabled = true, nbf: _, ...others } = asObject(attributes ?? {});
    const isKnown = Object.keys({ ...rest, ...others }).length === 0 && [exp ?? 0].every(Number.isInteger);
    if (!isKnown || typeof enabled !== "boolean") throw new VaultProblem(400, "BadParameter");
    const kept = this.#secrets.get(name);
    if (kept !== undefined && !this.#isReady(kept))
      throw new VaultProblem(409, kept.state === "deleted" ? "ObjectIsBeingDeleted" : "ObjectIsBeingRecovered");
    if (kept?.state === "deleted") throw new VaultProblem(409, "ObjectIsDeletedButRecoverable");
    const version = this.set(name, value, {
      enabled,
      expires: typeof exp === "number" ? exp : undefined,
      contentType: typeof contentType === "string" ? contentType : undefined,
      tags: parseTags(tags),
    });
    return { ...this.#item(name, version), value };
  }

  #get(name: string, id: string): object {
    const { versions } = this.#there(name);
    const version = id === "" ? versions.at(-1) : versions.find((one) => one.id === id);
    if (version === undefined) throw new VaultProblem(404, "SecretNotFound");
    if (!version.enabled) throw new VaultProblem(403, "SecretDisabled");
    return { ...this.#item(name, version), value: version.value };
  }

  #update(name: string, id: string, body: JsonObject): object {
    const version = this.#there(name).versions.find((one) => one.id === id);
    if (version === undefined) throw new VaultProblem(404, "SecretNotFound");
    const { enabled } = asObject(body["attributes"] ?? {});
    if (typeof enabled === "boolean") version.enabled = enabled;
    return this.#item(name, version);
  }

  #delete(name: string): object {
    const kept = this.#there(name);
    kept.state = "deleted";
    kept.busy = busyFor;
    return this.#bundle(name, kept.versions.at(-1));
  }

  #recover(name: string): object {
    const version = this.#deleted(name);
    const kept = this.#secrets.get(name);
    if (kept !== undefined) Object.assign(kept, { state: "there", busy: busyFor });
    return version === undefined ? {} : this.#item(name, version);
  }

  #there(name: string): Kept {
    const kept = this.#secrets.get(name);
    if (kept?.state !== "there" || !this.#isReady(kept)) throw new VaultProblem(404, "SecretNotFound");
    return kept;
  }

  #deleted(name: string): VaultVersion | undefined {
    const kept = this.#secrets.get(name);
    if (kept?.state !== "deleted" || !this.#isReady(kept)) throw new VaultProblem(404, "SecretNotFound");
    return kept.versions.at(-1);
  }

  #isReady(kept: Kept): boolean {
    if (kept.busy === 0) return true;
    kept.busy -= 1;
    return false;
  }

  #item(name: string, { id, enabled, createdAtMs, expires, contentType, tags }: VaultVersion): object {
    const created = Math.floor(createdAtMs / 1000);
    return {
      id: `${this.#origin}/secrets/${name}/${id}`,
      attributes: {
        enabled,
        created,
        updated: created,
        exp: expires,
        recoveryLevel: "Recoverable",
        recoverableDays: 90,
      },
      contentType,
      tags,
    };
  }

  #bundle(name: string, version: VaultVersion | undefined): object {
    const recoveryId = `${this.#origin}/deletedsecrets/${name}`;
    return { ...(version === undefined ? {} : this.#item(name, version)), recoveryId };
  }
}

function parseTags(tags: unknown): Readonly<Record<string, string>> {
  const parsed: Record<string, string> = {};
  for (const [name, value] of Object.entries(asObject(tags))) {
    if (typeof value !== "string" || value.length > 256 || name.length > 256)
      throw new VaultProblem(400, "BadParameter");
    parsed[name] = value;
  }
  if (Object.keys(parsed).length > 15) throw new VaultProblem(400, "BadParameter");
  return parsed;
}
