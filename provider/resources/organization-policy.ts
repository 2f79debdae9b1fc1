import { ApiError, type OrganizationPolicy, type UpdateOrganizationPolicyRequest } from "@orgtokens/sdk";
import {
  AttributeError,
  attributePath,
  type ConfigOf,
  type CreateRequest,
  type DeleteRequest,
  type Diagnostics,
  defineIdentity,
  defineResource,
  type ImportRequest,
  isUnknown,
  type KnownConfigOf,
  type ModifyPlanRequest,
  type ReadRequest,
  type UpdateRequest,
} from "../framework/index.ts";
import { lifetimeSeconds, lifetimeText, sameLifetime } from "./lifetime.ts";
import { type OrganizationPolicyState, organizationPolicySchema } from "./organization-policy-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

type Schema = typeof organizationPolicySchema;
type Rules = Omit<OrganizationPolicyState, "id" | "on_destroy">;

/** What tells a policy from all others: its organization. */
const identity = defineIdentity({
  schema: organizationPolicySchema,
  attributes: { id: { type: "string", requiredForImport: true, description: "Id of the organization." } },
  of: ({ id }) => ({ id }),
  importId: ({ id }) => id,
});

/** `orgtokens_organization_policy`: the one policy of the organization. */
export const organizationPolicy = defineResource<Schema, OrgtokensClient>({
  typeName: "orgtokens_organization_policy",
  schema: organizationPolicySchema,
  identity,
  validate: ({ config, diagnostics }) => validateLifetimes(config, diagnostics),
  modifyPlan: planOrganizationPolicy,
  create: createOrganizationPolicy,
  read: readOrganizationPolicy,
  update: updateOrganizationPolicy,
  delete: deleteOrganizationPolicy,
  importState: importOrganizationPolicy,
});

/** The rules of an organization that never changed any. */
const defaultRules: Required<UpdateOrganizationPolicyRequest> = {
  defaultLifetimeSeconds: null,
  maximumLifetimeSeconds: null,
  tokenRoles: ["developer", "admin"],
  duplicateLabels: "warn",
  labelConfirmation: "optional",
  tokensMayGenerate: true,
  onLeak: "notify",
};

function validateLifetimes(config: ConfigOf<Schema>, diagnostics: Diagnostics): void {
  const { default_lifetime: usual, maximum_lifetime: longest } = config;
  if (usual === null || longest === null || isUnknown(usual) || isUnknown(longest)) return;
  const [usualSeconds, longestSeconds] = [lifetimeSeconds(usual), lifetimeSeconds(longest)];
  if (usualSeconds === null || longestSeconds === null || usualSeconds <= longestSeconds) return;
  const detail = `default_lifetime (${usual}) must be at most maximum_lifetime (${longest}).`;
  diagnostics.error("The default lifetime is longer than the longest one", detail, attributePath("default_lifetime"));
}

function planOrganizationPolicy({
  action,
  plan,
  state,
  diagnostics,
}: ModifyPlanRequest<Schema, OrgtokensClient>): void {
  if (action === "delete") {
    if (state.on_destroy === "reset") return;
    const detail =
      'The rules of the organization stay as they are now. With on_destroy = "reset", applied before, they become those of a new organization.';
    diagnostics.warn("The policy is forgotten, not reset", detail);
    return;
  }
  const at = attributePath("tokens_may_generate");
  const before = state?.tokens_may_generate;
  // No error: Terraform also plans the configuration before it plans a destroy, which must not be held up.
  if (plan.tokens_may_generate === true && before === false) {
    diagnostics.warn(onlySignedIn.summary, onlySignedIn.detail, at);
  }
  if (plan.tokens_may_generate === false && before !== false) {
    const detail =
      "Afterwards this provider's token can neither create orgtokens_api_token nor make anybody an admin, and only a signed-in admin can allow it again.";
    diagnostics.warn("Terraform gives up the right to generate tokens", detail, at);
  }
}

const onlySignedIn = {
  summary: "Only a signed-in admin can let tokens generate tokens again",
  detail:
    "The organization's policy does not let tokens generate tokens, and no token can lift that. Change it on the page (/organization/settings), or declare tokens_may_generate = false.",
};

async function createOrganizationPolicy(
  request: CreateRequest<Schema, OrgtokensClient>,
): Promise<OrganizationPolicyState> {
  const { config, plan, client, signal } = request;
  const { id } = await client.api.getOrganization({ signal });
  const policy = await change(client, changeOf(config), signal);
  return { ...rulesOf(policy), id, on_destroy: plan.on_destroy };
}

async function readOrganizationPolicy({
  state,
  client,
  signal,
}: ReadRequest<Schema, OrgtokensClient>): Promise<OrganizationPolicyState | null> {
  const { id } = await client.api.getOrganization({ signal });
  // The provider's token is of another organization now: this policy is not there.
  if (id !== state.id) return null;
  return { ...state, ...rulesOf(await client.api.getOrganizationPolicy({ signal })) };
}

async function updateOrganizationPolicy(
  request: UpdateRequest<Schema, OrgtokensClient>,
): Promise<OrganizationPolicyState> {
  const { config, plan, state, client, signal, diagnostics } = request;
  const policy = await change(client, changeOf(config), signal);
  const rules = rulesOf(policy);
  const undeclared = keepPlanned(rules, plan, diagnostics);
  return { ...rules, ...undeclared, id: state.id, on_destroy: plan.on_destroy };
}

