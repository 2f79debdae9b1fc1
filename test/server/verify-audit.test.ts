import { expect, test } from "vitest";
import { hashAuditEvent } from "../../server/database/audit-chain.ts";
import { isPostgresUrl } from "../../server/database/postgres-url.ts";
import type { AuditEventRow } from "../../server/database/schema.ts";
import { verifyAudit } from "../../server/verify-audit.ts";
import { createTestApp, type TestApp } from "../support/app.ts";
import { buildOtherOrganization, buildToken } from "../support/builders.ts";
import { alterDatabase, emptyLocation, readContents } from "../support/database.ts";
import { initialiseDatabase, runServerCommand } from "../support/server-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** An organization with eight events; its first three are of its start. */
async function buildTrail(): Promise<TestApp> {
  const app = await createTestApp();
  const { id } = await buildToken(app, { label: "CI" });
  await app.call("updateApiToken", { id, body: { label: "Nightly" } });
  await app.call("rotateApiToken", { id, body: {} });
  await app.call("revokeApiToken", { id });
  await buildToken(app);
  await app.close();
  return app;
}

async function verify({ database, organizationId }: TestApp) {
  for await (const report of verifyAudit(database, undefined, () => undefined)) {
    if (report.organizationId === organizationId) return report;
  }
  throw new Error("The organization was not checked.");
}

function rowsOf({ location, organizationId }: TestApp): readonly AuditEventRow[] {
  const rows = (readContents(location)["audit_events"] ?? []) as readonly AuditEventRow[];
  const own = rows.filter((row) => row.organization_id === organizationId);
  return own.toSorted((left, right) => left.sequence - right.sequence);
}

function tamper(app: TestApp, sqlText: string): void {
  const unguarded = isPostgresUrl(app.location)
    ? "set session_replication_role = replica"
    : "pragma foreign_keys = off";
  alterDatabase(app.location, `${unguarded}; ${sqlText}`);
}

/** Swaps, closes gaps and makes room by way of sequences that nothing has. */
const move = (from: number, to: number) => `update audit_events set sequence = ${to} where sequence = ${from};`;

test("an untouched chain is intact, and its head is its last event", async () => {
  const app = await buildTrail();
  const last = rowsOf(app).at(-1);
  expect(last?.sequence).toBe(8);
  expect(await verify(app)).toEqual({
    organizationId: app.organizationId,
    name: "Test Ltd",
    head: { sequence: 8, hash: last?.hash },
    fault: null,
  });
});

const columns: readonly (readonly [column: string, value: string])[] = [
  ["id", "'0199f3a1b2c40d5e6f708192'"],
  ["at", "at + 1"],
  ["action", "'api_token.created'"],
  ["outcome", "'refused'"],
  ["actor_type", "'user'"],
  ["actor_id", "null"],
  ["actor_label", "'Somebody else'"],
  ["target_type", "'user'"],
  ["target_id", "null"],
  ["target_label", "''"],
  ["ip", "'192.0.2.1'"],
  ["user_agent", "'curl'"],
  ["request_id", "null"],
  ["before", "null"],
  ["after", "'{}'"],
  ["previous_hash", "hash"],
  ["hash", "previous_hash"],
];

test.for(columns)("a changed %s is found in its event", async ([column, value]) => {
  const app = await buildTrail();
  const id = rowsOf(app)[4]?.id;
  tamper(app, `update audit_events set "${column}" = ${value} where sequence = 5`);
  const { fault, head } = await verify(app);
  expect(fault).toMatchObject({ kind: "changed", sequence: 5 });
  expect(fault?.eventId === id).toBe(column !== "id");
  expect(head.sequence).toBe(4);
});

test("every column of an event is covered", () => {
  const tampered = columns.map(([column]) => column);
  expect([...tampered, "organization_id", "sequence"].sort()).toEqual(Object.keys(emptyRow).sort());
});

test.for([
  ["an event that is gone", "delete from audit_events where sequence = 5", "removed", 5],
  ["several that are gone", "delete from audit_events where sequence in (4, 5, 6)", "removed", 4],
  ["the first that is gone", "delete from audit_events where sequence = 1", "removed", 1],
  [
    "one that is gone, with the gap closed",
    `delete from audit_events where sequence = 5; ${move(6, 5)} ${move(7, 6)} ${move(8, 7)} update audit_heads set sequence = 7`,
    "removed",
    5,
  ],
  ["two that changed places", move(5, 100) + move(6, 5) + move(100, 6), "reordered", 5],
  ["one that moved to the end", move(5, 100) + move(6, 5) + move(7, 6) + move(8, 7) + move(100, 8), "reordered", 5],
  ["the last that is gone", "delete from audit_events where sequence = 8", "tail_cut", 8],
  ["the last three that are gone", "delete from audit_events where sequence > 5", "tail_cut", 6],
  ["all that are gone", "delete from audit_events", "tail_cut", 1],
  ["an end that is gone", "delete from audit_heads", "tail_cut", 9],
  ["an end that was set back", "update audit_heads set sequence = 6", "inserted", 7],
  [
    "an event of another organization",
    "update audit_events set organization_id = '0199f3a1b2c40d5e6f708192' where sequence = 5",
    "removed",
    5,
  ],
] as const)("%s", async ([, sqlText, kind, sequence]) => {
  const app = await buildTrail();
  tamper(app, sqlText);
  const { fault, head } = await verify(app);
  expect(fault).toMatchObject({ kind, sequence });
  expect(head.sequence).toBe(Math.min(sequence - 1, 8) + (kind === "inserted" ? 2 : 0));
});

