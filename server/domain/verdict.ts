import { type ApiToken, type ApiTokenSecret, statusAt } from "./api-token.ts";

/** A secret that somebody presented, and the token it belongs to. */
export type PresentedSecret = { readonly token: ApiToken; readonly secret: ApiTokenSecret };

/** Why a presented text authenticates nobody. */
export type InactiveReason =
  | "malformed"
  | "unknown"
  | "pending"
  | "revoked"
  | "expired"
  | "retired"
  | "network_not_allowed";

/** What a presented text is worth. */
export type Verdict =
  | { readonly active: true; readonly presented: PresentedSecret }
  | { readonly active: false; readonly reason: InactiveReason; readonly presented: PresentedSecret | undefined };

/** Judges what was found for a presented secret, at `now`. Pure. */
export function judge(presented: PresentedSecret | undefined, now: Date): Verdict {
  if (presented === undefined) return { active: false, reason: "unknown", presented: undefined };
  const { token, secret } = presented;
  const status = statusAt(token, now);
  if (status === undefined) return { active: false, reason: "unknown", presented: undefined };
  if (status === "revoked" || status === "expired") return { active: false, reason: status, presented };
  if (!isUsable(secret, now)) return { active: false, reason: "retired", presented };
  if (status === "pending") return { active: false, reason: status, presented };
  return { active: true, presented };
}

function isUsable(secret: ApiTokenSecret, now: Date): boolean {
  if (secret.state === "retiring") return secret.diesAt !== null && secret.diesAt > now;
  return secret.state !== "superseded";
}
