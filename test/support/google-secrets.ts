/** The secrets in the double of Google, by the rules of its documentation. */

/** A request, as the description's messages have it. */
export type GoogleRequest = { readonly [name: string]: unknown } & {
  readonly name?: string;
  readonly parent?: string;
  readonly etag?: string;
  readonly secretId?: string;
  readonly resource?: string;
  readonly permissions?: readonly string[];
  readonly payload?: { readonly data?: Buffer };
  readonly secret?: Partial<GoogleSecretMessage>;
  readonly updateMask?: { readonly paths?: readonly string[] };
};

/** A secret, as the description's message has it. */
export type GoogleSecretMessage = {
  readonly name: string;
  readonly etag: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly replication?: object;
  readonly customerManagedEncryption?: object;
  readonly labels?: Readonly<Record<string, string>>;
};

type Version = { readonly data: Buffer; state: string; etag: string; createdAtMs: number };
type Kept = { message: GoogleSecretMessage; readonly versions: Version[] };

/** A refusal with a code of gRPC. */
export class GoogleProblem extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const code = { invalid: 3, notFound: 5, exists: 6, denied: 7, precondition: 9 };

/** The permission that each method needs. @see https://cloud.google.com/secret-manager/docs/access-control */
const permissions: Readonly<Record<string, string>> = {
  CreateSecret: "secrets.create",
  GetSecret: "secrets.get",
  UpdateSecret: "secrets.update",
  DeleteSecret: "secrets.delete",
  AddSecretVersion: "versions.add",
  GetSecretVersion: "versions.get",
  AccessSecretVersion: "versions.access",
  DisableSecretVersion: "versions.disable",
  DestroySecretVersion: "versions.destroy",
};

export class GoogleSecrets {
  readonly #secrets = new Map<string, Kept>();
  #changes = 0;

  /** Answers one call of somebody who has these permissions; `*` stands for all. */
  answer(method: string, request: GoogleRequest, granted: readonly string[]): object {
    const may = (permission: string) => granted.includes("*") || granted.includes(permission);
    if (method === "TestIamPermissions") {
      const isThere = this.#secrets.has(request.resource ?? "");
      return { permissions: isThere ? (request.permissions ?? []).filter(may) : [] };
    }
    const needed = permissions[method];
    if (needed === undefined || !may(`secretmanager.${needed}`)) throw new GoogleProblem(code.denied, "no permission");
    return this.#act(method, request);
  }

  /** Somebody else adds a version, to a secret that is created when there is none. */
  addVersion(name: string, text: string): void {
    const kept = this.#secrets.get(name) ?? this.create(name, {});
    this.#add(kept, Buffer.from(text));
  }

