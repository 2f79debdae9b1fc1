import { expect, inject, onTestFinished, test } from "vitest";
import { toRequest } from "../../support/app.ts";
import { eventually } from "../../support/clock.ts";
import { outageCalls } from "../../support/outage-calls.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../../support/postgres-cluster.ts";
import { initialiseDatabase, type RunningServer, startServerProcess } from "../../support/server-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Clusters and servers start and recover in these tests, each within seconds on a busy machine. */
const slow = { timeout: 90_000 };
const limits = ["--database-connect-timeout-ms", "500", "--database-statement-timeout-ms", "500"];
/** As server/OPERATIONS.md says: the wait for a connection, and the statement's time-out and a second. */
const longestAnswerMs = 500 + 500 + 1000;
/** What a machine that is busy with other tests may add. */
const leewayMs = 3000;

/** A server over a cluster of its own, whose commits are flushed to disk. */
async function prepare({ settings = {}, args = [] }: Pick<ClusterOptions, "settings"> & { args?: string[] } = {}) {
  const tested = inject("database");
  if (tested.dialect !== "postgres" || tested.binaries === undefined) throw new Error("This needs PostgreSQL.");
  const durable = { fsync: "on", full_page_writes: "on", ...settings };
  const cluster = await startCluster({ binaries: tested.binaries, settings: durable });
  onTestFinished(() => cluster.close());
  // Not a superuser: limits are not for those.
  await cluster.query("create role app login");
  await cluster.query("create database tokens owner app");
  const url = cluster.url("tokens").replace("orgtokens@", "app@");
  const token = await initialiseDatabase(await temporaryFolder(), url);
  const server = await startServerProcess(["--database", url, "--port", "0", "--json-logs", ...limits, ...args]);
  expect(await statusOf(server, token)).toBe(200);
  return { cluster, server, token, url };
}

const statusOf = async (server: RunningServer, token: string) => (await server.send("GET", "/v2/me", token)).status;

/** Sends a request to every operation that asks the database, all at once; each must say when to try again. */
async function expectUnavailable({ endpoint }: RunningServer, token: string): Promise<void> {
  await Promise.all(
    outageCalls().map(async ([operationId, call]) => {
      const began = performance.now();
      const { method, url, headers, payload } = toRequest(operationId, { token, ...call });
      const response = await fetch(endpoint + url, {
        method,
        headers: Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
        ...(payload === undefined ? {} : { body: String(payload) }),
      });
      expect(response.status, operationId).toBe(503);
      expect(response.headers.get("retry-after"), operationId).toBe("1");
      expect(await response.json()).toMatchObject({ code: "service_unavailable" });
      expect(performance.now() - began, operationId).toBeLessThan(longestAnswerMs + leewayMs);
    }),
  );
  expect((await fetch(`${endpoint}/health/live`)).status).toBe(200);
}

/** The same process serves again, and writes. */
async function expectRecovered(server: RunningServer, token: string): Promise<void> {
  await eventually(async () => ((await statusOf(server, token)) === 200 ? true : undefined), 20_000);
  await eventually(async () => ((await fetch(`${server.endpoint}/health/ready`)).ok ? true : undefined), 20_000);
  const created = await server.send("POST", "/v2/api-tokens", token, { label: "After", role: "developer" });
  expect(created.status, created.text).toBe(201);
  expect(await server.end("SIGTERM")).toBe(0);
}

test(
  "while PostgreSQL is stopped everything that needs it is 503 and liveness 200; it comes back without a restart",
  slow,
  async () => {
    const { cluster, server, token } = await prepare();
    // Several idle connections lose their server at once.
    await Promise.all(Array.from({ length: 8 }, () => statusOf(server, token)));
    await cluster.stop("SIGINT");
    await eventually(() => (server.log().includes("an idle database connection was lost") ? true : undefined));
    await expectUnavailable(server, token);
    await expectUnavailable(server, token);
    await cluster.start();
    await expectRecovered(server, token);
  },
);

