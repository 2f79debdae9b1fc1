import type { AuditEvent } from "@orgtokens/sdk";

const sentences: Readonly<Record<string, string>> = {
  "api_token.created": "generated",
  "api_token.activated": "activated",
  "api_token.updated": "changed",
  "api_token.rotated": "rotated",
  "api_token.rotation_started": "started to rotate",
  "api_token.revoked": "revoked",
  "api_token.discarded": "discarded",
  "organization.created": "set up",
  "organization.policy_updated": "changed the policy of",
  "user.created": "added",
  "user.invited": "invited",
  "user.updated": "changed",
  "user.removed": "removed",
  "user.signed_in": "signed in",
  "session.created": "signed in",
  "session.ended": "signed out",
  "session.revoked": "ended a session of",
};

/** The actions that can be filtered for, with what they are called. */
export const actionNames: readonly (readonly [string, string])[] = [
  ["api_token.created", "Token generated"],
  ["api_token.rotated", "Token rotated"],
  ["api_token.revoked", "Token revoked"],
  ["api_token.updated", "Token changed"],
  ["user.invited", "Member invited"],
  ["user.updated", "Member changed"],
  ["user.removed", "Member removed"],
  ["organization.policy_updated", "Policy changed"],
  ["request.refused", "Attempt refused"],
];

/** What somebody did, as the words between who and what: "Ada `revoked` CI". Unknown actions speak for themselves. */
export function describeAction({ action, outcome, after }: AuditEvent): string {
  if (action === "request.refused") return `was refused ${String(after?.["operationId"] ?? "a request")} on`;
  const words = sentences[action] ?? action.replaceAll(/[._]/g, " ");
  return outcome === "refused" ? `was refused: ${words}` : words;
}

/** A field that an event says something about. */
export type ChangedField = { readonly name: string; readonly before: string | undefined; readonly after: string };

/** What changed, field by field: of both what differs, of a new thing what is worth telling. */
export function listChanges({ action, before, after }: AuditEvent): readonly ChangedField[] {
  if (after === null || action.endsWith(".created")) return [];
  return Object.entries(after)
    .filter(([name, value]) => value !== before?.[name])
    .map(([name, value]) => ({
      name: nameField(name),
      before: before === null || before[name] === undefined ? undefined : formatValue(before[name]),
      after: formatValue(value),
    }));
}

function nameField(name: string): string {
  const words = name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function formatValue(value: unknown): string {
  return value === null || value === "" ? "none" : String(value);
}
