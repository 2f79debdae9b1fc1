import type { Kysely } from "kysely";
import type { Stores } from "../domain/stores.ts";
import { createAlarmStore } from "./alarm-store.ts";
import { createApiTokenSecretStore } from "./api-token-secret-store.ts";
import { createApiTokenStore } from "./api-token-store.ts";
import { createAuditEventStore } from "./audit-event-store.ts";
import { createDestinationStore } from "./destination-store.ts";
import type { QueryWords } from "./dialect-words.ts";
import { createExpiryNoticeStore } from "./expiry-notice-store.ts";
import { createIdempotentCreationStore } from "./idempotent-creation-store.ts";
import { createMailQueueStore } from "./mail-queue-store.ts";
import { createMailStore } from "./mail-store.ts";
import { createOrganizationStore } from "./organization-store.ts";
import type { Tables } from "./schema.ts";
import { createSessionStore } from "./session-store.ts";
import { createSignInLinkStore } from "./sign-in-link-store.ts";
import { createUserStore } from "./user-store.ts";

/** Every store over one connection or transaction. */
export function createStores(database: Kysely<Tables>, words: QueryWords): Stores {
  return {
    organizations: createOrganizationStore(database),
    users: createUserStore(database),
    sessions: createSessionStore(database),
    signInLinks: createSignInLinkStore(database),
    apiTokens: createApiTokenStore(database, words),
    secrets: createApiTokenSecretStore(database, words),
    destinations: createDestinationStore(database),
    auditEvents: createAuditEventStore(database),
    alarms: createAlarmStore(database),
    mail: createMailStore(database),
    mailQueue: createMailQueueStore(database),
    expiryNotices: createExpiryNoticeStore(database),
    idempotentCreations: createIdempotentCreationStore(database),
  };
}