/**
 * Rules that are not declared and that somebody changed between plan and apply: the plan has promised the values before, so they
 * are recorded once more, and the next run shows the change.
 */
function keepPlanned(rules: Rules, plan: UpdateRequest<Schema, OrgtokensClient>["plan"], diagnostics: Diagnostics) {
  const { duplicate_labels, label_confirmation, on_leak, tokens_may_generate, default_lifetime, maximum_lifetime } =
    plan;
  const planned = {
    ...(isUnknown(duplicate_labels) ? {} : { duplicate_labels }),
    ...(isUnknown(label_confirmation) ? {} : { label_confirmation }),
    ...(isUnknown(on_leak) ? {} : { on_leak }),
    ...(isUnknown(tokens_may_generate) ? {} : { tokens_may_generate }),
    ...(isUnknown(default_lifetime) ? {} : { default_lifetime }),
    ...(isUnknown(maximum_lifetime) ? {} : { maximum_lifetime }),
    ...(isUnknown(plan.token_roles) ? {} : { token_roles: plan.token_roles }),
  };
  const changed = Object.entries(planned).filter(([name, value]) => !sameRule(rules, name, value));
  if (changed.length > 0) {
    const names = changed.map(([name]) => `"${name}"`).join(", ");
    diagnostics.warn(
      "The policy was changed while Terraform ran",
      `Somebody else changed ${names} between plan and apply. What is declared is set; the next plan shows what the others are now.`,
    );
  }
  return planned;
}

function sameRule(rules: Rules, name: string, planned: unknown): boolean {
  const actual = new Map<string, unknown>(Object.entries(rules)).get(name);
  const isLifetime = name.endsWith("_lifetime") && typeof actual === "string" && typeof planned === "string";
  return isLifetime ? sameLifetime(actual, planned) : sorted(actual) === sorted(planned);
}

function sorted(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
}

async function deleteOrganizationPolicy({
  state,
  client,
  signal,
  diagnostics,
}: DeleteRequest<Schema, OrgtokensClient>): Promise<void> {
  if (state.on_destroy === "keep") return;
  const { tokensMayGenerate, ...resettable } = defaultRules;
  const current = await client.api.getOrganizationPolicy({ signal });
  await change(client, current.tokensMayGenerate ? { ...resettable, tokensMayGenerate } : resettable, signal);
  if (!current.tokensMayGenerate) diagnostics.warn("tokens_may_generate stays false", onlySignedIn.detail);
}

async function importOrganizationPolicy({
  id: given,
  client,
  signal,
}: ImportRequest<OrgtokensClient>): Promise<OrganizationPolicyState | null> {
  const { id } = await client.api.getOrganization({ signal });
  if (given !== id) {
    const detail = `A policy is imported by the id of its organization. The provider's token belongs to the organization ${id}.`;
    throw new AttributeError([], "That is not the organization of the provider's token", detail);
  }
  return { ...rulesOf(await client.api.getOrganizationPolicy({ signal })), id, on_destroy: "keep" };
}

/** Sets rules. Nothing to set is nothing to ask for. */
async function change(
  { api }: OrgtokensClient,
  rules: UpdateOrganizationPolicyRequest,
  signal: AbortSignal,
): Promise<OrganizationPolicy> {
  if (Object.keys(rules).length === 0) return api.getOrganizationPolicy({ signal });
  try {
    return await api.updateOrganizationPolicy(rules, { signal });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "tokens_may_not_generate") throw error;
    const at = attributePath("tokens_may_generate");
    throw new AttributeError(at, onlySignedIn.summary, onlySignedIn.detail, { cause: error });
  }
}

/** What is declared, as a request. */
function changeOf(config: KnownConfigOf<Schema>): UpdateOrganizationPolicyRequest {
  const { default_lifetime, maximum_lifetime, token_roles, tokens_may_generate } = config;
  const { duplicate_labels, label_confirmation, on_leak } = config;
  return {
    ...(default_lifetime === null ? {} : { defaultLifetimeSeconds: lifetimeSeconds(default_lifetime) }),
    ...(maximum_lifetime === null ? {} : { maximumLifetimeSeconds: lifetimeSeconds(maximum_lifetime) }),
    ...(token_roles === null ? {} : { tokenRoles: token_roles.filter(isRole) }),
    ...(duplicate_labels === null ? {} : { duplicateLabels: duplicate_labels }),
    ...(label_confirmation === null ? {} : { labelConfirmation: label_confirmation }),
    ...(tokens_may_generate === null ? {} : { tokensMayGenerate: tokens_may_generate }),
    ...(on_leak === null ? {} : { onLeak: on_leak }),
  };
}

function isRole(role: string): role is OrganizationPolicy["tokenRoles"][number] {
  return role === "developer" || role === "admin";
}

/** An API answer as state. */
function rulesOf(policy: OrganizationPolicy): Rules {
  return {
    default_lifetime: lifetimeText(policy.defaultLifetimeSeconds),
    maximum_lifetime: lifetimeText(policy.maximumLifetimeSeconds),
    token_roles: policy.tokenRoles,
    duplicate_labels: policy.duplicateLabels,
    label_confirmation: policy.labelConfirmation,
    tokens_may_generate: policy.tokensMayGenerate,
    on_leak: policy.onLeak,
  };
}
