import { type Actor, apiTokenTarget, type RequestOrigin } from "./audit-event.ts";
import { hourOf } from "./dead-token-alarm.ts";
import { leakReportedNotice } from "./notify-admins.ts";
import type { RateLimit } from "./rate-limiter.ts";
import { type ChangeServices, recordChange } from "./record-change.ts";
import { revoke } from "./revoke.ts";
import type { Database, Stores } from "./stores.ts";
import { judge, type PresentedSecret } from "./verdict.ts";

/** How many anonymous reports one address may send. */
export const leakReportLimit: RateLimit = { name: "leak-reports", quota: 10, windowSeconds: 60 };

/** What handling a report needs. */
export type LeakServices = ChangeServices & { readonly database: Database };

/** A report that a token was found. It holds a digest of the token, never the token. */
export type LeakedToken = {
  readonly sha256: string;
  /** Where it was found, without the token: {@link hideToken}. Null when the reporter does not say. */
  readonly where: string | null;
  /** Who reports it, in our own words. */
  readonly source: string;
  readonly origin: RequestOrigin;
};

/**
 * Does what follows from a report: a live token of some organization is recorded as leaked and told to all its admins,
 * once an hour at most, and is revoked when the organization's policy says so. Nothing follows for any other.
 *
 * @returns whether it is a token of this server, live or not.
 * @throws when the database cannot tell.
 */
export async function reportLeak(services: LeakServices, leak: LeakedToken): Promise<boolean> {
  const { database, clock } = services;
  const [found] = await database.stores.secrets.findPresented([leak.sha256]);
  if (found === undefined || judge(found, clock.now()).presented === undefined) return false;
  if (isLive(found, clock.now())) await database.transact((stores) => recordLeak(stores, services, leak));
  return true;
}

async function recordLeak(stores: Stores, services: LeakServices, leak: LeakedToken): Promise<void> {
  const now = services.clock.now();
  const [found] = await stores.secrets.findPresented([leak.sha256]);
  if (found === undefined || !isLive(found, now)) return;
  const { secret } = found;
  const token = { ...found.token, obfuscated: secret.obfuscated };
  const { organizationId } = token;
  const { onLeak } = await stores.organizations.getPolicy(organizationId);
  const outcome = onLeak === "revoke" ? "revoked" : "notified";
  const { source, where, origin } = leak;
  const actor: Actor = { type: "anonymous", id: null, label: source };
  const alarm = { kind: "api_token_leaked", apiTokenId: token.id, hour: hourOf(now) } as const;
  if (await stores.alarms.raiseAlarm(organizationId, alarm)) {
    await recordChange(stores, services, {
      organizationId,
      actor,
      origin,
      action: "api_token.leaked",
      target: apiTokenTarget(token),
      after: { fingerprint: secret.fingerprint, where, source, outcome },
      notice: leakReportedNotice(token, { source, outcome, at: now }),
    });
  }
  if (onLeak === "revoke") await revoke(stores, services, token, { organizationId, actor, origin });
}

/** Whether the secret authenticates, or will when it is activated. */
function isLive(presented: PresentedSecret, now: Date): boolean {
  const verdict = judge(presented, now);
  return verdict.active || verdict.reason === "pending";
}

/** How much of a place is kept, in characters. */
const maxWhereLength = 500;
/** A piece of a token that is at least this long is not stored, in characters. */
const heldPieceLength = 12;

/**
 * A place as it may be stored: what a reporter says, without the token. A URL that holds it, a piece of it or another
 * token, however it is escaped, loses all that follows its host.
 *
 * @returns null for what is no URL.
 */
export function hideToken(where: string, token: string): string | null {
  const url = URL.parse(where);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return null;
  url.username = "";
  url.password = "";
  const shown = [url.href, decodeOften(url.href)].some((text) => holdsToken(text, token)) ? `${url.origin}/` : url.href;
  return holdsToken(shown, token) ? null : shown.slice(0, maxWhereLength);
}

function holdsToken(text: string, token: string): boolean {
  if (/tok_[0-9a-z]{36}/i.test(text)) return true;
  const [lowerText, secret] = [text.toLowerCase(), token.replace(/^tok_/, "").toLowerCase()];
  const starts = Array.from({ length: Math.max(1, secret.length - heldPieceLength + 1) }, (_, index) => index);
  return starts.some((start) => lowerText.includes(secret.slice(start, start + heldPieceLength)));
}

/** Escapes may be escaped again, but nobody needs that more than a few times. */
function decodeOften(text: string): string {
  let decoded = text;
  for (let count = 0; count < 5; count += 1) {
    decoded = decoded.replaceAll(/%[0-7][0-9A-Fa-f]/g, (written) =>
      String.fromCharCode(Number.parseInt(written.slice(1), 16)),
    );
  }
  return decoded;
}
