import type { ApiToken, ApiTokenSecret, ListedApiToken, Role, Status } from "./api-token.ts";
import type { ChainPage, ChainPosition } from "./audit-check.ts";
import type { AuditEvent, AuditEventFilter, ChainedAuditEvent } from "./audit-event.ts";
import type { ApiTokenId, Id, OrganizationId, SessionId, UserId } from "./ids.ts";
import type { ExpiryNoticeStore, MailQueueStore, MailStore } from "./mail-stores.ts";
import type { OrganizationPolicy } from "./organization-policy.ts";
import type { PresentedSession, Session } from "./session.ts";
import type { SignInLink } from "./sign-in.ts";
import type { ProviderIdentity, User } from "./user.ts";
import type { PresentedSecret } from "./verdict.ts";

/** An organization: what tokens belong to. */
export type Organization = { readonly id: OrganizationId; readonly name: string; readonly createdAt: Date };

/** Which tokens a list is about. Absent members do not filter. */
export type ApiTokenFilter = {
  readonly status: Status | "live" | "all";
  readonly label?: string;
  /** A part of the label; the letters A to Z match in either case. */
  readonly search?: string;
  readonly destination?: string;
  readonly managedBy?: string;
  /** At most 100. */
  readonly ids?: readonly ApiTokenId[];
};

/** Which part of a list: a page from 1, or what follows one of it, in pages of `limit`. */
export type PagePosition<Listed extends Id = ApiTokenId> = {
  readonly limit: number;
  readonly page: number;
  readonly after?: Listed;
};

/** What of a token can be changed in place. Absent members stay. */
export type ApiTokenChange = {
  readonly label?: string;
  readonly description?: string | null;
  readonly expiresAt?: Date | null;
  readonly managedBy?: string | null;
  readonly allowedNetworks?: readonly string[];
  readonly destination?: string | null;
  readonly pendingUntil?: Date | null;
  readonly revokedAt?: Date;
  readonly rotatedAt?: Date;
};

/** What of a user can be changed in place. Absent members stay. */
export type UserChange = {
  readonly role?: Role;
  readonly lastSignedInAt?: Date;
  readonly identity?: ProviderIdentity;
};

/** The newest use of a token. */
export type LastUse = {
  readonly organizationId: OrganizationId;
  readonly apiTokenId: ApiTokenId;
  readonly usedAt: Date;
  readonly ip: string | null;
};

export interface OrganizationStore {
  insertOrganization(organization: Organization): Promise<void>;
  getOrganization(id: OrganizationId): Promise<Organization>;
  countOrganizations(): Promise<number>;
  /** In the order of their ids, those after `after`. */
  listOrganizations(position: {
    readonly limit: number;
    readonly after?: OrganizationId;
  }): Promise<readonly Organization[]>;
  /** The rules for the organization's tokens; the default ones where nobody changed any. */
  getPolicy(id: OrganizationId): Promise<OrganizationPolicy>;
  putPolicy(id: OrganizationId, policy: OrganizationPolicy): Promise<void>;
}

/** People. Methods without an organization are for who is not signed in yet. */
export interface UserStore {
  insertUser(user: User): Promise<void>;
  /** E-mail addresses of the organization's admins, at most 1000. */
  listAdminEmails(organizationId: OrganizationId): Promise<readonly string[]>;
  findUser(organizationId: OrganizationId, id: UserId): Promise<User | undefined>;
  findUserByEmail(organizationId: OrganizationId, email: string): Promise<User | undefined>;
  /** Newest first, and one user more than `limit` when there is a next page. `total` counts all pages. */
  listUsers(
    organizationId: OrganizationId,
    position: PagePosition<UserId>,
  ): Promise<{ readonly users: readonly User[]; readonly total: number }>;
  countAdmins(organizationId: OrganizationId): Promise<number>;
  updateUser(organizationId: OrganizationId, id: UserId, change: UserChange): Promise<void>;
  /** Deletes the user with its sessions and links. */
  deleteUser(organizationId: OrganizationId, id: UserId): Promise<void>;
  /** Whoever has the address, one user per organization, at most 20: who signed in last comes first. */
  findUsersByEmail(email: string): Promise<readonly User[]>;
  /** Whoever is this person at the provider, one user per organization, at most 20: who signed in last comes first. */
  findUsersByIdentity(identity: ProviderIdentity): Promise<readonly User[]>;
  /** The oldest admin, unless somebody has signed in to this server before. */
  findFirstAdmin(): Promise<User | undefined>;
}

