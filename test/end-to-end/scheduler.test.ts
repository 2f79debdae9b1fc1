/** The rotation of examples/scheduler, run by the commands and in the environment of its systemd unit. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { deliverApiToken } from "@orgtokens/sdk/delivery";
import { fileDestination, openDestination } from "@orgtokens/sdk/secret-stores";
import { expect, onTestFinished, test, vi } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { runCommand } from "../support/commands.ts";
import { alterDatabase } from "../support/database.ts";
import { findDebianProgram } from "../support/debian-program.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { commandsOfUnit, environmentOfUnit, parseUnit } from "../support/systemd-unit.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = join(root, "examples/scheduler");
const service = parseUnit(await readFile(join(example, "orgtokens-rotate.service"), "utf8"));
/** Where the unit expects things, and where they are here. */
const places: Readonly<Record<string, string>> = {
  "/usr/bin/node": process.execPath,
  "/opt/orgtokens/rotate-old-tokens.ts": join(example, "rotate-old-tokens.ts"),
  "/opt/orgtokens/node_modules/.bin/orgtokens": join(root, "node_modules/.bin/orgtokens"),
};

/** A real server with tokens in files, and the two commands of the unit. */
async function setUp() {
  const folder = await temporaryFolder();
  const server = await startServer(folder);
  onTestFinished(() => server.close());
  await writeFile(join(folder, "admin-token"), `${server.adminToken}\n`, { mode: 0o600 });
  const environment = { ...environmentOfUnit(service, folder), ORGTOKENS_ENDPOINT: server.endpoint };
  const [rotate, check] = commandsOfUnit(service, environment).map((words) => {
    const [program = "", ...args] = words.map((word) => places[word] ?? word);
    return (more = {}) =>
      runCommand(program, args, { cwd: folder, environment: { ...inheritedEnvironment(), ...environment, ...more } });
  });
  if (rotate === undefined || check === undefined) throw new Error("The unit has not two commands.");
  return {
    folder,
    rotate,
    check,
    deliver: (name: string, days: number) => deliver(server, folder, name, days),
    server,
  };
}

/** Delivers a token into a file of its own in a folder of its own, as it was done so many days ago. */
async function deliver(server: ServerProcess, folder: string, name: string, days: number, managedBy = "ops/scheduled") {
  const path = join(folder, name, "token");
  const store = openDestination(fileDestination({ path }));
  const request = { label: name, role: "developer", managedBy } as const;
  const { apiToken } = await deliverApiToken({ client: server.admin, store, request });
  await store.close();
  const at = Date.now() - days * 86_400_000;
  // The server may be writing at this moment.
  const change = `update api_tokens set created_at = ${at} where id = '${apiToken.id}'`;
  alterDatabase(join(folder, "orgtokens.sqlite"), `pragma busy_timeout = 10000; ${change}`);
  const secret = () => readFile(path, "utf8");
  return { id: apiToken.id, path, first: await secret(), secret };
}

test("it rotates what is old and only that; the secret before works on, and a second run has nothing to do", async () => {
  const { folder, rotate, check, deliver: put, server } = await setUp();
  const [old, young] = [await put("Old", 31), await put("Young", 29)];
  const others = await deliver(server, folder, "Of others", 400, "infra/prod");
  const first = await rotate();
  expect(first).toMatchObject({ exitCode: 0 });
  expect(first.output).toMatch(/^rotated Old \([0-9a-f]{24}\) at file:\S+\n1 rotated, 0 failed\n$/);
  expect(await old.secret()).not.toBe(old.first);
  for (const secret of [await old.secret(), old.first]) expect(await server.answer(secret)).toBe("accepted");
  for (const { secret, first: before } of [young, others]) expect(await secret()).toBe(before);
  expect(await rotate()).toMatchObject({ exitCode: 0, output: "0 rotated, 0 failed\n" });
  expect((await check()).exitCode).toBe(0);
});