test(
  "while PostgreSQL does not answer, 503 comes within the documented time; it comes back without a restart",
  slow,
  async () => {
    const { cluster, server, token } = await prepare({ args: ["--database-pool-size", "3"] });
    await Promise.all(Array.from({ length: 8 }, () => statusOf(server, token)));
    await cluster.signal("SIGSTOP");
    await expectUnavailable(server, token);
    await expectUnavailable(server, token);
    await cluster.signal("SIGCONT");
    await expectRecovered(server, token);
  },
);

test("a connection limit that is reached is 503 until there is room again", slow, async () => {
  const { cluster, server, token } = await prepare();
  await cluster.query("alter database tokens connection limit 0");
  await endConnections(cluster);
  await eventually(async () => ((await statusOf(server, token)) === 503 ? true : undefined));
  await expectUnavailable(server, token);
  expect(server.log()).toContain("too many connections");
  await cluster.query("alter database tokens connection limit -1");
  await expectRecovered(server, token);
});

test(
  "a transaction that waits for somebody's lock is 503 after the lock time-out, and verifying goes on",
  slow,
  async () => {
    const { cluster, server, token } = await prepare({ args: ["--database-lock-timeout-ms", "200"] });
    const hold = cluster.query("begin; lock table organizations in exclusive mode; select pg_sleep(3)", "tokens");
    await eventually(async () => {
      const [row] = await cluster.query(
        "select 1 from pg_locks where mode = 'ExclusiveLock' and relation is not null",
        "tokens",
      );
      return row;
    });
    const body = { label: "CI", role: "developer" };
    const [created, me] = await Promise.all([
      server.send("POST", "/v2/api-tokens", token, body),
      server.send("GET", "/v2/me", token),
    ]);
    expect([created.status, me.status]).toEqual([503, 200]);
    await hold;
    await expectRecovered(server, token);
  },
);

test(
  "connections that are ended in the middle of writes crash nobody, and what was answered is there",
  slow,
  async () => {
    const { cluster, server, token } = await prepare();
    const { answered, stop } = writeAtOnce(server, token);
    for (let round = 0; round < 5; round += 1) {
      const before = answered.length;
      await eventually(() => (answered.length > before + 2 ? true : undefined), 20_000);
      await endConnections(cluster);
    }
    await stop();
    for (const secret of answered) expect(await statusOf(server, secret)).toBe(200);
    await expectRecovered(server, token);
  },
);

test("what was answered is there after PostgreSQL was killed in the middle of writes", slow, async () => {
  const { cluster, server, token } = await prepare();
  const { answered, stop } = writeAtOnce(server, token);
  await eventually(() => (answered.length > 20 ? true : undefined), 30_000);
  await cluster.signal("SIGKILL");
  await stop();
  await cluster.start();
  await eventually(async () => ((await statusOf(server, token)) === 200 ? true : undefined), 20_000);
  for (const secret of answered) expect(await statusOf(server, secret)).toBe(200);
  await expectRecovered(server, token);
});

test(
  "a primary that became a standby is asked nothing, for it may accept what is revoked, until it is promoted",
  slow,
  async () => {
    const { cluster, server, token } = await prepare();
    const [row] = await cluster.query("show data_directory");
    await cluster.query(`copy (select '') to '${row?.["data_directory"]}/standby.signal'`);
    await cluster.stop("SIGINT");
    await cluster.start();
    await expectUnavailable(server, token);
    expect(server.log()).toContain("It is a standby; name the primary.");
    await cluster.query("select pg_promote()");
    await expectRecovered(server, token);
  },
);

/** Four writers, until they are stopped; `answered` are the tokens whose creation was answered. */
function writeAtOnce(server: RunningServer, token: string) {
  const answered: string[] = [];
  let isStopped = false;
  const write = async (): Promise<void> => {
    while (!isStopped) {
      const { status, text } = await server.send("POST", "/v2/api-tokens", token, { label: "CI", role: "developer" });
      if (status === 201) answered.push(JSON.parse(text).token);
    }
  };
  const writers = Promise.all(Array.from({ length: 4 }, write));
  return {
    answered,
    async stop() {
      isStopped = true;
      await writers;
    },
  };
}

async function endConnections(cluster: Cluster): Promise<void> {
  await cluster.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'");
}