/** Signed-in browsers. */
export interface SessionStore {
  insertSession(session: Session): Promise<void>;
  /** Finds a session by the SHA-256 of its secret, which says which organization it belongs to. */
  findPresentedSession(sha256: string): Promise<PresentedSession | undefined>;
  /** Newest first, at most 100. */
  listSessions(organizationId: OrganizationId, userId: UserId): Promise<readonly Session[]>;
  /** Notes a request. Forward only: an older one than is stored changes nothing. */
  touchSession(organizationId: OrganizationId, id: SessionId, seenAt: Date): Promise<void>;
  /** Ends a session of the user. Answers whether there was one. */
  deleteSession(organizationId: OrganizationId, userId: UserId, id: SessionId): Promise<boolean>;
  /** Deletes sessions of every organization that have expired. Answers how many. */
  deleteOutdatedSessions(now: Date): Promise<number>;
}

/** Links that sign in once. */
export interface SignInLinkStore {
  insertSignInLink(link: SignInLink): Promise<void>;
  /** Finds a link by the SHA-256 of its secret, which says which organization it belongs to. */
  findSignInLink(sha256: string): Promise<SignInLink | undefined>;
  /** Ends a link unless it has ended. Of any number of callers at once, one is answered true. */
  endSignInLink(organizationId: OrganizationId, sha256: string, now: Date): Promise<boolean>;
  /** Ends every link of the user. */
  endSignInLinksOf(organizationId: OrganizationId, userId: UserId, now: Date): Promise<void>;
  /** Deletes links of every organization that expired before. Answers how many. */
  deleteOutdatedSignInLinks(expiredBefore: Date): Promise<number>;
}

/** Tokens. Discarded ones (never activated in time) are never found. */
export interface ApiTokenStore {
  findApiToken(organizationId: OrganizationId, id: ApiTokenId, now: Date): Promise<ListedApiToken | undefined>;
  /**
   * Newest first, and one token more than `limit` when there is a next page. `total` counts what the filter matches on
   * all pages.
   */
  listApiTokens(
    organizationId: OrganizationId,
    filter: ApiTokenFilter,
    position: PagePosition,
    now: Date,
  ): Promise<{ readonly tokens: readonly ListedApiToken[]; readonly total: number }>;
  insertApiToken(token: ApiToken): Promise<void>;
  updateApiToken(organizationId: OrganizationId, id: ApiTokenId, change: ApiTokenChange): Promise<void>;
  /** Takes uses forward only: an older one than is stored changes nothing. */
  updateLastUses(uses: readonly LastUse[]): Promise<void>;
  /**
   * Deletes tokens of every organization, with their secrets and claims, that were discarded before `now` or dead before
   * `deadBefore`. Answers how many.
   */
  deleteOutdatedApiTokens(now: Date, deadBefore: Date): Promise<number>;
}

/** Secrets of tokens. */
export interface ApiTokenSecretStore {
  /**
   * Finds presented secrets by their SHA-256, in one indexed query. The only method without an organization: the secret
   * itself says which one it belongs to.
   */
  findPresented(sha256s: readonly string[]): Promise<readonly PresentedSecret[]>;
  findSecret(
    organizationId: OrganizationId,
    apiTokenId: ApiTokenId,
    fingerprint: string,
  ): Promise<ApiTokenSecret | undefined>;
  insertSecret(secret: ApiTokenSecret): Promise<void>;
  /** The current secret becomes superseded, or retiring until `diesAt`. */
  retireCurrentSecret(organizationId: OrganizationId, apiTokenId: ApiTokenId, diesAt: Date | null): Promise<void>;
  /** The new secret, if there is one, becomes superseded. */
  supersedeNewSecret(organizationId: OrganizationId, apiTokenId: ApiTokenId): Promise<void>;
  /** A new secret becomes current. */
  promoteNewSecret(organizationId: OrganizationId, apiTokenId: ApiTokenId, sha256: string): Promise<void>;
}

/** Which token a creation's idempotency key stands for, and the SHA-256 of its request in hexadecimal. */
export type IdempotentCreation = { readonly apiTokenId: ApiTokenId; readonly requestSha256: string };

/** Creations that carried an idempotency key. */
export interface IdempotentCreationStore {
  findIdempotentCreation(
    organizationId: OrganizationId,
    key: string,
    madeAfter: Date,
  ): Promise<IdempotentCreation | undefined>;
  /** Takes the key, also from a creation that is no longer remembered. */
  putIdempotentCreation(
    organizationId: OrganizationId,
    key: string,
    creation: IdempotentCreation & { readonly madeAt: Date },
  ): Promise<void>;
  /** Forgets creations of every organization. */
  deleteIdempotentCreations(madeBefore: Date): Promise<void>;
}

