import type { Schema } from "../../server/operations/operation.ts";
import { createTestApp, type TestApp, type TestCall } from "./app.ts";
import { eventually } from "./clock.ts";

/** An event of the trail, as the API shows it. */
export type TrailEvent = Schema<"AuditEvent">;

/** The newest events of the organization, the oldest of them first. */
export async function readTrail(
  app: TestApp,
  query: NonNullable<TestCall["query"]> = {},
): Promise<readonly TrailEvent[]> {
  const { events } = await app.call("listAuditEvents", { query: { limit: 100, ...query } });
  return events.toReversed();
}

/** Waits until the trail has `count` events that the query matches: those of refusals are written after the answer. */
export function trailOf(
  app: TestApp,
  query: NonNullable<TestCall["query"]>,
  count: number,
): Promise<readonly TrailEvent[]> {
  return eventually(async () => {
    const events = await readTrail(app, query);
    return events.length >= count ? events : undefined;
  });
}

/** Ends the application in order, so that everything it had to write is written, and opens another one beside it. */
export async function reopen(app: TestApp): Promise<TestApp> {
  await app.close();
  return createTestApp({ beside: app });
}
