import type { Role } from "./api-token.ts";
import type { AuditFields } from "./audit-event.ts";
import type { Principal } from "./principal.ts";
import { invalidRequest, ProblemError, type ProblemPlace } from "./problem.ts";

/** The rules of an organization for its tokens. */
export type OrganizationPolicy = {
  /** How long a token lives whose creation does not say, in seconds; null means until it is revoked. */
  readonly defaultLifetimeSeconds: number | null;
  /** How far ahead an expiry may lie when it is set, in seconds; null means that tokens need not expire. */
  readonly maximumLifetimeSeconds: number | null;
  /** The roles that tokens may be generated with; at least one. */
  readonly tokenRoles: readonly Role[];
  readonly duplicateLabels: "warn" | "refuse";
  /** Whether a revocation must carry the token's label. */
  readonly labelConfirmation: "optional" | "required";
  /** Whether Admin tokens may generate tokens. */
  readonly tokensMayGenerate: boolean;
  /** What happens to a live token that was reported as leaked. */
  readonly onLeak: "notify" | "revoke";
};

/** The rules of an organization that never changed any. */
export const defaultPolicy: OrganizationPolicy = {
  defaultLifetimeSeconds: null,
  maximumLifetimeSeconds: null,
  tokenRoles: ["developer", "admin"],
  duplicateLabels: "warn",
  labelConfirmation: "optional",
  tokensMayGenerate: true,
  onLeak: "notify",
};

/** The rules as an audit event shows them. */
export function policyFields(policy: OrganizationPolicy): AuditFields {
  return { ...policy, tokenRoles: policy.tokenRoles.join(",") };
}

/**
 * The expiry of a token that is generated now.
 * @param requested null for never, undefined when the request does not say.
 * @throws ProblemError `policy_refused` when it lies further ahead than the policy allows.
 */
export function expiryOfCreation(
  policy: OrganizationPolicy,
  requested: Date | null | undefined,
  now: Date,
): Date | null {
  const { defaultLifetimeSeconds: lifetime } = policy;
  const expiresAt = requested ?? (requested === undefined && lifetime !== null ? ahead(now, lifetime) : null);
  requireLifetime(policy, expiresAt, now);
  return expiresAt;
}

/** @throws ProblemError `policy_refused` when an expiry that is set now lies further ahead than the policy allows. */
export function requireLifetime(
  { maximumLifetimeSeconds: maximum }: OrganizationPolicy,
  expiresAt: Date | null | undefined,
  now: Date,
): void {
  if (maximum === null || expiresAt === undefined) return;
  if (expiresAt !== null && expiresAt <= ahead(now, maximum)) return;
  throw policyRefused({
    pointer: "/body/expiresAt",
    code: "value_too_large",
    message: `must be at most ${maximum} seconds ahead`,
  });
}

/** @throws ProblemError `policy_refused` unless tokens may be generated with the role. */
export function requireRole({ tokenRoles }: OrganizationPolicy, role: Role): void {
  if (tokenRoles.includes(role)) return;
  throw policyRefused({ pointer: "/body/role", code: "value_unknown", message: `must be ${tokenRoles.join(" or ")}` });
}

/** @throws ProblemError `tokens_may_not_generate` for a token where the policy leaves generating to signed-in admins. */
export function requireGenerator({ tokensMayGenerate }: OrganizationPolicy, principal: Principal): void {
  if (tokensMayGenerate || principal.type === "user") return;
  throw new ProblemError(
    "tokens_may_not_generate",
    "Sign in as an admin. The organization's policy does not let tokens generate tokens. Nothing was changed.",
  );
}

/**
 * Whoever makes an admin can generate tokens through that person: a token that may not do the one may not do the other.
 * @throws ProblemError `tokens_may_not_generate`.
 */
export function requireAdminMaker(policy: OrganizationPolicy, principal: Principal, role: Role): void {
  if (role === "admin") requireGenerator(policy, principal);
}

/**
 * The rules after a change.
 * @throws ProblemError `tokens_may_not_generate` when a token gives tokens back the right to generate tokens,
 *   `request_invalid` when the default lifetime exceeds the longest one.
 */
export function changePolicy(
  policy: OrganizationPolicy,
  change: Partial<OrganizationPolicy>,
  principal: Principal,
): OrganizationPolicy {
  const changed = { ...policy, ...change };
  if (changed.tokensMayGenerate && !policy.tokensMayGenerate) requireGenerator(policy, principal);
  const { defaultLifetimeSeconds: lifetime, maximumLifetimeSeconds: maximum } = changed;
  if (lifetime !== null && maximum !== null && lifetime > maximum) {
    const place = change.defaultLifetimeSeconds === undefined ? "maximumLifetimeSeconds" : "defaultLifetimeSeconds";
    throw invalidRequest({
      pointer: `/body/${place}`,
      code: "fields_conflict",
      message: "defaultLifetimeSeconds must be at most maximumLifetimeSeconds",
    });
  }
  return changed;
}

function policyRefused(place: ProblemPlace): ProblemError {
  return new ProblemError(
    "policy_refused",
    "Follow the organization's policy at the places named in errors, or have an admin change it. Nothing was changed.",
    { places: [place] },
  );
}

function ahead(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}
