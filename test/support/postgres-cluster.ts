import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { type CommandResult, runCommand } from "./commands.ts";
import { makeFolder } from "./temporary-folder.ts";
import { unusedPort } from "./unused-port.ts";

/** How a cluster of a test is made. */
export type ClusterOptions = {
  /** The folder of `initdb` and `postgres`, as {@link findPostgres} gives it. */
  readonly binaries: string;
  /** Settings of postgresql.conf, beside those that make it fast. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files beside postgresql.conf, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

/** A PostgreSQL cluster of our own on the loopback address. Everybody is let in without a password. */
export type Cluster = {
  readonly port: number;
  /** Its processes that run now. */
  processes(): Promise<readonly number[]>;
  /** The URL of a database in it. */
  url(database: string): string;
  /** Runs SQL on a connection of its own. */
  query(sql: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Creates an empty database, or a copy of another one; gives its URL. */
  createDatabase(template?: string): Promise<string>;
  /** Sends a signal to the server and to each of its processes. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Ends it: open connections are closed (SIGINT), or everything is left as it lies (SIGQUIT). */
  stop(signal: "SIGINT" | "SIGQUIT"): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
};

/** PostgreSQL refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A cluster that nobody looks after when the power fails: what makes commits durable costs time. */
const fast = {
  fsync: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_buffers: "32MB",
  autovacuum: "off",
};

/**
 * The folder of PostgreSQL's programs, after installing Debian's package where that is possible.
 * @returns undefined when there are none.
 */
export async function findPostgres(): Promise<string | undefined> {
  return (await find()) ?? ((await install()) ? find() : undefined);
}

/** Starts a cluster of its own. */
export async function startCluster({ binaries, settings = {}, files = {} }: ClusterOptions): Promise<Cluster> {
  const folder = await makeFolder();
  if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
  const data = join(folder, "data");
  execFileSync(
    join(binaries, "initdb"),
    ["-D", data, "-U", "orgtokens", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
    {
      ...nobody,
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  for (const [name, text] of Object.entries(files)) {
    const path = join(data, name);
    await writeFile(path, text, { mode: 0o600 });
    if (nobody.uid !== undefined) await chown(path, nobody.uid, nobody.gid);
  }
  const port = await unusedPort();
  const words = Object.entries({ ...fast, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "unix_socket_directories=",
    ...words,
  ];
  const url = (database: string) => `postgres://orgtokens@127.0.0.1:${port}/${database}`;
  let child: ChildProcess | undefined;
  const query: Cluster["query"] = async (sql, database = "postgres") => {
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    child = spawn(join(binaries, "postgres"), args, { ...nobody, cwd: folder, stdio: "ignore" });
    await untilAnswering(query, child);
  };
  const stop = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    child.kill("SIGCONT");
    await ended;
  };
  await start();
  return {
    port,
    url,
    query,
    async createDatabase(template = "template1") {
      const name = `test_${randomBytes(6).toString("hex")}`;
      await query(`create database ${name} template ${template}`);
      return url(name);
    },
    processes: () => processesOf(child?.pid ?? 0),
    async signal(name) {
      for (const pid of await processesOf(child?.pid ?? 0)) process.kill(pid, name);
    },
    stop,
    start,
    async close() {
      await stop("SIGQUIT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilAnswering(query: Cluster["query"], child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && child.exitCode === null; await sleep(20)) {
    const isAnswering = await query("select 1").then(
      () => true,
      () => false,
    );
    if (isAnswering) return;
  }
  throw new Error("PostgreSQL did not start.");
}

/** A server process and those it started. */
async function processesOf(parent: number): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const children: number[] = [];
  for (const pid of pids) {
    // The fourth field is the parent; the second, in parentheses, may hold anything.
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]) === parent) children.push(Number(pid));
  }
  return [parent, ...children];
}

async function find(): Promise<string | undefined> {
  const debian = "/usr/lib/postgresql";
  const versions = await readdir(debian).catch((): string[] => []);
  const newestFirst = versions.toSorted((left, right) => Number(right) - Number(left));
  const onPath = (process.env["PATH"] ?? "").split(":");
  for (const folder of [...newestFirst.map((version) => join(debian, version, "bin")), ...onPath]) {
    const programs = await readdir(folder).catch((): string[] => []);
    if (["initdb", "postgres", "psql"].every((program) => programs.includes(program))) return folder;
  }
  return undefined;
}

/** Only root can, and only Debian's relatives know apt. */
async function install(): Promise<boolean> {
  if (nobody.uid === undefined) return false;
  const apt = (...args: readonly string[]): Promise<CommandResult | undefined> =>
    runCommand("apt-get", args, {
      cwd: "/",
      environment: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeoutMs: 300_000,
    }).catch(() => undefined);
  const installPackage = () => apt("install", "--yes", "--no-install-recommends", "postgresql");
  if ((await installPackage())?.exitCode === 0) return true;
  await apt("update");
  return (await installPackage())?.exitCode === 0;
}
