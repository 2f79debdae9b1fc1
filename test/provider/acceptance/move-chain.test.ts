/**
 * One token moves through a chain of stores, by changing nothing but `secret_store`: real Terraform, OpenBao, moto, a program, files.
 * A consumer that reads the old place, and the new one when the old is empty, never meets a secret that does not work.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openDestination } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createKillingProxies } from "../../fault/killing-proxy.ts";
import { type Moto, startMoto } from "../../support/moto.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds, and OpenBao and moto are fetched once per machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 });

let server: ServerProcess;
let openBao: OpenBao;
let moto: Moto;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, openBao, moto] = await Promise.all([startServer(serverFolder), startOpenBao(), startMoto()]);
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close(), moto.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

const keeper = fileURLToPath(new URL("../../support/keeper.sh", import.meta.url));

/** A place as a configuration names it, and as everybody else does. */
type Place = { readonly block: string; readonly destination: string };

async function createChain(changes: NodeJS.ProcessEnv = {}) {
  const folder = await makeFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const programsFile = join(folder, "programs.json");
  const call = (verb: string) => ["sh", keeper, join(folder, "kept"), verb, "{entry}"];
  const programs = {
    keeper: { write: call("write"), read: call("read"), delete: call("delete"), absentExitCodes: [44] },
  };
  await writeFile(programsFile, JSON.stringify(programs));
  const reached = {
    VAULT_ADDR: openBao.address,
    VAULT_TOKEN: openBao.rootToken,
    ORGTOKENS_PROGRAMS_FILE: programsFile,
    PATH: process.env["PATH"],
  };
  const bench = await createBench(server, { ...reached, ...moto.environment, ...changes });
  const name = folder.split("/").at(-1) ?? "";
  const places = {
    file: { block: `{ file = { path = "${folder}/secret" } }`, destination: `file://${folder}/secret` },
    vault: { block: `{ vault = { mount = "kv", path = "${name}" } }`, destination: `vault://kv/${name}#token` },
    command: {
      block: '{ command = { program = "keeper", entry = "ci/token" } }',
      destination: "command://keeper/ci/token",
    },
    ssm: {
      block: `{ aws_ssm = { region = "eu-central-1", path = "/${name}" } }`,
      destination: `aws-ssm://eu-central-1/${name}`,
    },
    fileKey: {
      block: `{ file = { path = "${folder}/all.json", key = "ci" } }`,
      destination: `file://${folder}/all.json#ci`,
    },
  } as const satisfies Record<string, Place>;
  const read = async ({ destination }: Place) => {
    const store = openDestination(destination, {
      environment: reached,
      aws: { endpoint: moto.endpoint, ...moto.credentials },
    });
    try {
      return await store.read();
    } finally {
      await store.close();
    }
  };
  return { ...bench, folder: bench.folder, kept: folder, places, read };
}

type Chain = Awaited<ReturnType<typeof createChain>>;

/** Reads the old place, then the new one, and asks the server about what it finds, again and again while `act` runs. */
async function whileConsumed<T>({ read }: Chain, [from, to]: readonly [Place, Place], act: () => Promise<T>) {
  const answers = new Map<string, number>();
  let isDone = false;
  const consume = async () => {
    while (!isDone) {
      // The old place first: what is not there any more was put into the new one before.
      const secret = (await read(from)) ?? (await read(to));
      const answer = secret === undefined ? "no secret anywhere" : await server.answer(secret);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      await setImmediate();
    }
  };
  const consumer = consume();
  try {
    return { outcome: await act(), answers };
  } finally {
    isDone = true;
    await consumer;
  }
}

const write = (it: Bench, { block }: Place) => it.workspace.write(declare(it, "", { store: block }));

test("a token moves file -> Vault -> program -> Parameter Store -> key of a file -> file, and its consumer never notices", async () => {
  const it = await createChain();
  const { file, vault, command, ssm, fileKey } = it.places;
  await writeFile(join(it.kept, "all.json"), '{"other":"stays"}', { mode: 0o600 });
  await write(it, file);
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  for (const [from, to] of [
    [file, vault],
    [vault, command],
    [command, ssm],
    [ssm, fileKey],
    [fileKey, file],
  ] as const) {
    const old = await it.read(from);
    await write(it, to);
    const { outcome, answers } = await whileConsumed(it, [from, to], () => it.workspace.apply());
    expect(unwrap(outcome.output)).not.toMatch(/left behind|could not/);
    expect([...answers.keys()], `${from.destination} -> ${to.destination}`).toEqual(["accepted"]);
    expect(await it.read(from)).toBeUndefined();
    expect(await it.read(to)).not.toBe(old);
    expect(await it.workspace.attributes(address)).toMatchObject({ id, destination: to.destination });
  }
  expect((await it.liveTokens()).map((token) => token.id)).toEqual([id]);
  expect(await it.workspace.isSettled()).toBe(true);
  expect(JSON.parse(await readFile(join(it.kept, "all.json"), "utf8"))).toEqual({ other: "stays" });
  const secret = (await it.read(file)) ?? "";
  for (const [path, content] of await it.workspace.files()) expect(content.includes(secret), path).toBe(false);
});

test("a provider killed between store and activation of a move takes nothing from the consumer, and the next apply ends it", async () => {
  const proxies = createKillingProxies();
  onTestFinished(() => proxies.close());
  const it = await createChain({ ORGTOKENS_ENDPOINT: await proxies.addressOf(server.endpoint) });
  const { command, ssm } = it.places;
  await write(it, command);
  await it.workspace.apply();
  await write(it, ssm);
  proxies.arm(1, () => it.workspace.killProvider(), "before the next");
  const killed = await whileConsumed(it, [command, ssm], () =>
    it.workspace.run("apply", "-auto-approve", "-input=false"),
  );
  expect(proxies.hasKilled, killed.outcome.output).toBe(true);
  expect(killed.outcome.exitCode).not.toBe(0);
  expect([...killed.answers.keys()]).toEqual(["accepted"]);
  proxies.disarm();
  const ended = await whileConsumed(it, [command, ssm], () => it.workspace.apply());
  expect([...ended.answers.keys()]).toEqual(["accepted"]);
  expect(await it.read(command)).toBeUndefined();
  expect(await it.liveTokens()).toHaveLength(1);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("out of a store that does not answer any more the secret moves with a warning that names the entry left behind", async () => {
  const it = await createChain();
  const { vault, file } = it.places;
  await write(it, vault);
  await it.workspace.apply();
  const old = (await it.read(vault)) ?? "";
  const gone = 'provider "orgtokens" {\n secret_stores = { vault = { address = "http://127.0.0.1:9" } }\n';
  const declared = declare(it, "", { store: file.block });
  await it.workspace.write(
    declared.replace('provider "orgtokens" {', gone).replace(`"${it.folder}" }`, `"${it.folder}"\n}`),
  );
  const { outcome, answers } = await whileConsumed(it, [vault, file], () => it.workspace.apply());
  expect(unwrap(outcome.output)).toMatch(
    /Warning: The entry at the previous place is left behind[\s\S]*vault:\/\/kv\/\S+ could not be deleted[\s\S]*does not answer/,
  );
  expect([...answers.keys()]).toEqual(["accepted"]);
  const secret = (await it.read(file)) ?? "";
  expect(secret).not.toBe(old);
  for (const one of [old, secret])
    expect(await server.answer(one), "the old one dies with the grace period").toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});
