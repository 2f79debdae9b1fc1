import type { AuditEvent } from "@orgtokens/sdk";

/** The words between who and what: "Ada `revoked` CI". */
const words: Readonly<Record<string, string | ((event: AuditEvent) => string)>> = {
  "api_token.created": "generated",
  "api_token.reissued": "generated again",
  "api_token.activated": "activated",
  "api_token.updated": "changed",
  "api_token.rotated": "rotated",
  "api_token.rotation_started": "began to rotate",
  "api_token.revoked": "revoked",
  "api_token.used_when_dead": ({ after }) => `was used although it is ${String(after?.["reason"] ?? "dead")}`,
  "api_token.leaked": "reported a leak of",
  "request.refused": ({ after }) => `tried to ${nameOperation(String(after?.["operationId"] ?? "do something"))}`,
  "organization.created": "set up",
  "organization.policy_updated": "changed the rules of",
  "user.created": "added",
  "user.invited": "invited",
  "user.updated": "changed",
  "user.removed": "removed",
  "session.created": "signed in",
  "session.revoked": "ended a session",
  "sign_in.refused": "was refused to sign in as",
};

/** The actions that can be filtered for, with what they are called. */
export const actionNames: readonly (readonly [string, string])[] = [
  ["api_token.created", "Token generated"],
  ["api_token.reissued", "Token generated again"],
  ["api_token.activated", "Token activated"],
  ["api_token.rotation_started", "Rotation begun"],
  ["api_token.rotated", "Token rotated"],
  ["api_token.revoked", "Token revoked"],
  ["api_token.updated", "Token changed"],
  ["api_token.used_when_dead", "Dead token used"],
  ["api_token.leaked", "Leak reported"],
  ["user.invited", "Member invited"],
  ["user.updated", "Member changed"],
  ["user.removed", "Member removed"],
  ["user.created", "Member added"],
  ["session.created", "Signed in"],
  ["session.revoked", "Session ended"],
  ["sign_in.refused", "Sign-in refused"],
  ["organization.created", "Organization set up"],
  ["organization.policy_updated", "Rules changed"],
  ["request.refused", "Attempt refused"],
];

/** What somebody did. An action that the page does not know speaks for itself. */
export function describeAction(event: AuditEvent): string {
  const known = words[event.action] ?? event.action.replaceAll(/[._]/g, " ");
  return typeof known === "string" ? known : known(event);
}

/** A field that an event says something about. */
export type ChangedField = { readonly name: string; readonly before: string | undefined; readonly after: string };

/** Other actions whose fields are worth showing, and which of them. */
const shownFields: Readonly<Record<string, readonly string[]>> = {
  "request.refused": ["code", "attempts"],
  "api_token.leaked": ["source", "where", "outcome"],
  "sign_in.refused": ["reason"],
};

/** Of a change, what differs, field by field; of other events, what is worth telling. */
export function listChanges({ action, before, after }: AuditEvent): readonly ChangedField[] {
  const isUpdate = action.endsWith("updated");
  return Object.entries(after ?? {})
    .filter(([name, value]) =>
      isUpdate ? value !== before?.[name] : value !== null && shownFields[action]?.includes(name) === true,
    )
    .map(([name, value]) => ({
      name: nameField(name),
      before: isUpdate && before !== null ? formatValue(before[name] ?? null) : undefined,
      after: formatValue(value),
    }));
}

/** `revokeApiToken` as people say it. */
function nameOperation(operationId: string): string {
  return spell(operationId).replace(/\bapi\b/, "API");
}

function nameField(name: string): string {
  const spelled = spell(name);
  return spelled.charAt(0).toUpperCase() + spelled.slice(1);
}

function spell(name: string): string {
  return name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
}

function formatValue(value: unknown): string {
  return value === null || value === "" ? "none" : String(value);
}
