import { Client, type QueryConfig } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPostgres } from "../../../server/database/postgres.ts";
import { redactPostgresUrl } from "../../../server/database/postgres-url.ts";
import type { Stores } from "../../../server/domain/stores.ts";
import { digestToken } from "../../../server/domain/token-text.ts";
import { createTestApp } from "../../support/app.ts";
import { authenticate, buildPendingToken, buildToken, verify } from "../../support/builders.ts";
import {
  alterDatabase,
  emptyLocation,
  openDatabaseAt,
  openTestDatabase,
  postgresSettings,
  queryDatabase,
  readContents,
} from "../../support/database.ts";

const id = "0199f3a1b2c40d5e6f708192";
const createdAt = new Date(0);
const insertOrganization = (stores: Stores, name: string) =>
  stores.organizations.insertOrganization({ id: id as never, name, createdAt });

test("no row holds a token's text, only its SHA-256", async () => {
  const app = await createTestApp();
  const { id: tokenId, token } = await buildToken(app);
  const pending = await buildPendingToken(app, { destination: "vault://kv/ci#token" });
  const rotated = await app.call("rotateApiToken", { id: tokenId, body: { activation: "deferred" } });
  await authenticate(app, rotated.token);
  const stored = JSON.stringify(app.contents());
  for (const text of [token, pending.token, rotated.token, app.adminToken]) {
    expect(stored).not.toContain(text.slice(8));
    expect(stored).toContain(digestToken(text).sha256);
  }
});

test("replicas that start at once on an empty database make its tables once, and all start", async () => {
  const location = await emptyLocation();
  const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabaseAt(location)));
  for (const { database } of opened) expect(await database.stores.organizations.countOrganizations()).toBe(0);
  const { kysely_migration: migrations, ...tables } = readContents(location);
  expect(Object.keys(tables)).toEqual(expect.arrayContaining(["api_token_secrets", "api_tokens", "destinations"]));
  expect(new Set(migrations).size).toBe(migrations?.length);
});

test("a database that a newer version wrote is refused and left as it is", async () => {
  const { location } = await openTestDatabase();
  alterDatabase(location, "insert into kysely_migration (name, timestamp) values ('9999-future', '2030-01-01')");
  const before = readContents(location);
  await expect(openDatabaseAt(location)).rejects.toThrow(/newer version of orgtokens/);
  expect(readContents(location)).toEqual(before);
});

test("a migration that fails half way leaves nothing, and succeeds once the obstacle is gone", async () => {
  const location = await emptyLocation();
  alterDatabase(location, "create table destinations (obstacle text)");
  await expect(openDatabaseAt(location)).rejects.toThrow(/cannot be migrated/);
  expect(Object.keys(readContents(location))).not.toContain("organizations");
  alterDatabase(location, "drop table destinations");
  expect(await (await openDatabaseAt(location)).database.stores.organizations.countOrganizations()).toBe(0);
});

test("a transaction that throws leaves nothing, and the next one works", async () => {
  const { database, location } = await openTestDatabase();
  const before = readContents(location);
  const insert = database.transact(async (stores) => {
    await insertOrganization(stores, "A");
    throw new Error("no");
  });
  await expect(insert).rejects.toThrow("no");
  expect(readContents(location)).toEqual(before);
  expect(await database.transact((stores) => stores.organizations.countOrganizations())).toBe(0);
});

test("a transaction whose failed statement nobody minds is not taken for committed", async () => {
  const { database } = await openTestDatabase();
  await database.transact((stores) => insertOrganization(stores, "A"));
  const again = database.transact((stores) => insertOrganization(stores, "B").catch(() => undefined));
  await expect(again).rejects.toThrow("nothing was changed");
});

test("a closed database refuses reads, writes, pings and turns, also when it is closed twice", async () => {
  const { database } = await openTestDatabase();
  await database.close();
  await expect(database.ping()).rejects.toThrow();
  await expect(database.stores.organizations.countOrganizations()).rejects.toThrow();
  await expect(database.transact(async () => 1)).rejects.toThrow();
  await expect(database.exclusively("a", async () => undefined)).rejects.toThrow();
  await database.close();
});

