import type { ApiToken } from "./api-token.ts";
import type { Actor } from "./audit-event.ts";
import type { Clock } from "./clock.ts";
import type { ApiTokenId, IdGenerator, MailId, OrganizationId } from "./ids.ts";
import type { MailFacts, NoticeKind } from "./mail.ts";
import type { Stores } from "./stores.ts";

/** What every admin of an organization is to be told by mail. */
export type Notice = {
  readonly kind: NoticeKind;
  readonly apiTokenId: ApiTokenId;
  readonly facts: MailFacts;
  /** Each admin gets one mail per key; null: one per notice. */
  readonly dedupeKey: string | null;
};

/** A token as notices show it. */
export type NotedApiToken = ApiToken & { readonly obfuscated: string };

/** A notice about something that was done to a token; {@link notifyAdmins} adds who did it and when. */
export function apiTokenNotice(
  kind: "api_token_generated" | "api_token_rotated" | "api_token_revoked",
  token: NotedApiToken,
): Notice {
  return { kind, apiTokenId: token.id, facts: apiTokenFacts(token), dedupeKey: null };
}

/** A notice that a token stops working in `days` days or sooner. */
export function expiresSoonNotice(token: NotedApiToken, days: number): Notice {
  const facts = { ...apiTokenFacts(token), days };
  return { kind: "api_token_expires_soon", apiTokenId: token.id, facts, dedupeKey: null };
}

/** A notice that somebody presented a revoked or expired token: one per token and hour. */
export function deadApiTokenUsedNotice(
  token: NotedApiToken,
  use: { readonly reason: "revoked" | "expired"; readonly ip: string | null; readonly at: Date },
): Notice {
  const facts = { ...apiTokenFacts(token), reason: use.reason, ip: use.ip };
  return {
    kind: "dead_api_token_used",
    apiTokenId: token.id,
    facts,
    dedupeKey: `dead_api_token_used ${token.id} ${hourOf(use.at)}`,
  };
}

/**
 * A notice that a token was found where it does not belong: one per token and hour.
 * @param leak `source` says in our own words who reported it; what the reporter wrote is never part of a mail.
 */
export function leakReportedNotice(
  token: NotedApiToken,
  leak: { readonly source: string; readonly outcome: "notified" | "revoked"; readonly at: Date },
): Notice {
  const facts = { ...apiTokenFacts(token), source: leak.source, outcome: leak.outcome };
  return {
    kind: "leak_reported",
    apiTokenId: token.id,
    facts,
    dedupeKey: `leak_reported ${token.id} ${hourOf(leak.at)}`,
  };
}

/**
 * Enqueues a notice to every admin of the organization, in the caller's transaction. Not to be followed by a change: the
 * caller's `recordChange` does this for a change that has a `notice`.
 *
 * @param by who did what the notice tells; undefined when nobody did.
 */
export async function notifyAdmins(
  stores: Stores,
  { clock, newId }: { readonly clock: Clock; readonly newId: IdGenerator },
  organizationId: OrganizationId,
  notice: Notice,
  by?: Actor,
): Promise<void> {
  const { kind, apiTokenId, dedupeKey } = notice;
  const createdAt = clock.now();
  const facts = { ...notice.facts, by: by === undefined ? null : nameOf(by), at: createdAt.toISOString() };
  const recipients = await stores.users.listAdminEmails(organizationId);
  await stores.mail.enqueueMail(
    recipients.map((recipient) => ({
      id: newId<MailId>(),
      organizationId,
      kind,
      recipient,
      facts,
      oneTimeLink: null,
      apiTokenId,
      dedupeKey: dedupeKey === null ? null : `${dedupeKey} ${recipient}`,
      createdAt,
    })),
  );
}

function apiTokenFacts(token: NotedApiToken): MailFacts {
  return {
    label: token.label,
    obfuscatedToken: token.obfuscated,
    role: token.role,
    createdBy: token.createdBy,
    createdAt: token.createdAt.toISOString(),
    expiresAt: token.expiresAt?.toISOString() ?? null,
  };
}

function nameOf({ type, label }: Actor): string {
  return type === "api_token" ? `the API token "${label}"` : label;
}

/** As `2026-11-23T09`. */
function hourOf(at: Date): string {
  return at.toISOString().slice(0, 13);
}
