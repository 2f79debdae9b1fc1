/**
 * Ctrl-C at every change that create, rotate, move and destroy make: before it is done, and after it but before its answer.
 * Terraform ends in order, the state is one that the next run continues from, and no live token is without an owner.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace, type Workspace } from "../support/terraform.ts";
import { createKillingProxies, type KillingProxies } from "./killing-proxy.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 180_000 });

let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

const address = "orgtokens_api_token.it";

type Bench = {
  readonly folder: string;
  readonly workspace: Workspace;
  readonly proxies: KillingProxies;
  readonly declare: (more: {
    readonly trigger?: string;
    readonly place?: string;
    readonly limit?: string;
  }) => Promise<void>;
  readonly secret: (place?: string) => Promise<string>;
};

async function bench({ onTestFinished }: Pick<TestContext, "onTestFinished">): Promise<Bench> {
  const folder = await temporaryFolder(onTestFinished);
  const proxies = createKillingProxies();
  onTestFinished(() => proxies.close());
  const workspace = await createWorkspace({
    folder,
    environment: {
      ORGTOKENS_ENDPOINT: await proxies.addressOf(server.endpoint),
      ORGTOKENS_API_TOKEN: server.adminToken,
    },
  });
  return {
    folder,
    workspace,
    proxies,
    declare: ({ trigger = "one", place = "secret", limit = "10m" }) =>
      workspace.write(`
        provider "orgtokens" { managed_by = "${folder}" }
        resource "orgtokens_api_token" "it" {
          label               = "interrupted in ${folder}"
          role                = "developer"
          prevent_revoke      = false
          secret_store        = { file = { path = "${folder}/${place}" } }
          rotate_when_changed = { trigger = "${trigger}" }
          timeouts            = { create = "${limit}", update = "${limit}" }
        }`),
    secret: async (place = "secret") => {
      const path = join(folder, place);
      return existsSync(path) ? readFile(path, "utf8") : "";
    },
  };
}

type Moment = readonly [changes: number, moment: "before the answer" | "before the next"];

/** Every moment around `changes` changes. */
function moments(changes: number): readonly Moment[] {
  return Array.from({ length: changes }, (_, done) => [
    [done, "before the next"] as const,
    [done + 1, "before the answer"] as const,
  ]).flat();
}

/** Presses Ctrl-C at a moment: like a terminal, to Terraform and the provider at once. The request waits until Terraform has ended. */
async function interrupted({ workspace, proxies }: Bench, [changes, moment]: Moment, command: string): Promise<void> {
  let group: number | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const press = async () => {
    process.kill(-(group ?? Number.NaN), "SIGINT");
    await ended;
  };
  proxies.arm(changes, press, moment);
  const run = workspace.runWith({ onStart: ({ pid }) => (group = pid) }, command, "-auto-approve", "-input=false");
  ended = run.catch(() => undefined);
  const { exitCode, output } = await run;
  expect(proxies.hasKilled, output).toBe(true);
  expect(exitCode, output).toBe(1);
  expect(output).toContain("Gracefully shutting down");
  proxies.disarm();
}

async function liveIds({ folder }: Bench): Promise<readonly unknown[]> {
  const { tokens } = await server.admin.listApiTokens({ managedBy: folder, status: "active" });
  return tokens.map(({ id }) => id);
}

/** What is live is in the state: nothing lives that nobody owns. */
async function expectOwned(it: Bench): Promise<void> {
  const live = await liveIds(it);
  const owned = existsSync(join(it.workspace.folder, "terraform.tfstate"))
    ? await it.workspace.attributes(address)
    : {};
  expect(live.filter((id) => id !== owned?.["id"])).toEqual([]);
}

/** After the next run: one live token, owned by the state, its secret in its place, and nothing left to do. */
async function expectConverged(it: Bench, place = "secret"): Promise<void> {
  await it.workspace.apply();
  expect(await server.answer(await it.secret(place))).toBe("accepted");
  expect(await liveIds(it)).toEqual([(await it.workspace.attributes(address))?.["id"]]);
  expect(await it.workspace.isSettled()).toBe(true);
}

describe.concurrent("interrupted provider", () => {
  test.for(moments(2))("Ctrl-C in a create, %i changes done, %s: the next apply ends it", async (moment, context) => {
    const it = await bench(context);
    await it.declare({});
    await interrupted(it, moment, "apply");
    await expectOwned(it);
    await expectConverged(it);
  });

  test.for(moments(2))("Ctrl-C in a rotation, %i changes done, %s: nothing is taken away", async (moment, context) => {
    const it = await bench(context);
    await it.declare({});
    await it.workspace.apply();
    const old = await it.secret();
    await it.declare({ trigger: "two" });
    await interrupted(it, moment, "apply");
    expect(await server.answer(old)).toBe("accepted");
    expect(await server.answer(await it.secret())).toBe("accepted");
    await expectOwned(it);
    await expectConverged(it);
    expect(await it.secret()).not.toBe(old);
  });

  test.for(moments(2))(
    "Ctrl-C in a move, %i changes done, %s: the secret ends in one place",
    async (moment, context) => {
      const it = await bench(context);
      await it.declare({});
      await it.workspace.apply();
      const old = await it.secret();
      await it.declare({ place: "moved" });
      await interrupted(it, moment, "apply");
      expect(await server.answer(old)).toBe("accepted");
      await expectOwned(it);
      await expectConverged(it, "moved");
      expect(await it.secret()).toBe("");
    },
  );

  test.for(moments(1))("Ctrl-C in a destroy, %i changes done, %s: the next one ends it", async (moment, context) => {
    const it = await bench(context);
    await it.declare({});
    await it.workspace.apply();
    const secret = await it.secret();
    await interrupted(it, moment, "destroy");
    await expectOwned(it);
    await it.workspace.destroy();
    expect(await server.answer(secret)).toBe("authentication_revoked");
    expect(await liveIds(it)).toEqual([]);
    expect(await it.secret()).toBe("");
  });

  test.for(moments(2))(
    "a time-out in a create, %i changes done, %s: the next apply ends it",
    async (moment, context) => {
      const it = await bench(context);
      await it.declare({ limit: "5s" });
      await timedOut(it, moment, "create");
      await expectOwned(it);
      await it.declare({});
      await expectConverged(it);
    },
  );

  test.for(moments(2))(
    "a time-out in a rotation, %i changes done, %s: nothing is taken away",
    async (moment, context) => {
      const it = await bench(context);
      await it.declare({});
      await it.workspace.apply();
      const old = await it.secret();
      await it.declare({ trigger: "two", limit: "5s" });
      await timedOut(it, moment, "update");
      expect(await server.answer(old)).toBe("accepted");
      expect(await server.answer(await it.secret())).toBe("accepted");
      await it.declare({ trigger: "two" });
      await expectConverged(it);
    },
  );
});

/** Holds the request of a moment until the operation's time is over. */
async function timedOut({ workspace, proxies }: Bench, [changes, moment]: Moment, operation: string): Promise<void> {
  let ended: Promise<unknown> = Promise.resolve();
  proxies.arm(changes, async () => void (await ended), moment);
  const run = workspace.run("apply", "-auto-approve", "-input=false");
  ended = run.catch(() => undefined);
  const { exitCode, output } = await run;
  expect(proxies.hasKilled, output).toBe(true);
  expect(exitCode, output).toBe(1);
  expect(output).toContain(`timeouts.${operation}`);
  proxies.disarm();
}