/** Which live token has which destination. One per organization and destination, by the primary key. */
export interface DestinationStore {
  /** The token that has the destination; a claim of a token that is not live any more does not count. */
  findClaimant(organizationId: OrganizationId, destination: string, now: Date): Promise<ApiTokenId | undefined>;
  /** Takes the destination; a claim of a token that is not live any more is replaced. */
  claim(organizationId: OrganizationId, destination: string, apiTokenId: ApiTokenId, now: Date): Promise<void>;
  /** Gives up every destination of the token except `keep`. */
  releaseExcept(organizationId: OrganizationId, apiTokenId: ApiTokenId, keep: readonly string[]): Promise<void>;
}

/** What happened in organizations, each organization's events chained by hashes. */
export interface AuditEventStore {
  /** Appends to the organization's chain. Others who append to it wait until this transaction has ended. */
  appendAuditEvent(event: AuditEvent): Promise<void>;
  /** The `limit` newest events that the filter matches; with `before`, those whose sequence is lower. */
  listAuditEvents(
    organizationId: OrganizationId,
    filter: AuditEventFilter,
    position: { readonly limit: number; readonly before?: number },
  ): Promise<readonly ChainedAuditEvent[]>;
  /** The `limit` oldest events that the filter matches and whose sequence is higher than `after`. */
  listAuditEventsForward(
    organizationId: OrganizationId,
    filter: AuditEventFilter,
    position: { readonly limit: number; readonly after: number },
  ): Promise<readonly ChainedAuditEvent[]>;
  /** The highest sequence of each organization. */
  findNewestSequences(organizationIds: readonly OrganizationId[]): Promise<ReadonlyMap<OrganizationId, number>>;
  /** Checks up to `limit` events of the chain after `position`, from its start when undefined; at the end, its end. */
  checkChain(organizationId: OrganizationId, position: ChainPosition | undefined, limit: number): Promise<ChainPage>;
}

/** An alarm about a token: it is raised at most once in an hour. */
export type Alarm = {
  readonly kind:
    | "api_token_used_when_revoked"
    | "api_token_used_when_expired"
    | "api_token_used_when_retired"
    | "api_token_leaked";
  readonly apiTokenId: ApiTokenId;
  /** Counted since 1970. */
  readonly hour: number;
};

/** Which alarms were raised, so that replicas raise none twice. */
export interface AlarmStore {
  /** Whether the alarm is new, and by that raised. */
  raiseAlarm(organizationId: OrganizationId, alarm: Alarm): Promise<boolean>;
  /** Forgets alarms of every organization that were raised before the hour. Answers how many. */
  deleteAlarms(beforeHour: number): Promise<number>;
}

/** All stores over one view of the database. */
export type Stores = {
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly signInLinks: SignInLinkStore;
  readonly apiTokens: ApiTokenStore;
  readonly secrets: ApiTokenSecretStore;
  readonly destinations: DestinationStore;
  readonly auditEvents: AuditEventStore;
  readonly alarms: AlarmStore;
  readonly mail: MailStore;
  readonly mailQueue: MailQueueStore;
  readonly expiryNotices: ExpiryNoticeStore;
  readonly idempotentCreations: IdempotentCreationStore;
};

/** A database that holds everything the server knows. */
export interface Database {
  /** Reads what is committed, from the primary. */
  readonly stores: Stores;
  /**
   * Runs `work` in one transaction, which sees no other one's writes while it runs: all transactions have the effect
   * they would have one after the other. What it wrote is durable when this resolves, and gone when `work` throws.
   *
   * @param work may run again, when another replica came in between: it must change nothing but by its stores.
   */
  transact<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /**
   * Runs background work unless somebody is at it: of all replicas, at most one runs the work of a `name` at a time. No
   * transaction is open for it: `work` opens its own. A replica that loses the database in the middle loses its turn
   * without noticing, so each of these transactions must be right also when another replica begins.
   *
   * @returns whether it ran here, to its end.
   */
  exclusively(name: string, work: () => Promise<void>): Promise<boolean>;
  /** @throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
  /** How its connections are used at the moment. Absent where there is one file and no connection. */
  readonly connections?: () => DatabaseConnections;
}

/** The connections of this server to its database. */
export type DatabaseConnections = {
  /** At most so many are open at once. */
  readonly limit: number;
  readonly open: number;
  /** Of those, the ones that nobody uses. */
  readonly idle: number;
  /** How many wait for one. */
  readonly waiting: number;
};
