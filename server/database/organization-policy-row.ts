import { defaultPolicy, type OrganizationPolicy } from "../domain/organization-policy.ts";
import { parseRole } from "./rows.ts";
import type { OrganizationPolicyRow } from "./schema.ts";

/** Reads an organization's rules from their row; the default ones from none. */
export function parsePolicy(row: OrganizationPolicyRow | undefined): OrganizationPolicy {
  if (row === undefined) return defaultPolicy;
  return {
    defaultLifetimeSeconds: row.default_lifetime_seconds,
    maximumLifetimeSeconds: row.maximum_lifetime_seconds,
    tokenRoles: row.token_roles.split(",").map(parseRole),
    duplicateLabels: parseWord(row.duplicate_labels, ["warn", "refuse"]),
    labelConfirmation: parseWord(row.label_confirmation, ["optional", "required"]),
    tokensMayGenerate: row.tokens_may_generate === 1,
    onLeak: parseWord(row.on_leak, ["notify", "revoke"]),
  };
}

/** Writes an organization's rules as their row. */
export function policyRow(organizationId: string, policy: OrganizationPolicy): OrganizationPolicyRow {
  return {
    organization_id: organizationId,
    default_lifetime_seconds: policy.defaultLifetimeSeconds,
    maximum_lifetime_seconds: policy.maximumLifetimeSeconds,
    token_roles: policy.tokenRoles.join(","),
    duplicate_labels: policy.duplicateLabels,
    label_confirmation: policy.labelConfirmation,
    tokens_may_generate: policy.tokensMayGenerate ? 1 : 0,
    on_leak: policy.onLeak,
  };
}

function parseWord<Word extends string>(text: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new TypeError("The database holds a policy that this version does not know.");
  return word;
}
