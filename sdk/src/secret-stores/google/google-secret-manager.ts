import { randomBytes } from "node:crypto";
import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import type { DriverWrite, SecretStoreDriver } from "../driver.ts";
import { entryTokenTexts } from "../entry-owner.ts";
import {
  conflict,
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoredEntry,
} from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import type { GoogleAccess } from "./google-access.ts";
import { GoogleConnection } from "./google-connection.ts";
import {
  describeGoogleEntry,
  type GoogleEntry,
  googleNames,
  parseVersions,
  withoutOurs,
  withoutToken,
} from "./google-entry.ts";
import { GoogleSecret } from "./google-secret.ts";

/** A secret of Google Secret Manager. */
export type GooglePlace = {
  /** Id of the project, such as `my-project`. */
  readonly project: string;
  /** Name of the secret: letters, digits, `-` and `_`. */
  readonly secret: string;
  /** Region of a regional secret, such as `europe-west1`. Default: a global one. */
  readonly location?: string;
};

/** Which secret, and how it is reached. */
export type GoogleSecretStoreOptions = GoogleAccess & GooglePlace;

/** URI of a place: `google-secret-manager://my-project/ci-token`, or `.../my-project/europe-west1/ci-token` when it is regional. */
export function googleDestination({ project, location, secret }: GooglePlace): string {
  return formatDestination("google-secret-manager", [project, ...(location === undefined ? [] : [location]), secret]);
}

/** The place a URI names; undefined when it names none. */
export function parseGoogleDestination(destination: string): GooglePlace | undefined {
  const { segments: [project, ...rest] = [], key } = parseDestinationParts("google-secret-manager", destination) ?? {};
  const [secret, location] = rest.toReversed();
  if (project === undefined || secret === undefined || rest.length > 2 || key !== undefined) return undefined;
  return { project, secret, ...(location === undefined ? {} : { location }) };
}

/**
 * Opens a secret of Google Secret Manager. Metadata is in annotations, which are read without the right to read the secret.
 * Annotations change by etag, so that of two writers one is refused; versions have no etag, and what somebody else adds without
 * looking is noticed afterwards. A secret that somebody prepared keeps its settings, and is not deleted with our versions.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when a name, the credentials or the endpoint cannot be used.
 */
