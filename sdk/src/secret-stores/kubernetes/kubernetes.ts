import { setTimeout as sleep } from "node:timers/promises";
import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenOf } from "../entry-owner.ts";
import {
  conflict,
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { KubernetesAccess } from "./kubernetes-access.ts";
import { type ApplyOptions, KubernetesConnection } from "./kubernetes-connection.ts";
import { annotationOf, formatOwner, type KubernetesEntry, managerOf, member, parseEntry } from "./kubernetes-entry.ts";

/** A key of a Secret in a Kubernetes cluster. */
export type KubernetesPlace = {
  /** Namespace, such as `ci`. It must exist. */
  readonly namespace: string;
  /** Name of the Secret, such as `orgtokens`. It is created when it is missing. */
  readonly name: string;
  /** Key inside the Secret, such as `token`. Other keys belong to others, and are kept. */
  readonly key: string;
};

/** Which cluster, and which place in it. */
export type KubernetesSecretStoreOptions = KubernetesAccess & KubernetesPlace;

/** URI of a place: `kubernetes://ci/orgtokens#token`. */
export function kubernetesDestination({ namespace, name, key }: KubernetesPlace): string {
  return formatDestination("kubernetes", [namespace, name], key);
}

/** The place a URI names; undefined when it names none. */
export function parseKubernetesDestination(destination: string): KubernetesPlace | undefined {
  const { segments: [namespace, name, ...rest] = [], key } = parseDestinationParts("kubernetes", destination) ?? {};
  if (namespace === undefined || name === undefined || rest.length > 0 || key === undefined) return undefined;
  const place = { namespace, name, key };
  return explainImpossible(place) === undefined ? place : undefined;
}

/**
 * Opens a key of a Kubernetes Secret. Secret and metadata are written by one server-side apply, so that there is no moment
 * between them. Metadata is an annotation beside the key; whether somebody has changed the key since is told by the fields'
 * managers, without the value. Answers are asked for without the values, but for `read`.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when namespace, name, key or what reaches the cluster cannot be used.
 */
export function openKubernetesSecretStore(options: KubernetesSecretStoreOptions): SecretStore {
  const { namespace, name, key } = options;
  const destination = kubernetesDestination(options);
  const problem = explainImpossible(options);
  if (problem !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, problem);
  return createSecretStore(
    new KubernetesDriver(destination, key, new KubernetesConnection(options, { namespace, name, destination })),
  );
}

function explainImpossible({ namespace, name, key }: KubernetesPlace): string | undefined {
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    return "The namespace must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at the ends.";
  }
  if (name.length > 253 || !/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    return "The name of the Secret must be at most 253 lower-case letters, digits, hyphens and dots, as in a host's name.";
  }
  if (/^[A-Za-z0-9](?:[-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(key)) return undefined;
  return "The key must be 1 to 63 letters, digits, hyphens, underscores and dots, with a letter or digit at the ends: an annotation has its name.";
}

/** How often a write is tried again when somebody wrote other keys of the Secret meanwhile, and how long before, in milliseconds. */
const maxAttempts = 40;
const retryMs = 25;

class KubernetesDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #key: string;
  readonly #connection: KubernetesConnection;

  constructor(destination: string, key: string, connection: KubernetesConnection) {
    this.destination = destination;
    this.#key = key;
    this.#connection = connection;
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return (await this.#find(signal))?.stored;
  }

  /** One request writes secret and metadata; it names the state of the Secret that it was decided on. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    return this.#whileOthersWrite(signal, write.expecting, async (entry, expecting) => {
      requireReplaceable(this.destination, entry?.stored, { ...write, expecting });
      if (entry?.isGoing === true) throw this.#connection.going();
      const { fingerprint } = write;
      const writes = (entry?.writes ?? 0) + 1;
      const owner = { ...entryTokenOf(write), fingerprint, writes };
      const options = { manager: managerOf(this.#key, fingerprint), ...conditionOf(entry) };
      const isDone = await this.#connection.apply(this.#fields(secret, formatOwner(owner)), options, signal);
      if (!isDone && entry?.isHidden === true) await this.#requireShown(signal);
      return isDone ? { version: String(writes) } : undefined;
    });
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    return this.#whileOthersWrite(signal, undefined, async (entry) => {
      if (entry?.stored === undefined) return "absent";
      if (entry.stored.apiTokenId !== apiTokenId) return "not_ours";
      const outcome = entry.holdsNothingElse ? await this.#connection.delete(entry, signal) : "refused";
      // Who may patch but not delete leaves an empty Secret behind.
      const isDone = outcome === "refused" ? await this.#removeKey(entry, signal) : outcome === "deleted";
      return isDone ? "deleted" : undefined;
    });
  }

  async read(signal: AbortSignal): Promise<string | undefined> {
    const value = member(member(await this.#connection.getWithValues(signal), "data"), this.#key);
    return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
  }

  /** A rehearsal of the write by the API server itself: rights, namespace, admission, immutability. It keeps nothing. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    const entry = await this.#find(signal);
    if (entry?.stored !== undefined && entry.stored.apiTokenId === undefined) {
      throw occupied(this.destination, entry.stored);
    }
    if (entry?.isGoing === true) throw this.#connection.going();
    const { force } = conditionOf(entry);
    const options = { manager: managerOf(this.#key, "rehearsal"), force, isRehearsal: true };
    const isDone = await this.#connection.apply(this.#fields("rehearsal", "{}"), options, signal);
    if (isDone) return;
    if (entry?.isHidden === true) await this.#requireShown(signal);
    throw conflict(this.destination);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #find(signal: AbortSignal): Promise<KubernetesEntry | undefined> {
    const metadata = await this.#connection.findMetadata(signal);
    if (metadata === undefined) return undefined;
    const entry = parseEntry(metadata, this.#key);
    if (entry === undefined) throw this.#connection.strange();
    return entry;
  }

  /** A key that the API server does not let us set, and does not show either, is somebody's. */
  async #requireShown(signal: AbortSignal): Promise<void> {
    const entry = await this.#find(signal);
    if (entry?.isHidden === true) throw occupied(this.destination, {});
  }

  /**
   * Looks, and acts on what it saw; again, as long as `act` gives nothing because the Secret has changed meanwhile. When what has
   * changed is this key, that is a conflict.
   */
  async #whileOthersWrite<T>(
    signal: AbortSignal,
    expecting: StoredEntry | "absent" | undefined,
    act: (entry: KubernetesEntry | undefined, expecting: StoredEntry | "absent" | undefined) => Promise<T | undefined>,
  ): Promise<T> {
    let expected = expecting;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const entry = await this.#find(signal);
      const outcome = await act(entry, expected);
      if (outcome !== undefined) return outcome;
      expected ??= entry?.stored ?? "absent";
      await sleep(retryMs * Math.min(attempt, 8) * Math.random(), undefined, { signal });
    }
    throw conflict(this.destination);
  }

  async #removeKey({ uid, resourceVersion }: KubernetesEntry, signal: AbortSignal): Promise<boolean> {
    const annotations = { [annotationOf(this.#key)]: null };
    const change = { metadata: { uid, resourceVersion, annotations }, data: { [this.#key]: null } };
    return this.#connection.merge(change, signal);
  }

  #fields(secret: string, owner: string) {
    return {
      metadata: { annotations: { [annotationOf(this.#key)]: owner } },
      data: { [this.#key]: Buffer.from(secret, "utf8").toString("base64") },
    };
  }
}

/**
 * What makes a write atomic. A key that is there is replaced only in the very Secret that was looked at; one that is not there is
 * not forced, so that the API server refuses it when somebody sets it first.
 */
function conditionOf(entry: KubernetesEntry | undefined): Pick<ApplyOptions, "force" | "resourceVersion"> {
  return entry?.isTouched === true ? { force: true, resourceVersion: entry.resourceVersion } : { force: false };
}
