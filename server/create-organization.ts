import type { ApiToken } from "./domain/api-token.ts";
import { apiTokenFields, apiTokenTarget, noOrigin, systemActor } from "./domain/audit-event.ts";
import type { Clock } from "./domain/clock.ts";
import {
  type ApiTokenId,
  createIdGenerator,
  type IdGenerator,
  type OrganizationId,
  type UserId,
} from "./domain/ids.ts";
import { apiTokenNotice } from "./domain/notify-admins.ts";
import { recordChange } from "./domain/record-change.ts";
import type { Database, Organization, Stores } from "./domain/stores.ts";
import { createTokenIssuer, type IssuedToken } from "./domain/token-text.ts";
import { normalizeEmail, type User } from "./domain/user.ts";

/** An organization that was just created. `token` is its first Admin token, shown this once. */
export type CreatedOrganization = {
  readonly organizationId: string;
  readonly adminEmail: string;
  readonly token: string;
};

/** What is created: the organization's name, its first admin's address, and whether there may be others beside it. */
export type NewOrganization = {
  readonly organization: string;
  readonly adminEmail: string;
  readonly place: "first" | "another";
};

type Services = { readonly clock: Clock; readonly newId: IdGenerator };

/**
 * Creates an organization, its first admin and one Admin token, in one transaction.
 * @throws Error when it is to be the first one and there is one already, or another one and there is none; nothing is
 *   changed then.
 */
export async function createOrganization(
  database: Database,
  { organization: name, adminEmail, place }: NewOrganization,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: (size: number) => Uint8Array },
): Promise<CreatedOrganization> {
  const services: Services = { clock, newId: createIdGenerator(clock, randomBytes) };
  const issued = createTokenIssuer(randomBytes)();
  return database.transact(async (stores) => {
    refusePlace(place, await stores.organizations.countOrganizations());
    const organization = { id: services.newId<OrganizationId>(), name, createdAt: clock.now() };
    await stores.organizations.insertOrganization(organization);
    await recordChange(stores, services, {
      ...changeOf(organization.id),
      action: "organization.created",
      target: { type: "organization", id: organization.id, label: name },
    });
    const admin = await createFirstAdmin(stores, services, organization, normalizeEmail(adminEmail));
    await createFirstToken(stores, services, admin, issued);
    return { organizationId: organization.id, adminEmail: admin.email, token: issued.text };
  });
}

function refusePlace(place: NewOrganization["place"], count: number): void {
  if (place === "first" && count > 0) {
    throw new Error(
      "The database already has an organization. Start the server with it, name another database, or create another organization beside it with orgtokens-server organization create.",
    );
  }
  if (place === "another" && count === 0) {
    throw new Error("The database has no organization yet. Run orgtokens-server init with it first.");
  }
}

async function createFirstAdmin(
  stores: Stores,
  services: Services,
  { id: organizationId, createdAt }: Organization,
  email: string,
): Promise<User> {
  const admin: User = {
    id: services.newId<UserId>(),
    organizationId,
    email,
    role: "admin",
    createdAt,
    invitedBy: null,
    lastSignedInAt: null,
    identity: null,
  };
  await stores.users.insertUser(admin);
  await recordChange(stores, services, {
    ...changeOf(organizationId),
    action: "user.created",
    target: { type: "user", id: admin.id, label: email },
    after: { email, role: admin.role },
  });
  return admin;
}

async function createFirstToken(stores: Stores, services: Services, admin: User, issued: IssuedToken): Promise<void> {
  const { organizationId, createdAt } = admin;
  const { text: _, ...digest } = issued;
  const token: ApiToken = {
    id: services.newId<ApiTokenId>(),
    organizationId,
    label: "First Admin token",
    description: "Generated with the organization.",
    role: "admin",
    createdAt,
    createdBy: admin.email,
    pendingUntil: null,
    expiresAt: null,
    rotatedAt: null,
    revokedAt: null,
    lastUsedAt: null,
    lastUsedIp: null,
    destination: null,
    managedBy: null,
    allowedNetworks: [],
  };
  await stores.apiTokens.insertApiToken(token);
  const secret = { ...digest, organizationId, apiTokenId: token.id, createdAt, diesAt: null, rotation: null };
  await stores.secrets.insertSecret({ ...secret, state: "current" });
  await recordChange(stores, services, {
    ...changeOf(organizationId),
    action: "api_token.created",
    target: apiTokenTarget(token),
    after: apiTokenFields({ ...token, fingerprint: digest.fingerprint }),
    notice: apiTokenNotice("api_token_generated", { ...token, obfuscated: digest.obfuscated }),
  });
}

function changeOf(organizationId: OrganizationId) {
  return { organizationId, actor: systemActor, origin: noOrigin };
}