export function openGoogleSecretStore(options: GoogleSecretStoreOptions): SecretStore {
  const destination = googleDestination(options);
  const { project, secret, location } = options;
  for (const [name, value, form] of [
    ["project", project, /^(?:[a-z0-9.-]{1,63}:)?[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/],
    ["name of the secret", secret, /^[A-Za-z0-9_-]{1,255}$/],
    ["location", location ?? "none", /^[a-z0-9-]{1,63}$/],
  ] as const) {
    if (form.test(value)) continue;
    const message = `The ${name} is none that Google Secret Manager can have.`;
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
  return createSecretStore(new GoogleDriver(options, destination));
}

class GoogleDriver implements SecretStoreDriver {
  readonly destination: string;
  readonly #secret: GoogleSecret;
  readonly #connection: GoogleConnection;
  readonly #access: GoogleAccess;

  constructor(options: GoogleSecretStoreOptions, destination: string) {
    this.destination = destination;
    this.#access = options;
    this.#connection = new GoogleConnection(options, destination, options.location);
    this.#secret = new GoogleSecret(this.#connection, options, destination);
  }

  async describe(signal: AbortSignal): Promise<StoredEntry | undefined> {
    return describeGoogleEntry(await this.#secret.find(signal));
  }

  /** Claims the secret by etag; adds a version; records it, if the claim still stands. */
  async write(secret: string, { signal, ...write }: DriverWrite) {
    const entry = await this.#secret.find(signal);
    requireReplaceable(this.destination, describeGoogleEntry(entry), write);
    const claim = randomBytes(8).toString("hex");
    await this.#claim(entry, claim, write, signal);
    const kept = await this.#retireOldVersions(entry, signal);
    const version = await this.#secret.addVersion(secret, signal);
    // Google gives numbers one after the other: another one means that somebody added a version meanwhile.
    if (Number(version) !== Number(entry?.latest?.number ?? 0) + 1) throw conflict(this.destination);
    await this.#record(version, kept, claim, write, signal);
    return { version };
  }

  async #claim(entry: GoogleEntry | undefined, claim: string, write: Owner, signal: AbortSignal): Promise<void> {
    const owner = { ...entryTokenTexts(write), [googleNames.claim]: claim };
    if (entry === undefined) {
      await this.#secret.create({ ...owner, [googleNames.created]: "true" }, signal);
      return;
    }
    const { annotations } = entry;
    const isTheirs = annotations[googleNames.apiTokenId] !== write.apiTokenId;
    const { [googleNames.fingerprint]: fingerprint, ...rest } = withoutToken(annotations);
    const kept = isTheirs || fingerprint === undefined ? rest : { ...rest, [googleNames.fingerprint]: fingerprint };
    await this.#secret.annotate({ ...kept, ...owner }, entry.etag, signal);
  }

  async #record(version: string, kept: readonly string[], claim: string, write: Owner, signal: AbortSignal) {
    const entry = await this.#secret.findAnnotations(signal);
    if (entry?.annotations[googleNames.claim] !== claim) throw conflict(this.destination);
    const { [googleNames.claim]: _, ...annotations } = entry.annotations;
    const recorded = {
      ...annotations,
      [googleNames.fingerprint]: write.fingerprint,
      [googleNames.versions]: [...kept, version].slice(-maxRecordedVersions).join(","),
    };
    await this.#secret.annotate(recorded, entry.etag, signal);
  }

  /** Disables versions of ours that were replaced long ago, destroys those that are disabled. The others' numbers. */
  async #retireOldVersions(entry: GoogleEntry | undefined, signal: AbortSignal): Promise<readonly string[]> {
    const recorded = parseVersions(entry);
    const afterMs = this.#access.destroyOldVersionsAfterMs;
    if (afterMs === undefined) return recorded;
    const looked = recorded.slice(0, maxLooked);
    const versions = await Promise.all(looked.map((number) => this.#secret.findVersion(number, signal)));
    const kept: string[] = [];
    for (const [index, version] of versions.entries()) {
      const replacedAtMs = versions[index + 1]?.createdAtMs;
      if (version === undefined || version.state === "DESTROYED") continue;
      const isOld = replacedAtMs !== undefined && Date.now() - replacedAtMs > afterMs;
      if (isOld && version.state === "DISABLED") await this.#secret.destroyVersion(version.number, signal);
      else kept.push(version.number);
      if (isOld && version.state === "ENABLED") await this.#secret.disableVersion(version, signal);
    }
    return [...kept, ...recorded.slice(maxLooked)];
  }

  async delete(apiTokenId: string, signal: AbortSignal) {
    const entry = await this.#secret.find(signal);
    const described = describeGoogleEntry(entry);
    if (entry === undefined || described === undefined) return "absent";
    if (described.apiTokenId !== apiTokenId) return "not_ours";
    if (entry.annotations[googleNames.created] === "true") return this.#secret.delete(entry.etag, signal);
    // The newest first, many at once: the older ones are of no use to anybody, and can be hundreds.
    const numbers = parseVersions(entry).toReversed();
    for (let start = 0; start < numbers.length; start += maxLooked) {
      const some = numbers.slice(start, start + maxLooked);
      await Promise.all(some.map((number) => this.#secret.destroyVersion(number, signal)));
    }
    await this.#secret.annotate(withoutOurs(entry.annotations), entry.etag, signal);
    return "deleted";
  }

  read(signal: AbortSignal): Promise<string | undefined> {
    return this.#secret.read(signal);
  }

  /** The right to create a secret that is not there cannot be asked for: Google tells it of existing resources only. */
  async checkWritable(signal: AbortSignal): Promise<void> {
    const found = await this.#secret.find(signal);
    const entry = describeGoogleEntry(found);
    if (entry !== undefined && entry.apiTokenId === undefined) throw occupied(this.destination, entry);
    if (found === undefined) return;
    const retiring =
      this.#access.destroyOldVersionsAfterMs === undefined ? [] : ["versions.disable", "versions.destroy"];
    await this.#secret.requirePermissions(
      ["secrets.update", "versions.add", ...retiring].map((name) => `secretmanager.${name}`),
      signal,
    );
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

type Owner = Omit<DriverWrite, "signal">;

/** How many versions of ours a secret remembers: 6 KiB of the 16 that Google has for annotations, whatever their numbers. */
const maxRecordedVersions = 300;
/** How many versions are looked at or destroyed at the same time, and by one write. */
const maxLooked = 25;
