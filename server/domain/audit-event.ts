import type { ApiToken } from "./api-token.ts";
import type { AuditEventId, OrganizationId } from "./ids.ts";

/** What happened to what: `<entity>.<past participle>`. Never renamed. */
export const auditActions = [
  "api_token.created",
  "api_token.reissued",
  "api_token.updated",
  "api_token.activated",
  "api_token.rotation_started",
  "api_token.rotated",
  "api_token.revoked",
  "api_token.used_when_dead",
  "api_token.leaked",
  "request.refused",
  "organization.created",
  "organization.policy_updated",
  "user.created",
  "user.invited",
  "user.updated",
  "user.removed",
  "session.created",
  "session.revoked",
  "sign_in.refused",
] as const;

/** What happened. */
export type AuditAction = (typeof auditActions)[number];

/** Who did something. `label` is a token's label or a user's e-mail address as it was then. */
export type Actor = {
  readonly type: "api_token" | "user" | "system" | "anonymous";
  readonly id: string | null;
  readonly label: string;
};

/** The server itself. */
export const systemActor: Actor = { type: "system", id: null, label: "orgtokens-server" };

/** What something was done to, with its name as it was then. */
export type AuditTarget = {
  readonly type: "api_token" | "organization" | "user";
  readonly id: string;
  readonly label: string;
};

/** Where a request came from. Null for what the server does by itself. */
export type RequestOrigin = {
  readonly ip: string | null;
  /** At most 256 characters of it. */
  readonly userAgent: string | null;
  readonly requestId: string | null;
};

/** Where what the server does by itself comes from. */
export const noOrigin: RequestOrigin = { ip: null, userAgent: null, requestId: null };

/** Values of an allow-list of fields, as they are shown: times in RFC 3339. Never a secret. */
export type AuditFields = Readonly<Record<string, string | number | boolean | null>>;

/** One event, as it is appended. */
export type AuditEvent = {
  readonly id: AuditEventId;
  readonly organizationId: OrganizationId;
  readonly at: Date;
  readonly action: AuditAction;
  /** `refused`: somebody tried, and nothing was changed. */
  readonly outcome: "done" | "refused";
  readonly actor: Actor;
  readonly target: AuditTarget | null;
  readonly origin: RequestOrigin;
  /** The fields that changed, as they were; null where nothing was before. */
  readonly before: AuditFields | null;
  /** The fields that changed, as they are; null where nothing is any more. */
  readonly after: AuditFields | null;
};

/**
 * An event with its place in the chain of its organization. Its action and its target may be of a newer version of this
 * program, which shares the database while replicas are updated.
 */
export type ChainedAuditEvent = Omit<AuditEvent, "action" | "target"> & {
  readonly action: string;
  readonly target: (Omit<AuditTarget, "type"> & { readonly type: string }) | null;
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
};

/** Which events are meant. Absent members do not filter; `from` is inclusive, `to` is not. */
export type AuditEventFilter = {
  readonly action?: string;
  readonly outcome?: AuditEvent["outcome"];
  readonly actorId?: string;
  readonly targetId?: string;
  readonly from?: Date;
  readonly to?: Date;
};

/** A token as a target. */
export function apiTokenTarget({ id, label }: Pick<ApiToken, "id" | "label">): AuditTarget {
  return { type: "api_token", id, label };
}

/** What is recorded of a token. */
export function apiTokenFields(token: ApiToken & { readonly fingerprint?: string }): AuditFields {
  return {
    label: token.label,
    description: token.description,
    role: token.role,
    expiresAt: token.expiresAt?.toISOString() ?? null,
    destination: token.destination,
    managedBy: token.managedBy,
    allowedNetworks: token.allowedNetworks.join(", "),
    ...(token.fingerprint === undefined ? {} : { fingerprint: token.fingerprint }),
  };
}

/** The fields in which two states differ, as they were and as they are. */
export function changedFields(
  before: AuditFields,
  after: AuditFields,
): { readonly before: AuditFields; readonly after: AuditFields } {
  const names = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
  const pick = (fields: AuditFields) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}
