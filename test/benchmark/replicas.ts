// How many verifications and creations a second one and two replicas serve over PostgreSQL, and what they cost in processor
// time: `node test/benchmark/replicas.ts`. The clients run in a process of their own, on the same machine.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { availableParallelism, cpus } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runCommand } from "../support/commands.ts";
import { type Cluster, findPostgres, startCluster } from "../support/postgres-cluster.ts";

const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));
const seconds = 10;
const connections = 64;
/** Linux counts processor time in hundredths of a second. */
const tickMs = 10;

type Kind = "verify" | "create";
type Work = {
  readonly kind: Kind;
  readonly endpoints: readonly string[];
  readonly admin: string;
  readonly tokens: string[];
};
type Outcome = {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly failed: number;
};

/** What the clients do: `connections` requests at once, in turns to each replica, for `seconds`. */
async function load({ kind, endpoints, admin, tokens }: Work): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const durations: number[] = [];
  let failed = 0;
  const send = (endpoint: string, body: object): Promise<number> =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = { "X-API-KEY": admin, "Content-Type": "application/json", "Content-Length": text.length };
      const path = kind === "verify" ? "/v2/api-tokens/verify" : "/v2/api-tokens";
      const sent = request(endpoint + path, { method: "POST", agent, headers }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode ?? 0));
      });
      sent.once("error", reject).end(text);
    });
  const end = performance.now() + seconds * 1000;
  const client = async (_: unknown, index: number): Promise<void> => {
    for (let count = index; performance.now() < end; count += 1) {
      const began = performance.now();
      const body =
        kind === "verify"
          ? { token: tokens[count % tokens.length] }
          : { label: `Load ${index} ${began}`, role: "developer" };
      const status = await send(endpoints[count % endpoints.length] ?? "", body);
      if (status >= 300) failed += 1;
      durations.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  const sorted = durations.toSorted((left, right) => left - right);
  const at = (part: number) => Math.round((sorted[Math.floor(sorted.length * part)] ?? 0) * 10) / 10;
  return { perSecond: Math.round(durations.length / seconds), medianMs: at(0.5), p99Ms: at(0.99), failed };
}

async function startReplica(database: string): Promise<{ readonly child: ChildProcess; readonly endpoint: string }> {
  const child = spawn(process.execPath, [main, "start", "--database", database, "--port", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, endpoint: String(line).split(" ").at(-1) ?? "" };
}

async function processorMs(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  const times = texts.map((text) => {
    const fields = text.slice(text.lastIndexOf(")")).split(" ");
    return Number(fields[12] ?? 0) + Number(fields[13] ?? 0);
  });
  return times.reduce((sum, ticks) => sum + ticks, 0) * tickMs;
}

/** How many transactions were committed and rolled back so far. A read is one of its own. */
async function transactions(cluster: Cluster, url: string): Promise<readonly number[]> {
  const name = new URL(url).pathname.slice(1);
  const [row] = await cluster.query(
    `select xact_commit, xact_rollback from pg_stat_database where datname = '${name}'`,
  );
  return [Number(row?.["xact_commit"]), Number(row?.["xact_rollback"])];
}

/** Lets the clients work on `count` replicas, and prints what came of it. */
async function measure(
  cluster: Cluster,
  database: string,
  work: Omit<Work, "endpoints">,
  count: number,
): Promise<void> {
  const replicas = await Promise.all(Array.from({ length: count }, () => startReplica(database)));
  const clients = fork(fileURLToPath(import.meta.url), ["clients"]);
  const run = (kind: Kind) => {
    clients.send({ ...work, kind, endpoints: replicas.map(({ endpoint }) => endpoint) });
    return once(clients, "message");
  };
  // What the first requests cost, such as connections and compiled code, is not counted.
  await run(work.kind);
  const pids = replicas.map(({ child }) => child.pid ?? 0);
  const cost = async () => [
    await processorMs(pids),
    await processorMs(await cluster.processes()),
    await processorMs([clients.pid ?? 0]),
  ];
  const before = await cost();
  const transactionsBefore = await transactions(cluster, database);
  const [outcome] = (await run(work.kind)) as [Outcome];
  const after = await cost();
  const transactionsAfter = await transactions(cluster, database);
  const [committed = 0, repeated = 0] = transactionsAfter.map((n, index) => n - (transactionsBefore[index] ?? 0));
  const each = after.map((ms, index) =>
    Math.round(((ms - (before[index] ?? 0)) * 1000) / (outcome.perSecond * seconds)),
  );
  process.stdout.write(
    `${work.kind}, ${count} replicas: ${outcome.perSecond}/s, median ${outcome.medianMs} ms, p99 ${outcome.p99Ms} ms, ` +
      `${outcome.failed} failed; processor time each: ${each[0]} us replica, ${each[1]} us PostgreSQL, ${each[2]} us client; ` +
      `${Math.round((1000 * repeated) / (committed + repeated)) / 10} % of all transactions were rolled back\n`,
  );
  clients.kill();
  for (const { child } of replicas) child.kill();
  await Promise.all(replicas.map(({ child }) => once(child, "exit")));
}

async function measureAll(): Promise<void> {
  const binaries = await findPostgres();
  if (binaries === undefined) throw new Error("PostgreSQL is not installed.");
  process.stdout.write(`${availableParallelism()} cores of ${cpus()[0]?.model}, ${connections} connections\n`);
  const cluster = await startCluster({ binaries, settings: { fsync: "on", full_page_writes: "on", autovacuum: "on" } });
  try {
    const database = await cluster.createDatabase();
    const args = [
      "init",
      "--database",
      database,
      "--organization",
      "Load Ltd",
      "--admin-email",
      "ada@load.example",
      "--json",
    ];
    const initialised = await runCommand(process.execPath, [main, ...args], { cwd: "/", environment: process.env });
    const admin = /"token":"(tok_\w+)"/.exec(initialised.stdout)?.[1] ?? "";
    for (const kind of (process.argv[2] === "create" ? ["create"] : ["create", "verify"]) as Kind[]) {
      for (const count of [1, 2]) await measure(cluster, database, { kind, admin, tokens: [admin] }, count);
    }
  } finally {
    await cluster.close();
  }
}

if (process.argv[2] === "clients")
  process.on("message", (work: Work) => void load(work).then((outcome) => process.send?.(outcome)));
else await measureAll();
