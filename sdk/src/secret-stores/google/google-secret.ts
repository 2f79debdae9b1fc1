import type { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { conflict } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { GoogleAccess } from "./google-access.ts";
import type { GoogleConnection } from "./google-connection.ts";
import type { GoogleEntry, GoogleVersion } from "./google-entry.ts";
import { GoogleCallFailure, type GoogleFailure, refusedByGoogle } from "./google-error.ts";
import type { GooglePlace } from "./google-secret-manager.ts";

type Client = SecretManagerServiceClient;
type Call<T> = (client: Client) => Promise<readonly [T, ...unknown[]]>;

/** One secret of Google Secret Manager: each method is one call of the API, or what belongs together. */
export class GoogleSecret {
  readonly #connection: GoogleConnection;
  readonly #options: GoogleAccess & GooglePlace;
  readonly #destination: string;
  readonly #parent: string;
  readonly #name: string;

  constructor(connection: GoogleConnection, options: GoogleAccess & GooglePlace, destination: string) {
    const { project, location, secret } = options;
    this.#connection = connection;
    this.#options = options;
    this.#destination = destination;
    this.#parent = location === undefined ? `projects/${project}` : `projects/${project}/locations/${location}`;
    this.#name = `${this.#parent}/secrets/${secret}`;
  }

  /** The secret and its newest version; undefined when there is no secret. */
  async find(signal: AbortSignal): Promise<GoogleEntry | undefined> {
    const secret = await this.findAnnotations(signal);
    return secret === undefined ? undefined : { ...secret, latest: await this.findVersion("latest", signal) };
  }

  /** The secret without its version. */
  async findAnnotations(signal: AbortSignal): Promise<Omit<GoogleEntry, "latest"> | undefined> {
    const name = this.#name;
    const secret = await this.#find("secrets.get", ["not_found"], signal, (client) => client.getSecret({ name }));
    return secret === undefined ? undefined : parseSecret(secret);
  }

  /** A version; undefined when there is none of that number. */
  async findVersion(number: string, signal: AbortSignal): Promise<GoogleVersion | undefined> {
    const name = `${this.#name}/versions/${number}`;
    const version = await this.#find("versions.get", ["not_found"], signal, (client) =>
      client.getSecretVersion({ name }),
    );
    return version === undefined ? undefined : this.#parseVersion(version);
  }

  /** Creates the secret. @throws SecretStoreError `secret_store_conflict` when it exists. */
  async create(annotations: GoogleEntry["annotations"], signal: AbortSignal): Promise<void> {
    const { replicaLocations, kmsKeyName, location, secret: secretId } = this.#options;
    const encryption = (where: string) =>
      kmsKeyName === undefined
        ? {}
        : { customerManagedEncryption: { kmsKeyName: kmsKeyName.replaceAll("{location}", where) } };
    const replicas = replicaLocations?.map((replica) => ({ location: replica, ...encryption(replica) }));
    const replication =
      replicas === undefined ? { automatic: encryption("global") } : { userManaged: { replicas: [...replicas] } };
    const settings = location === undefined ? { replication } : encryption(location);
    const request = { parent: this.#parent, secretId, secret: { annotations: { ...annotations }, ...settings } };
    await this.#change("secrets.create", ["exists"], signal, (client) => client.createSecret(request), this.#parent);
  }

  /** Replaces the annotations of the secret that has the etag. @throws SecretStoreError `secret_store_conflict` */
  async annotate(annotations: GoogleEntry["annotations"], etag: string, signal: AbortSignal): Promise<void> {
    const secret = { name: this.#name, etag, annotations: { ...annotations } };
    await this.#change("secrets.update", ["changed", "not_possible", "not_found"], signal, (client) =>
      client.updateSecret({ secret, updateMask: { paths: ["annotations"] } }),
    );
  }

  /** Adds a version, and gives its number. */
  async addVersion(text: string, signal: AbortSignal): Promise<string> {
    const request = { parent: this.#name, payload: { data: Buffer.from(text) } };
    const version = await this.#change("versions.add", ["not_found"], signal, (client) =>
      client.addSecretVersion(request),
    );
    return this.#parseVersion(version).number;
  }

  /** Disables the version that has the etag, if it has still. */
  async disableVersion({ number, etag }: GoogleVersion, signal: AbortSignal): Promise<void> {
    const name = `${this.#name}/versions/${number}`;
    await this.#change("versions.disable", ["changed", "not_possible"], signal, (client) =>
      client.disableSecretVersion({ name, etag }),
    );
  }

  /** Destroys a version. One that is destroyed or gone stays so. */
  async destroyVersion(number: string, signal: AbortSignal): Promise<void> {
    const name = `${this.#name}/versions/${number}`;
    await this.#find("versions.destroy", ["not_found", "not_possible"], signal, (client) =>
      client.destroySecretVersion({ name }),
    );
  }

  /** Deletes the secret that has the etag, with every version. */
  async delete(etag: string, signal: AbortSignal): Promise<"deleted" | "absent"> {
    const name = this.#name;
    try {
      await this.#call("secrets.delete", ["not_found", "changed", "not_possible"], signal, (client) =>
        client.deleteSecret({ name, etag }),
      );
      return "deleted";
    } catch (error) {
      if (!(error instanceof GoogleCallFailure)) throw error;
      if (error.failure === "not_found") return "absent";
      throw conflict(this.#destination);
    }
  }

  /** What the newest version holds; undefined when there is none that can be read. */
  async read(signal: AbortSignal): Promise<string | undefined> {
    const name = `${this.#name}/versions/latest`;
    const answer = await this.#find("versions.access", ["not_found", "not_possible"], signal, (client) =>
      client.accessSecretVersion({ name }),
    );
    const data = answer?.payload?.data;
    if (data === undefined || data === null) return undefined;
    return typeof data === "string" ? data : new TextDecoder().decode(data);
  }

  /** @throws SecretStoreError `secret_store_refused` that names those of the permissions that are missing. */
  async requirePermissions(permissions: readonly string[], signal: AbortSignal): Promise<void> {
    const request = { resource: this.#name, permissions: [...permissions] };
    const answer = await this.#call("secrets.get", [], signal, (client) => client.testIamPermissions(request));
    const missing = permissions.filter((permission) => answer.permissions?.includes(permission) !== true);
    if (missing.length > 0) throw refusedByGoogle(missing, this.#name, this.#destination);
  }

  async #find<T>(permission: string, absent: readonly GoogleFailure[], signal: AbortSignal, run: Call<T>) {
    try {
      return await this.#call(permission, absent, signal, run);
    } catch (error) {
      if (error instanceof GoogleCallFailure) return undefined;
      throw error;
    }
  }

  /** Whatever of `lost` stands in the way, somebody else put there. */
  async #change<T>(
    permission: string,
    lost: readonly GoogleFailure[],
    signal: AbortSignal,
    run: Call<T>,
    resource = this.#name,
  ) {
    try {
      return await this.#call(permission, lost, signal, run, resource);
    } catch (error) {
      throw error instanceof GoogleCallFailure ? conflict(this.#destination) : error;
    }
  }

  #call<T>(
    permission: string,
    expected: readonly GoogleFailure[],
    signal: AbortSignal,
    run: Call<T>,
    resource = this.#name,
  ) {
    return this.#connection.call({ permission: `secretmanager.${permission}`, resource }, expected, signal, run);
  }

  #parseVersion({ name, state, etag, createTime }: VersionMessage): GoogleVersion {
    const number = /\/versions\/([1-9]\d{0,17})$/.exec(name ?? "")?.[1];
    if (number === undefined || (state !== "ENABLED" && state !== "DISABLED" && state !== "DESTROYED")) {
      const message = "What answers as Google Secret Manager describes a version that cannot be.";
      throw new SecretStoreError("secret_store_failed", this.#destination, message);
    }
    return { number, state, etag: etag ?? "", createdAtMs: Number(createTime?.seconds ?? 0) * 1000 };
  }
}

type VersionMessage = {
  readonly name?: string | null;
  readonly state?: unknown;
  readonly etag?: string | null;
  readonly createTime?: { readonly seconds?: unknown } | null;
};

function parseSecret(secret: {
  readonly etag?: string | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
}) {
  return { etag: secret.etag ?? "", annotations: { ...secret.annotations } };
}