  /** Somebody else creates a secret. */
  create(name: string, settings: Partial<GoogleSecretMessage>): Kept {
    const kept = { message: { ...settings, name, etag: this.#etag() }, versions: [] };
    this.#secrets.set(name, kept);
    return kept;
  }

  /** Somebody else changes the state of the newest version. */
  setLatest(name: string, state: "DISABLED" | "DESTROYED"): void {
    this.#versionOf(`${name}/versions/latest`).version.state = state;
  }

  /** The secret without its versions; undefined when there is none. */
  message(name: string): GoogleSecretMessage | undefined {
    return this.#secrets.get(name)?.message;
  }

  /** What the newest version holds; empty when nothing can be read. */
  text(name: string): string {
    const version = this.#secrets.get(name)?.versions.at(-1);
    return version?.state === "ENABLED" ? version.data.toString() : "";
  }

  /** Somebody else deletes a secret. */
  delete(name: string): void {
    this.#secrets.delete(name);
  }

  /** The states of its versions, oldest first. */
  states(name: string): readonly string[] {
    return this.#get(name).versions.map(({ state }) => state);
  }

  /** Lets the versions be older than they are. */
  age(name: string, byMs: number): void {
    for (const version of this.#get(name).versions) version.createdAtMs -= byMs;
  }

  #act(method: string, request: GoogleRequest): object {
    switch (method) {
      case "CreateSecret":
        return this.#create(request);
      case "GetSecret":
        return this.#get(request.name).message;
      case "UpdateSecret":
        return this.#update(request);
      case "DeleteSecret":
        requireEtag(request.etag, this.#get(request.name).message.etag);
        this.#secrets.delete(request.name ?? "");
        return {};
      case "AddSecretVersion":
        return this.#addVersion(request);
      case "AccessSecretVersion":
        return this.#access(request);
      case "GetSecretVersion":
        return this.#describe(request.name);
      case "DisableSecretVersion":
        return this.#change(request, "DISABLED");
      default:
        return this.#change(request, "DESTROYED");
    }
  }

  #create({ parent = "", secretId = "", secret = {} }: GoogleRequest): object {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(secretId)) throw new GoogleProblem(code.invalid, "secret_id");
    const isRegional = parent.includes("/locations/");
    if (isRegional === (secret.replication !== undefined))
      throw new GoogleProblem(code.invalid, "a global secret has a replication, a regional one has none");
    checkAnnotations(secret.annotations ?? {});
    const name = `${parent}/secrets/${secretId}`;
    if (this.#secrets.has(name)) throw new GoogleProblem(code.exists, name);
    return this.create(name, secret).message;
  }

  #update({ secret = {}, updateMask }: GoogleRequest): object {
    const kept = this.#get(secret.name);
    requireEtag(secret.etag, kept.message.etag);
    for (const path of updateMask?.paths ?? []) {
      if (!["annotations", "labels"].includes(path)) throw new GoogleProblem(code.invalid, `update_mask: ${path}`);
    }
    checkAnnotations(secret.annotations ?? {});
    kept.message = { ...kept.message, annotations: secret.annotations ?? {}, etag: this.#etag() };
    return kept.message;
  }

  #addVersion({ parent, payload }: GoogleRequest): object {
    const kept = this.#get(parent);
    const data = payload?.data ?? Buffer.alloc(0);
    if (data.length === 0 || data.length > 65_536) throw new GoogleProblem(code.invalid, "payload");
    this.#add(kept, data);
    return this.#describe(`${parent}/versions/latest`);
  }

  /** The documentation does not say whether that changes the secret's etag: here it does, which is the harder case. */
  #add(kept: Kept, data: Buffer): void {
    kept.versions.push({ data, state: "ENABLED", etag: this.#etag(), createdAtMs: Date.now() });
    kept.message = { ...kept.message, etag: this.#etag() };
  }

  #access({ name }: GoogleRequest): object {
    const { version } = this.#versionOf(name);
    if (version.state !== "ENABLED") throw new GoogleProblem(code.precondition, version.state);
    return { name, payload: { data: version.data } };
  }

  #change({ name, etag }: GoogleRequest, state: "DISABLED" | "DESTROYED"): object {
    const { version } = this.#versionOf(name);
    if (version.state === "DESTROYED") throw new GoogleProblem(code.precondition, "destroyed");
    requireEtag(etag, version.etag);
    version.state = state;
    version.etag = this.#etag();
    return this.#describe(name);
  }

  #describe(path = ""): object {
    const { secret, number, version } = this.#versionOf(path);
    const seconds = Math.floor(version.createdAtMs / 1000);
    // Names of versions have the number of the project, not its id.
    const name = `${secret.replace(/^projects\/[^/]+/, "projects/123456789")}/versions/${number}`;
    return { name, state: version.state, etag: version.etag, createTime: { seconds } };
  }

  #versionOf(path = ""): { readonly secret: string; readonly number: number; readonly version: Version } {
    const [secret = "", wanted = ""] = path.split("/versions/");
    const { versions } = this.#get(secret);
    const number = wanted === "latest" ? versions.length : Number(wanted);
    const version = versions[number - 1];
    if (version === undefined) throw new GoogleProblem(code.notFound, path);
    return { secret, number, version };
  }

  #get(name = ""): Kept {
    const kept = this.#secrets.get(name);
    if (kept === undefined) throw new GoogleProblem(code.notFound, name);
    return kept;
  }

  #etag(): string {
    this.#changes += 1;
    return `"etag-${this.#changes}"`;
  }
}

function requireEtag(given: string | undefined, current: string): void {
  if (given !== undefined && given !== "" && given !== current) throw new GoogleProblem(code.precondition, "etag");
}

function checkAnnotations(annotations: Readonly<Record<string, string>>): void {
  const size = Object.entries(annotations).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const isWellNamed = Object.keys(annotations).every((name) => /^[a-z0-9A-Z]([\w.-]{0,61}[a-z0-9A-Z])?$/.test(name));
  if (!isWellNamed || size >= 16_384) throw new GoogleProblem(code.invalid, "annotations");
}
