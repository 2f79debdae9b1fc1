import { ApiError, iterateUsers, type User } from "@orgtokens/sdk";
import {
  AttributeError,
  attributePath,
  type CreateRequest,
  type DeleteRequest,
  defineIdentity,
  defineResource,
  type ImportRequest,
  type ReadRequest,
  type UpdateRequest,
} from "../framework/index.ts";
import { normalizeEmail, sameEmail } from "./email.ts";
import { type OrganizationMemberState, organizationMemberSchema } from "./organization-member-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

type Schema = typeof organizationMemberSchema;

/** What tells a member from all others: the id. The address may be given to somebody else one day. */
const identity = defineIdentity({
  schema: organizationMemberSchema,
  attributes: { id: { type: "string", requiredForImport: true, description: "Id of the user." } },
  of: ({ id }) => ({ id }),
  importId: ({ id }) => id,
});

/** `orgtokens_organization_member`: somebody who may sign in. */
export const organizationMember = defineResource<Schema, OrgtokensClient>({
  typeName: "orgtokens_organization_member",
  schema: organizationMemberSchema,
  identity,
  create: createMember,
  read: readMember,
  update: updateMember,
  delete: deleteMember,
  importState: importMember,
});

async function createMember(request: CreateRequest<Schema, OrgtokensClient>): Promise<OrganizationMemberState> {
  const { plan, client, signal } = request;
  requireOnce(client, plan.email);
  try {
    return memberState(await client.api.inviteUser({ email: plan.email, role: plan.role }, { signal }));
  } catch (error) {
    throw explainRefusal(error, plan.email);
  }
}

/** @throws AttributeError when another resource created in this run has the address: both would remove the same person. */
function requireOnce({ run }: OrgtokensClient, email: string): void {
  if (run.claimPlace(`mailto:${normalizeEmail(email)}`)) return;
  const detail = `Another resource of this configuration invites ${email}. Declare each person once.`;
  throw new AttributeError(attributePath("email"), "Two resources have the same address", detail);
}

async function readMember({
  state,
  client,
  signal,
}: ReadRequest<Schema, OrgtokensClient>): Promise<OrganizationMemberState | null> {
  const user = await findUser(client, state.id, signal);
  return user === undefined ? null : memberState(user);
}

async function updateMember(request: UpdateRequest<Schema, OrgtokensClient>): Promise<OrganizationMemberState> {
  const { plan, state, client, signal } = request;
  try {
    return memberState(await client.api.updateUser(state.id, { role: plan.role }, { signal }));
  } catch (error) {
    throw explainRefusal(error, plan.email);
  }
}

async function deleteMember({ state, client, signal }: DeleteRequest<Schema, OrgtokensClient>): Promise<void> {
  try {
    await client.api.removeUser(state.id, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw explainRefusal(error, state.email);
  }
}

async function importMember(request: ImportRequest<OrgtokensClient>): Promise<OrganizationMemberState | null> {
  const { id, client, signal } = request;
  const isId = /^[0-9a-f]{24}$/.test(id);
  if (!isId && !id.includes("@")) {
    const detail = "Import by the user's id (24 lower-case hexadecimal characters), or by the e-mail address.";
    throw new AttributeError([], "Invalid id", detail);
  }
  const user = isId ? await findUser(client, id, signal) : await findByEmail(client, id, signal);
  return user === undefined ? null : memberState(user);
}

async function findUser({ api }: OrgtokensClient, id: string, signal: AbortSignal): Promise<User | undefined> {
  try {
    return await api.getUser(id, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function findByEmail({ api }: OrgtokensClient, email: string, signal: AbortSignal): Promise<User | undefined> {
  for await (const user of iterateUsers(api, { signal })) if (sameEmail(user.email, email)) return user;
  return undefined;
}

/** Only this is absence; our own 401, 403 and 503 are not. */
function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === "user_not_found";
}

/** What a refusal means to who declares members; any other error as it is. */
function explainRefusal(error: unknown, email: string): unknown {
  const explained = error instanceof ApiError ? refusals[error.code]?.(email) : undefined;
  if (explained === undefined) return error;
  return new AttributeError(attributePath(explained.at), explained.summary, explained.detail, { cause: error });
}

type Refusal = { readonly at: string; readonly summary: string; readonly detail: string };

const refusals: Readonly<Record<string, ((email: string) => Refusal) | undefined>> = {
  user_exists: (email) => ({
    at: "email",
    summary: "The person is a member already",
    detail: `${email} has signed in before, or was invited with another role. To manage the person here, import by the address: terraform import ADDRESS ${email}. Nothing was changed.`,
  }),
  last_admin: (email) => ({
    at: "role",
    summary: "The last admin must stay",
    detail: `${email} is the only admin of the organization. Make somebody else an admin first, or let Terraform forget this one: terraform state rm ADDRESS. Nothing was changed.`,
  }),
  tokens_may_not_generate: (email) => ({
    at: "role",
    summary: "The provider's token may make nobody an admin",
    detail: `The organization's policy leaves that to signed-in admins (tokens_may_generate = false). Sign in and make ${email} an admin on the page, then import the person; or declare role = "developer". Nothing was changed.`,
  }),
};

/** An API answer as state. */
function memberState(user: User): OrganizationMemberState {
  return {
    email: user.email,
    role: user.role,
    id: user.id,
    status: user.status,
    created_at: user.created,
    invited_by: user.invitedBy,
    last_signed_in_at: user.lastSignedIn,
  };
}