test("transactions that read what others write run as if one after the other, and none fails", async () => {
  const app = await createTestApp();
  const replicas = [app.database, (await openDatabaseAt(app.location)).database];
  const tokens = await Promise.all(Array.from({ length: 3 }, () => buildToken(app)));
  const position = { limit: 100, page: 1 };
  const now = app.clock.now();
  // Each gives a token the count of tokens labelled "odd" as its label: any two at once would count the same.
  const counts = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      replicas[index % 2]?.transact(async (stores) => {
        const organizationId = app.organizationId as never;
        const { tokens: odd } = await stores.apiTokens.listApiTokens(organizationId, { status: "all" }, position, now);
        const next = Math.max(...odd.map(({ label }) => Number(/^n(\d+)$/.exec(label)?.[1] ?? 0))) + 1;
        const target = tokens[index % 3]?.id as never;
        await stores.apiTokens.updateApiToken(organizationId, target, { label: `n${next}` });
        return next;
      }),
    ),
  );
  expect(counts.toSorted((left, right) => Number(left) - Number(right))).toEqual(
    Array.from({ length: 16 }, (_, index) => index + 1),
  );
});

test("a transaction that collides runs a second time and no more, and its own refusals are not repeated", async () => {
  const { database } = await openTestDatabase();
  await database.transact((stores) => insertOrganization(stores, "A"));
  const work = vi.fn((stores: Stores) => insertOrganization(stores, "A"));
  await expect(database.transact(work)).rejects.toMatchObject({ code: "23505" });
  expect(work).toHaveBeenCalledTimes(2);
  const refusing = vi.fn(async () => {
    throw new Error("no");
  });
  await expect(database.transact(refusing)).rejects.toThrow("no");
  expect(refusing).toHaveBeenCalledTimes(1);
});

test("background work runs in one replica at a time, its next turn goes to anybody, and other names do not wait", async () => {
  const { database, location } = await openTestDatabase();
  const other = (await openDatabaseAt(location)).database;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let began = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const first = database.exclusively("a", async () => {
    began();
    await finished;
  });
  await running;
  const work = vi.fn(async () => undefined);
  expect(await other.exclusively("a", work)).toBe(false);
  expect(await database.exclusively("a", work)).toBe(false);
  expect(work).not.toHaveBeenCalled();
  expect(await other.exclusively("b", work)).toBe(true);
  finish();
  expect(await first).toBe(true);
  expect(await other.exclusively("a", work)).toBe(true);
  const failing = other.exclusively("a", async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await database.exclusively("a", work)).toBe(true);
  expect(work).toHaveBeenCalledTimes(3);
});

test("background work holds its turn longer than an idle transaction may last", async () => {
  const { location } = await openTestDatabase();
  const { database } = await openDatabaseAt(location, { idleTransactionTimeoutMs: 100 });
  expect(await database.exclusively("a", () => new Promise((resolve) => setTimeout(resolve, 400)))).toBe(true);
});

test("presented secrets are found by one prepared statement with one parameter, however many they are", async () => {
  const app = await createTestApp();
  const tokens = await Promise.all(Array.from({ length: 9 }, () => buildToken(app)));
  const sent = vi.spyOn(Client.prototype, "query");
  onTestFinished(() => sent.mockRestore());
  for (const count of [1, 4, 9]) {
    const answers = await Promise.all(tokens.slice(0, count).map(({ token }) => verify(app, token)));
    expect(new Set(answers)).toEqual(new Set(["active"]));
  }
  const statements = sent.mock.calls.map(([config]) => config as unknown as QueryConfig);
  const lookups = statements.filter(({ text }) => /"sha256" = any\(\$1\)/.test(text));
  expect(lookups.length).toBeGreaterThanOrEqual(3);
  expect(new Set(lookups.map(({ name }) => name)).size).toBe(1);
  expect(lookups[0]?.name).toMatch(/^orgtokens_/);
  expect(lookups.every(({ values }) => values?.length === 1)).toBe(true);
});

