/** Secrets and variables of repositories, environments and organizations in the double of GitHub, by its documentation. */
import sodium from "libsodium-wrappers";

/** An answer of the double. Without a body it has none. */
export type GitHubReply = {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Record<string, string>;
};

/** A request, by its route. */
export type GitHubRequest = {
  readonly method: string;
  /** Such as `/orgs/{org}/actions/secrets/{secret_name}`. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
};

type Kept = {
  value: string;
  readonly createdAt: string;
  updatedAt: string;
  readonly visibility: string;
  readonly selected: readonly number[];
};
type KeyPair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
type Level = {
  readonly keyId: string;
  readonly key: KeyPair;
  secrets: Map<string, Kept>;
  variables: Map<string, Kept>;
};

const maxBytes = 48 * 1024;
const notFound: GitHubReply = { status: 404, body: { message: "Not Found" } };
const invalid = (message: string): GitHubReply => ({ status: 422, body: { message } });

/** What the double keeps. Only `peek` and the tests' own writes see what GitHub shows to nobody. */
export class GitHubSecrets {
  readonly #levels = new Map<string, Level>();
  readonly #now: () => number;

  constructor(nowMs: () => number) {
    this.#now = nowMs;
  }

  /** There is an organization `my-org`, its repository `my-repo`, and that one's environment `production`, and so on. */
  addLevel(...names: readonly string[]): void {
    const keyId = String(1000 + this.#levels.size);
    const level = { keyId, key: sodium.crypto_box_keypair(), secrets: new Map(), variables: new Map() };
    this.#levels.set(keyOf(names), level);
  }

  /** What a secret holds; undefined when there is none. */
  peek(names: readonly string[], name: string): string | undefined {
    return this.#levels.get(keyOf(names))?.secrets.get(name.toUpperCase())?.value;
  }

  /** A variable's value; undefined when there is none. */
  variable(names: readonly string[], name: string): string | undefined {
    return this.#levels.get(keyOf(names))?.variables.get(name.toUpperCase())?.value;
  }

  /** The names of all variables of a level. */
  variableNames(names: readonly string[]): readonly string[] {
    return [...(this.#levels.get(keyOf(names))?.variables.keys() ?? [])];
  }

  /** Who may use an organization's secret or variable. */
  use(names: readonly string[], kind: "secrets" | "variables", name: string) {
    const { visibility, selected } = this.#levels.get(keyOf(names))?.[kind].get(name.toUpperCase()) ?? {};
    return { visibility, selected };
  }

  /** Somebody else writes a secret, in the browser. */
  overwrite(names: readonly string[], name: string, value: string): void {
    const level = this.#levels.get(keyOf(names));
    if (level !== undefined) this.#keep(level.secrets, name.toUpperCase(), value, {});
  }

  /** Somebody else writes a variable. */
  overwriteVariable(names: readonly string[], name: string, value: string): void {
    const level = this.#levels.get(keyOf(names));
    if (level !== undefined) this.#keep(level.variables, name.toUpperCase(), value, {});
  }

  /** Somebody else deletes a secret. */
  remove(names: readonly string[], name: string): void {
    this.#levels.get(keyOf(names))?.secrets.delete(name.toUpperCase());
  }

  /** Answers a request of somebody who may make it. */
  answer(request: GitHubRequest): GitHubReply {
    const { owner, org, repo, environment_name: environment } = request.parameters;
    const level = this.#levels.get(keyOf([owner ?? org, repo, environment].filter((part) => part !== undefined)));
    if (level === undefined) return notFound;
    if (request.path.endsWith("/public-key")) {
      const key = Buffer.from(level.key.publicKey).toString("base64");
      return { status: 200, body: { key_id: level.keyId, key } };
    }
    if (request.path.endsWith("/repositories")) return listSelected(level, request);
    return request.path.includes("/secrets") ? this.#secret(level, request) : this.#variable(level, request);
  }

  #secret(level: Level, { method, parameters, body }: GitHubRequest): GitHubReply {
    const name = (parameters["secret_name"] ?? "").toUpperCase();
    const kept = level.secrets.get(name);
    if (method === "PUT") {
      const value = nameFault(name) ?? open(level, body) ?? invalid("it cannot be decrypted");
      if (typeof value !== "string") return value;
      const fault = this.#keep(level.secrets, name, value, body);
      return fault ?? (kept === undefined ? { status: 201, body: {} } : { status: 204 });
    }
    if (kept === undefined) return notFound;
    if (method === "DELETE") {
      level.secrets.delete(name);
      return { status: 204 };
    }
    return {
      status: 200,
      body: { ...shown(name, kept), ...(isOrg(parameters) ? { visibility: kept.visibility } : {}) },
    };
  }

  #variable(level: Level, { method, parameters, body }: GitHubRequest): GitHubReply {
    const name = String(parameters["name"] ?? body["name"]).toUpperCase();
    const kept = level.variables.get(name);
    if (method === "POST") {
      if (kept !== undefined) return { status: 409, body: { message: "Already exists" } };
      return (
        nameFault(name) ?? this.#keep(level.variables, name, String(body["value"]), body) ?? { status: 201, body: {} }
      );
    }
    if (kept === undefined) return notFound;
    if (method === "DELETE") level.variables.delete(name);
    if (method === "PATCH") return this.#keep(level.variables, name, String(body["value"]), body) ?? { status: 204 };
    if (method === "DELETE") return { status: 204 };
    const visibility = isOrg(parameters) ? { visibility: kept.visibility } : {};
    return { status: 200, body: { ...shown(name, kept), value: kept.value, ...visibility } };
  }

  #keep(map: Map<string, Kept>, name: string, value: string, body: GitHubRequest["body"]): GitHubReply | undefined {
    if (Buffer.byteLength(value) > maxBytes) return invalid("it is too long");
    const at = `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
    const before = map.get(name);
    const { visibility = before?.visibility ?? "private", selected_repository_ids: ids = [] } = body;
    const selected = Array.isArray(ids) ? ids.map(Number) : [];
    if (selected.length > 0 && visibility !== "selected") return invalid("only with the visibility selected");
    map.set(name, {
      value,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
      visibility: String(visibility),
      selected: visibility === "selected" && !("selected_repository_ids" in body) ? (before?.selected ?? []) : selected,
    });
    return undefined;
  }
}

function keyOf(names: readonly string[]): string {
  return names.map((name) => name.toLowerCase()).join("\n");
}

function isOrg(parameters: GitHubRequest["parameters"]): boolean {
  return "org" in parameters;
}

function shown(name: string, { createdAt, updatedAt }: Kept): object {
  return { name, created_at: createdAt, updated_at: updatedAt };
}

function nameFault(name: string): GitHubReply | undefined {
  return /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/.test(name) ? undefined : invalid("the name is invalid");
}

/** What was encrypted for the level; undefined when it was not. */
function open({ key, keyId }: Level, body: GitHubRequest["body"]): string | undefined {
  if (body["key_id"] !== keyId) return undefined;
  try {
    const sealed = Buffer.from(String(body["encrypted_value"]), "base64");
    return Buffer.from(sodium.crypto_box_seal_open(sealed, key.publicKey, key.privateKey)).toString("utf8");
  } catch {
    return undefined;
  }
}

function listSelected(level: Level, { parameters, query }: GitHubRequest): GitHubReply {
  const kept = level.secrets.get((parameters["secret_name"] ?? "").toUpperCase());
  if (kept === undefined) return notFound;
  const [page, perPage] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 30)];
  const repositories = kept.selected.slice((page - 1) * perPage, page * perPage).map((id) => ({ id }));
  return { status: 200, body: { total_count: kept.selected.length, repositories } };
}