test("an event that was put in is found, at the end and between others, also with a right hash", async () => {
  const app = await buildTrail();
  const rows = rowsOf(app);
  const insert = (row: AuditEventRow) => {
    const names = Object.keys(row).map((name) => `"${name}"`);
    const values = Object.values(row).map((value) =>
      typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value),
    );
    alterDatabase(app.location, `insert into audit_events (${names}) values (${values})`);
  };
  const forge = (sequence: number, previous: string | undefined): AuditEventRow => {
    const forged = { ...emptyRow, ...rows[4], id: "f".repeat(24), sequence, previous_hash: previous ?? "" };
    return { ...forged, hash: hashAuditEvent(forged) };
  };
  insert(forge(9, rows[7]?.hash));
  expect((await verify(app)).fault).toMatchObject({ kind: "inserted", sequence: 9, eventId: null });
  tamper(app, "delete from audit_events where sequence = 9");
  tamper(app, move(8, 9) + move(7, 8) + move(6, 7) + move(5, 6));
  insert(forge(5, rows[3]?.hash));
  expect((await verify(app)).fault).toMatchObject({ kind: "inserted", sequence: 6, eventId: rows[4]?.id });
});

test("an event that was rewritten with a hash of its own is found where the next one does not follow it", async () => {
  const app = await buildTrail();
  const rows = rowsOf(app);
  const rewrite = (row: AuditEventRow | undefined) => {
    const changed = { ...emptyRow, ...row, actor_label: "Somebody else" };
    const hash = hashAuditEvent(changed);
    tamper(
      app,
      `update audit_events set actor_label = 'Somebody else', hash = '${hash}' where sequence = ${row?.sequence}`,
    );
  };
  rewrite(rows[4]);
  expect((await verify(app)).fault).toMatchObject({ kind: "changed", sequence: 6, eventId: rows[5]?.id });
  const other = await buildTrail();
  const last = { ...emptyRow, ...rowsOf(other)[7], actor_label: "Somebody else" };
  tamper(
    other,
    `update audit_events set actor_label = 'Somebody else', hash = '${hashAuditEvent(last)}' where sequence = 8`,
  );
  expect((await verify(other)).fault).toMatchObject({ kind: "changed", sequence: 8 });
});

test("a long chain is checked in pages while others append to it, one organization broken and the other not", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  const body = { label: "Other", role: "developer" };
  await app.call("createApiToken", { token: other.adminToken, body });
  for (let count = 0; count < 30; count += 1) await buildToken(app);
  const pages: (readonly [number, number])[] = [];
  let position: Parameters<typeof app.database.stores.auditEvents.checkChain>[1];
  for (let isEnd = false; !isEnd; ) {
    const page = await app.database.stores.auditEvents.checkChain(
      app.organizationId as Parameters<typeof app.database.stores.auditEvents.checkChain>[0],
      position,
      10,
    );
    if (page.state === "broken") throw new Error(page.fault.message);
    position = page.position;
    isEnd = page.isEnd;
    pages.push([page.position.sequence, page.length]);
    if (pages.length === 2) await buildToken(app);
  }
  expect(pages).toEqual([
    [10, 33],
    [20, 33],
    [30, 34],
    [34, 34],
    [34, 34],
  ]);
  tamper(app, `update audit_events set ip = null where organization_id = '${other.organizationId}'`);
  expect((await verify(app)).fault).toBeNull();
});

test("the command says which chain is broken where, and answers 0, 1 and 2", async () => {
  const folder = await temporaryFolder();
  const path = await emptyLocation();
  const run = (...args: readonly string[]) =>
    runServerCommand(folder, ["audit", "verify", "--database", path, ...args]);
  expect((await runServerCommand(folder, ["audit", "verify", "--database", `${path}-missing`])).exitCode).toBe(2);
  await initialiseDatabase(folder, path);
  const intact = await run();
  expect([intact.exitCode, intact.output]).toEqual([
    0,
    expect.stringMatching(/^Test Ltd \(\w{24}\): 3 events, intact/),
  ]);
  expect((await run("--organization", "0199f3a1b2c40d5e6f708192")).exitCode).toBe(2);
  expect((await run("--organization", "Test Ltd")).exitCode).toBe(2);
  alterDatabase(path, "update audit_events set actor_label = 'x' where sequence = 2");
  const broken = await run();
  expect([broken.exitCode, broken.output]).toEqual([
    1,
    expect.stringMatching(/^Test Ltd \(\w{24}\): BROKEN at event 2 \(\w{24}\): changed: .*\n {2}Intact before it: 1\./),
  ]);
  const { exitCode, stdout } = await run("--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    name: "Test Ltd",
    head: { sequence: 1 },
    fault: { kind: "changed", sequence: 2 },
  });
}, 90_000);

const emptyRow: AuditEventRow = {
  organization_id: "",
  sequence: 0,
  id: "",
  at: 0,
  action: "",
  outcome: "",
  actor_type: "",
  actor_id: null,
  actor_label: "",
  target_type: null,
  target_id: null,
  target_label: null,
  ip: null,
  user_agent: null,
  request_id: null,
  before: null,
  after: null,
  previous_hash: "",
  hash: "",
};
