import type { ChainPosition, ChainReport } from "./domain/audit-check.ts";
import type { OrganizationId } from "./domain/ids.ts";
import type { Database, Organization } from "./domain/stores.ts";

/** How many events are read at once. */
const pageSize = 1000;
/** How many organizations are read at once. */
const organizationPageSize = 100;

/** Told after each page how much of a chain has been checked. */
export type OnProgress = (progress: {
  readonly name: string;
  readonly checked: number;
  readonly length: number;
}) => void;

/**
 * Checks the chain of every organization, or of one, in pages, while others may append to it. Changes nothing.
 * @throws Error when there is no such organization, or the database cannot be read.
 */
export async function* verifyAudit(
  database: Database,
  organizationId: OrganizationId | undefined,
  onProgress: OnProgress,
): AsyncGenerator<ChainReport, void, undefined> {
  let isFound = organizationId === undefined;
  for await (const organization of listOrganizations(database)) {
    if (organizationId !== undefined && organization.id !== organizationId) continue;
    isFound = true;
    yield await verifyChain(database, organization, onProgress);
  }
  if (!isFound) throw new Error(`The database has no organization ${organizationId}. Correct --organization.`);
}

async function* listOrganizations({ stores }: Database): AsyncGenerator<Organization, void, undefined> {
  let after: OrganizationId | undefined;
  for (;;) {
    const page = await stores.organizations.listOrganizations({
      limit: organizationPageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < organizationPageSize) return;
  }
}

async function verifyChain(
  { stores }: Database,
  { id: organizationId, name }: Organization,
  onProgress: OnProgress,
): Promise<ChainReport> {
  let position: ChainPosition | undefined;
  for (;;) {
    const page = await stores.auditEvents.checkChain(organizationId, position, pageSize);
    position = page.position;
    const report = { organizationId, name, head: position };
    if (page.state === "broken") return { ...report, fault: page.fault };
    onProgress({ name, checked: position.sequence, length: page.length });
    if (page.isEnd) return { ...report, fault: null };
  }
}