test("an added column does not disturb servers that run: prepared statements are prepared again", async () => {
  const app = await createTestApp();
  const { id: tokenId, token } = await buildToken(app);
  for (let round = 0; round < 3; round += 1) {
    // As a replica of a newer version does while this one serves.
    alterDatabase(app.location, `alter table api_tokens add column later_${round} text`);
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, () => app.answer("getMe", { token })),
      ...Array.from({ length: 3 }, () => app.answer("getApiToken", { id: tokenId })),
      app.answer("updateApiToken", { id: tokenId, body: { description: `Round ${round}` } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  }
});

test("without named statements none is named, for poolers that know none", async () => {
  const app = await createTestApp({ settings: { namedStatements: false } });
  const sent = vi.spyOn(Client.prototype, "query");
  onTestFinished(() => sent.mockRestore());
  const { token } = await buildToken(app);
  expect(await verify(app, token)).toBe("active");
  const statements = sent.mock.calls.map(([config]) => config as unknown as QueryConfig);
  expect(statements.filter(({ name }) => name !== undefined)).toEqual([]);
});

test("time-outs, name and size are what was set, on every connection", async () => {
  const { location } = await openTestDatabase();
  const settings = { poolSize: 2, statementTimeoutMs: 400, lockTimeoutMs: 200, applicationName: "replica-7" };
  const { database } = await openDatabaseAt(location, settings);
  await database.transact(async (stores) => {
    await insertOrganization(stores, "A");
    const waiting = "select count(*)::int as count from pg_stat_activity where application_name = 'replica-7'";
    expect(await queryDatabase(location, waiting)).toEqual([{ count: 1 }]);
    // The lock of the second transaction is the row's that the first one wrote: it is given up after 200 ms.
    await expect(database.transact((others) => insertOrganization(others, "A"))).rejects.toMatchObject({
      code: "55P03",
    });
  });
  expect(await database.stores.organizations.countOrganizations()).toBe(1);
});

test("what the connections are used for is told, with who waits for one", async () => {
  const { location } = await openTestDatabase();
  const { database } = await openDatabaseAt(location, { poolSize: 1 });
  await database.ping();
  expect(database.connections?.()).toEqual({ limit: 1, open: 1, idle: 1, waiting: 0 });
  let waits: Promise<void> | undefined;
  await database.transact(async () => {
    waits = database.ping();
    await vi.waitFor(() => expect(database.connections?.()).toEqual({ limit: 1, open: 1, idle: 0, waiting: 1 }));
  });
  await waits;
  await vi.waitFor(() => expect(database.connections?.()).toEqual({ limit: 1, open: 1, idle: 1, waiting: 0 }));
});

test("a server whose commits are not flushed to disk is refused", async () => {
  const { location } = await openTestDatabase();
  const name = new URL(location).pathname.slice(1);
  alterDatabase(location, `alter database ${name} set synchronous_commit = off`);
  await expect(openDatabaseAt(location)).rejects.toThrow("set it to on for this role");
});

test("finding a presented secret, a token and a page each use an index", async () => {
  const { location } = await openTestDatabase();
  const plan = async (query: string): Promise<string> =>
    JSON.stringify(await queryDatabase(location, `set enable_seqscan = off; explain ${query}`));
  const secret = "select * from api_token_secrets s join api_tokens t on t.id = s.api_token_id";
  expect(await plan(`${secret} where s.sha256 = any('{a,b}')`)).not.toContain("Seq Scan");
  const page = "select * from api_tokens where organization_id = 'a' and id < 'b' order by id desc limit 11";
  expect(await plan(page)).not.toMatch(/Seq Scan|Sort/);
  expect(await plan("select * from destinations where organization_id = 'a' and uri = 'b'")).not.toContain("Seq Scan");
});

test.for([
  ["?sslmode=prefer", /sslmode must be one of disable, require, verify-ca, verify-full/],
  ["?connect_timeout=1", /parameter connect_timeout is not known/],
  ["?sslmode=verify-full&sslrootcert=/nowhere.pem", /nowhere\.pem/],
] as const)("a URL that ends in %s is refused before anything is sent", async ([end, message]) => {
  const { location } = await openTestDatabase();
  const opening = openPostgres({ url: location + end, ...postgresSettings, onConnectionLost: () => undefined });
  await expect(opening).rejects.toThrow(message);
});

test("across a network the URL must say whether the connection is encrypted", async () => {
  const url = "postgres://orgtokens:hunter2@db.example/orgtokens";
  const opening = openPostgres({ url, ...postgresSettings, onConnectionLost: () => undefined });
  await expect(opening).rejects.toThrow(/sslmode=verify-full/);
});

test.for([
  ["postgres://ada:p%40ss@db:5433/orgtokens?sslmode=require", "postgres://ada:***@db:5433/orgtokens?sslmode=require"],
  ["postgres://db/orgtokens", "postgres://db/orgtokens"],
  ["postgres://:secret@db/orgtokens", "postgres://:***@db/orgtokens"],
  ["postgres://ada:secret@db:port/orgtokens", "postgres://***"],
] as const)("%s is shown without its password", ([url, shown]) => {
  expect(redactPostgresUrl(url)).toBe(shown);
});