test("a store that is away fails the run and keeps no other token from its rotation; the next run ends it", async () => {
  const { folder, rotate, deliver: put, server } = await setUp();
  const [away, there] = [await put("Away", 40), await put("There", 41)];
  await rm(join(folder, "Away"), { recursive: true });
  await writeFile(join(folder, "Away"), "no folder");
  const failed = await rotate();
  expect(failed.exitCode).toBe(1);
  expect(failed.output).toMatch(/^not rotated: Away .*: the path leads through something that is no folder/m);
  expect(await server.answer(await there.secret())).toBe("accepted");
  expect(await server.answer(away.first)).toBe("accepted");
  await rm(join(folder, "Away"));
  await mkdir(join(folder, "Away"), { mode: 0o700 });
  expect(await rotate()).toMatchObject({ exitCode: 0 });
  expect(await server.answer(await away.secret())).toBe("accepted");
});

test("a store that the environment says how to reach is rotated, too", async () => {
  const { folder, rotate, server } = await setUp();
  const keeper = fileURLToPath(new URL("../support/keeper.sh", import.meta.url));
  const call = (verb: string) => ["sh", keeper, join(folder, "kept"), verb, "{entry}"];
  const programs = {
    keeper: { write: call("write"), read: call("read"), delete: call("delete"), absentExitCodes: [44] },
  };
  const ORGTOKENS_PROGRAMS_FILE = join(folder, "programs.json");
  await writeFile(ORGTOKENS_PROGRAMS_FILE, JSON.stringify(programs), { mode: 0o600 });
  const environment = { ORGTOKENS_PROGRAMS_FILE, PATH: process.env["PATH"] };
  const store = openDestination("command://keeper/ci", { environment });
  const request = { label: "Kept", role: "developer", managedBy: "ops/scheduled" } as const;
  await deliverApiToken({ client: server.admin, store, request });
  const first = await store.read();
  expect((await rotate({ ORGTOKENS_PROGRAMS_FILE, ROTATE_AFTER_DAYS: "0" })).output).toMatch(/^1 rotated, 0 failed$/m);
  expect(await store.read()).not.toBe(first);
  await store.close();
});

test("a secret that was overwritten fails the unit by the check, and a missing setting changes nothing", async () => {
  const { rotate, check, deliver: put } = await setUp();
  const token = await put("Overwritten", 40);
  for (const wrong of [{ ROTATE_MANAGED_BY: "" }, { ROTATE_AFTER_DAYS: "soon" }, { ORGTOKENS_API_TOKEN_FILE: "" }])
    expect((await rotate(wrong)).exitCode).toBe(2);
  expect(await token.secret()).toBe(token.first);
  await writeFile(token.path, "something else");
  expect((await check()).exitCode).toBe(3);
});

test("systemd finds nothing wrong in the units, and the service exposes little", async (context) => {
  const analyze = await findDebianProgram("systemd-analyze", "systemd");
  if (analyze === undefined) return context.skip("SKIPPED: systemd-analyze cannot be had");
  const folder = await temporaryFolder();
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return `./${name}`;
  };
  const run = (...words: readonly string[]) => runCommand(analyze, words, { cwd: folder, environment: process.env });
  const text = await readFile(join(example, "orgtokens-rotate.service"), "utf8");
  // What runs must be there for systemd to be content.
  const unit = await write("orgtokens-rotate.service", text.replaceAll("/usr/bin/node", process.execPath));
  const timer = await write("orgtokens-rotate.timer", await readFile(join(example, "orgtokens-rotate.timer"), "utf8"));
  expect(await run("verify", "--man=no", unit, timer)).toMatchObject({ exitCode: 0, output: "" });
  expect(await run("security", "--offline=true", "--threshold=20", unit)).toMatchObject({ exitCode: 0 });
  const broken = await write("broken.service", text.replaceAll("/usr/bin/node", "/no/such/node"));
  expect((await run("verify", "--man=no", broken)).exitCode).not.toBe(0);
});
