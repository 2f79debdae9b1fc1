import { type EntryOwner, type EntryToken, isFingerprint, parseEntryToken } from "../entry-owner.ts";
import type { StoredEntry } from "../secret-store.ts";

/** What the metadata of a Secret says of one of its keys. */
export type KubernetesEntry = {
  readonly uid: string;
  readonly resourceVersion: string;
  /** How often orgtokens has written the key. */
  readonly writes: number;
  /** Whether it is being deleted, and something (a finalizer) still holds it. */
  readonly isGoing: boolean;
  /** Undefined when the key has nothing. */
  readonly stored: StoredEntry | undefined;
  /** Whether the key or its annotation is there, whoever put them there. */
  readonly isTouched: boolean;
  /** Whether it is not told which keys there are: somebody has emptied the list of managers, or there are none. */
  readonly isHidden: boolean;
  /** Whether nobody has set anything of the Secret but the key and its annotation. */
  readonly holdsNothingElse: boolean;
};

/** Whose secret a key holds, and how often it was written. */
export type KubernetesOwner = EntryOwner & { readonly writes: number };

/** The annotation that says whose secret a key holds. */
export function annotationOf(key: string): string {
  return `orgtokens/${key}`;
}

/** The text of that annotation. */
export function formatOwner({ writes, ...owner }: KubernetesOwner): string {
  return JSON.stringify({ ...owner, version: String(writes) });
}

/**
 * The field manager of one write. The API server keeps for each field who has set it and takes the field away from a manager when
 * somebody else changes its value, so a manager of its own for each secret shows without the value whether it is still there.
 */
export function managerOf(key: string, fingerprint: string): string {
  return `orgtokens/${fingerprint}/${key}`;
}

/** Reads the metadata of a Secret; undefined when it is none. */
export function parseEntry(object: unknown, key: string): KubernetesEntry | undefined {
  const metadata = member(object, "metadata");
  const [uid, resourceVersion] = [member(metadata, "uid"), member(metadata, "resourceVersion")];
  if (typeof uid !== "string" || typeof resourceVersion !== "string") return undefined;
  const annotation = member(member(metadata, "annotations"), annotationOf(key));
  const owner = parseOwner(annotation);
  const managers = parseManagers(member(metadata, "managedFields"));
  const ours = [`data ${key}`, `metadata annotations ${annotationOf(key)}`];
  const isPresent = managers.some(({ fields }) => fields.has(`data ${key}`));
  return {
    uid,
    resourceVersion,
    writes: owner.version ?? 0,
    isGoing: member(metadata, "deletionTimestamp") !== undefined,
    stored: describe(owner, isPresent, (fingerprint) =>
      managers.some(({ name, fields }) => name === managerOf(key, fingerprint) && ours.every((one) => fields.has(one))),
    ),
    isHidden: managers.length === 0 && annotation === undefined,
    isTouched: isPresent || annotation !== undefined,
    holdsNothingElse:
      managers.length > 0 &&
      managers.every(({ fields }) => [...fields].every((one) => [...frame, ...ours].includes(one))),
  };
}

/** The fields around a key and its annotation. */
const frame = ["data", "metadata", "metadata annotations"];

function describe(
  { token, fingerprint, version }: ReturnType<typeof parseOwner>,
  isPresent: boolean,
  isUnchanged: (fingerprint: string) => boolean,
): StoredEntry | undefined {
  if (token === undefined) return isPresent ? {} : undefined;
  if (fingerprint === undefined || version === undefined || !isUnchanged(fingerprint)) return token;
  return { ...token, fingerprint, version: String(version) };
}

function parseOwner(annotation: unknown): {
  readonly token: EntryToken | undefined;
  readonly fingerprint: string | undefined;
  readonly version: number | undefined;
} {
  const parsed = parseJson(annotation);
  const [apiTokenId, organizationId] = [member(parsed, "apiTokenId"), member(parsed, "organizationId")];
  const [label, expiresAt] = [member(parsed, "label"), member(parsed, "expiresAt")];
  const [fingerprint, version] = [member(parsed, "fingerprint"), member(parsed, "version")];
  return {
    token: parseEntryToken({ apiTokenId, organizationId, label, expiresAt }),
    fingerprint: isFingerprint(fingerprint) ? fingerprint : undefined,
    version: typeof version === "string" && /^\d{1,15}$/.test(version) ? Number(version) : undefined,
  };
}

function parseJson(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined; // somebody else's words
  }
}

type Manager = { readonly name: string; readonly fields: ReadonlySet<string> };

/** Who has set which fields. Only who applied has the name of one of ours. */
function parseManagers(value: unknown): readonly Manager[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): readonly Manager[] => {
    const fields = member(entry, "fieldsV1");
    if (fields === undefined) return [];
    const name = member(entry, "operation") === "Apply" ? String(member(entry, "manager")) : "";
    return [{ name, fields: new Set(leavesOf(fields, [])) }];
  });
}

/** The paths of a `fieldsV1`, their steps separated by spaces: `data token`. A name of a field has none. */
function leavesOf(fields: unknown, path: readonly string[]): readonly string[] {
  const steps = typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
  const inner = steps.filter(([step]) => step !== ".");
  if (inner.length === 0) return [path.join(" ")];
  return inner.flatMap(([step, below]) => leavesOf(below, [...path, step.replace(/^f:/, "")]));
}

/** A member of parsed JSON; undefined when there is none. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
