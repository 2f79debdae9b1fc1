import type { AuditEvent, CallOptions, Client, ListAuditEventsQuery } from "./client.ts";

/** How many events one request asks for. */
const pageSize = 100;

/**
 * Walks over all events that a query matches, newest first, a page at a time. Events that happen meanwhile make it
 * neither skip nor repeat one.
 *
 * @param call applies to each request; its deadline too.
 */
export async function* iterateAuditEvents(
  client: Pick<Client, "listAuditEvents">,
  query: Omit<ListAuditEventsQuery, "cursor"> = {},
  call?: CallOptions,
): AsyncGenerator<AuditEvent, void, undefined> {
  let cursor: number | null | undefined;
  while (cursor !== null) {
    const page = await client.listAuditEvents(
      { limit: pageSize, ...query, ...(cursor === undefined ? {} : { cursor }) },
      call,
    );
    yield* page.events;
    cursor = page.nextCursor;
  }
}
