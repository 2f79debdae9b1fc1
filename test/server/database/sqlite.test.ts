import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqlite } from "../../../server/database/sqlite.ts";
import { digestToken } from "../../../server/domain/token-text.ts";
import { createTestApp } from "../../support/app.ts";
import { authenticate, buildPendingToken, buildToken } from "../../support/builders.ts";
import { alterDatabase, openDatabaseAt, openTestDatabase, readBytes, readContents } from "../../support/database.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("no byte of the database on disk holds a token's text, only its SHA-256", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  const pending = await buildPendingToken(app, { destination: "vault://kv/ci#token" });
  const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  await authenticate(app, rotated.token);
  await app.call("verifyApiToken", { body: { token } });
  const bytes = readBytes(app.location);
  for (const text of [token, pending.token, rotated.token, app.adminToken]) {
    expect(bytes).not.toContain(text.slice(8));
    expect(bytes).toContain(digestToken(text).sha256);
  }
});

test("the database and its log can be read by their owner only", async () => {
  const app = await createTestApp();
  await buildToken(app);
  for (const path of [app.location, `${app.location}-wal`, `${app.location}-shm`])
    expect(statSync(path).mode & 0o077, path).toBe(0);
});

test("opening a fresh file creates the tables, opening it again changes nothing", async () => {
  const { database, location: path } = await openTestDatabase();
  const created = readContents(path);
  expect(Object.keys(created)).toEqual(
    expect.arrayContaining(["api_token_secrets", "api_tokens", "destinations", "organizations", "users"]),
  );
  await database.close();
  await openDatabaseAt(path);
  expect(readContents(path)).toEqual(created);
});

test("a database that a newer version wrote is refused and left as it is", async () => {
  const { database, location: path } = await openTestDatabase();
  await database.close();
  alterDatabase(
    path,
    "insert into kysely_migration (name, timestamp) values ('9999-future', '2030-01-01T00:00:00.000Z')",
  );
  const before = readContents(path);
  await expect(openSqlite({ path, create: "never" })).rejects.toThrow(/newer version of orgtokens/);
  expect(readContents(path)).toEqual(before);
});

test("a migration that fails half way leaves nothing, and succeeds once the obstacle is gone", async () => {
  const path = join(await temporaryFolder(), "orgtokens.sqlite");
  // The last table the first migration creates: what it created before must be undone.
  alterDatabase(path, "create table destinations (obstacle text)");
  await expect(openSqlite({ path, create: "never" })).rejects.toThrow(/cannot be migrated/);
  expect(Object.keys(readContents(path))).not.toContain("organizations");
  alterDatabase(path, "drop table destinations");
  const { database } = await openDatabaseAt(path);
  expect(await database.stores.organizations.countOrganizations()).toBe(0);
});

test("a file that is missing is not created when it must be there", async () => {
  const path = join(await temporaryFolder(), "orgtokens.sqlite");
  await expect(openSqlite({ path, create: "never" })).rejects.toThrow(/ENOENT/);
  expect(existsSync(path)).toBe(false);
});

test("a file that is no database is refused and left as it is", async () => {
  const path = join(await temporaryFolder(), "notes.txt");
  writeFileSync(path, "notes ".repeat(1000));
  await expect(openSqlite({ path, create: "never" })).rejects.toThrow(/not a database/);
  expect(readBytes(path)).toBe("notes ".repeat(1000));
});

test("a transaction that throws leaves nothing, and the next one works", async () => {
  const { database, location: path } = await openTestDatabase();
  const before = readContents(path);
  const id = "0199f3a1b2c40d5e6f708192";
  const insert = database.transact(async (stores) => {
    await stores.organizations.insertOrganization({ id, name: "A", createdAt: new Date(0) } as never);
    throw new Error("no");
  });
  await expect(insert).rejects.toThrow("no");
  expect(readContents(path)).toEqual(before);
  expect(await database.transact((stores) => stores.organizations.countOrganizations())).toBe(0);
});

test("a closed database refuses reads, writes and pings, also when it was never read", async () => {
  const { database } = await openTestDatabase();
  await database.close();
  await expect(database.ping()).rejects.toThrow();
  await expect(database.stores.organizations.countOrganizations()).rejects.toThrow();
  await expect(database.transact(async () => 1)).rejects.toThrow();
  await database.close();
});

test("a token has at most one current and one new secret, whatever a program does", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  for (const state of ["current", "new"]) {
    const copy = `insert into api_token_secrets select 'x' || sha256, fingerprint, obfuscated, organization_id, api_token_id, '${state}', created_at, dies_at, rotation from api_token_secrets where api_token_id = '${id}' limit 1`;
    expect(() => alterDatabase(app.location, copy), state).toThrow(/UNIQUE constraint/);
  }
});

test("finding a presented secret, a token and a page each use an index", async () => {
  const { location: path } = await openTestDatabase();
  const connection = new DatabaseSync(path, { readOnly: true });
  const plan = (query: string): string =>
    connection
      .prepare(`explain query plan ${query}`)
      .all()
      .map(({ detail }) => String(detail))
      .join("; ");
  expect(
    plan("select * from api_token_secrets s join api_tokens t on t.id = s.api_token_id where s.sha256 in ('a', 'b')"),
  ).not.toContain("SCAN");
  expect(
    plan("select * from api_tokens where organization_id = 'a' and id < 'b' order by id desc limit 11"),
  ).not.toMatch(/SCAN|TEMP B-TREE/);
  expect(plan("select * from destinations where organization_id = 'a' and uri = 'b'")).not.toContain("SCAN");
  connection.close();
});
