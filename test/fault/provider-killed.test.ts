/**
 * The provider's process is killed at every step of create, rotate, move and destroy: after the server or the store has done what it
 * was asked, and before the provider hears of it. Whatever step it was, the promise of DESIGN holds, and the next run converges.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from "vitest";
import { type OpenBao, startOpenBao } from "../support/openbao.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { createWorkspace, type Workspace } from "../support/terraform.ts";
import { createKillingProxies, type KillingProxies } from "./killing-proxy.ts";

// Terraform takes seconds, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let server: ServerProcess;
let openBao: OpenBao;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, openBao] = await Promise.all([startServer(serverFolder), startOpenBao()]);
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

const address = "orgtokens_api_token.it";

/** How a kind of store is declared, and what lies in it. */
type StoreKind = {
  readonly block: (folder: string) => string;
  readonly secret: (folder: string) => Promise<string | undefined>;
};

const stores = {
  file: {
    block: (folder) => `{ file = { path = "${folder}/secret" } }`,
    secret: async (folder) =>
      existsSync(join(folder, "secret")) ? readFile(join(folder, "secret"), "utf8") : undefined,
  },
  vault: {
    block: (folder) => `{ vault = { mount = "kv", path = "${nameOf(folder)}" } }`,
    secret: async (folder) => {
      const answer: unknown = await openBao.request("GET", `kv/data/${nameOf(folder)}`).catch(() => undefined);
      return JSON.stringify(answer)?.match(/tok_[0-9A-Za-z]{36}/)?.[0];
    },
  },
} as const satisfies Record<string, StoreKind>;

function nameOf(folder: string): string {
  return `fault/${folder.split("/").at(-1)}`;
}

type Bench = {
  readonly folder: string;
  readonly workspace: Workspace;
  readonly proxies: KillingProxies;
  readonly declare: (trigger: string, place?: keyof typeof stores) => Promise<void>;
  readonly secret: () => Promise<string | undefined>;
};

async function bench(
  kind: keyof typeof stores,
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
): Promise<Bench> {
  const folder = await temporaryFolder(onTestFinished);
  const proxies = createKillingProxies();
  onTestFinished(() => proxies.close());
  const workspace = await createWorkspace({
    folder,
    environment: {
      ORGTOKENS_ENDPOINT: await proxies.addressOf(server.endpoint),
      ORGTOKENS_API_TOKEN: server.adminToken,
      VAULT_ADDR: await proxies.addressOf(openBao.address),
      VAULT_TOKEN: openBao.rootToken,
    },
  });
  const declare = (trigger: string, place = kind) =>
    workspace.write(`
      provider "orgtokens" { managed_by = "${folder}" }
      resource "orgtokens_api_token" "it" {
        label               = "killed"
        role                = "developer"
        secret_store        = ${stores[place].block(folder)}
        rotate_when_changed = { trigger = "${trigger}" }
      }`);
  await declare("one");
  return { folder, workspace, proxies, declare, secret: () => stores[kind].secret(folder) };
}

async function liveIds({ folder }: Bench): Promise<readonly string[]> {
  const { tokens } = await server.admin.listApiTokens({ managedBy: folder, status: "active" });
  return tokens.map(({ id }) => id);
}

/** Kills the provider after the given number of changes, in a run that must fail. */
async function killedAfter(
  it: Bench,
  changes: number,
  command: "apply" | "destroy",
  moment?: "before the next",
): Promise<void> {
  it.proxies.arm(changes, () => it.workspace.killProvider(), moment);
  const result = await it.workspace.run(command, "-auto-approve", "-input=false");
  expect(it.proxies.hasKilled, result.output).toBe(true);
  expect(result.exitCode).not.toBe(0);
  it.proxies.disarm();
}

/** After the next run: one live token, owned by the state, its secret in its place, and nothing left to do. */
async function expectConverged(it: Bench): Promise<void> {
  const secret = (await it.secret()) ?? "";
  expect(await server.answer(secret)).toBe("accepted");
  expect(await liveIds(it)).toEqual([(await it.workspace.attributes(address))?.["id"]]);
  expect(await it.workspace.isSettled()).toBe(true);
  for (const content of (await it.workspace.files()).values()) expect(content.includes(secret)).toBe(false);
}

/** How many changes each operation makes; what they are is asserted below. */
const steps = {
  file: { create: 2, rotate: 2, destroy: 1 },
  vault: { create: 6, rotate: 4, destroy: 2 },
} as const;

const cases = (operation: "create" | "rotate" | "destroy") =>
  Object.entries(steps).flatMap(([kind, counts]) =>
    Array.from(
      { length: counts[operation] + 1 },
      (_, changes) => [kind === "file" ? "file" : "vault", changes] as const,
    ),
  );

describe.concurrent("killed provider", () => {
  test.for(["file", "vault"] as const)(
    "the steps of a delivery into %s are those the cases below kill",
    async (kind, context) => {
      const it = await bench(kind, context);
      await it.workspace.apply();
      expect(
        it.proxies.passed.map(
          ({ method, path }) => `${method} ${path.replace(/[0-9a-f]{24}/, "ID").replace(nameOf(it.folder), "PATH")}`,
        ),
      ).toEqual([
        "POST /v2/api-tokens",
        ...(kind === "vault"
          ? [
              "POST /v1/kv/metadata/PATH",
              "PATCH /v1/kv/metadata/PATH",
              "POST /v1/kv/data/PATH",
              "PATCH /v1/kv/metadata/PATH",
            ]
          : []),
        "POST /v2/api-tokens/ID/activate",
      ]);
      expect(it.proxies.passed).toHaveLength(steps[kind].create);
      it.proxies.disarm();
      await it.declare("two");
      await it.workspace.apply();
      expect(it.proxies.passed).toHaveLength(steps[kind].rotate);
      it.proxies.disarm();
      await it.workspace.destroy();
      expect(it.proxies.passed).toHaveLength(steps[kind].destroy);
    },
  );

  test.for(cases("create"))(
    "in %s, a create killed after %i changes leaves no live token without owner, and converges",
    async ([kind, changes], context) => {
      const it = await bench(kind, context);
      await killedAfter(it, changes, "apply");
      const live = await liveIds(it);
      const isLast = changes === steps[kind].create;
      expect(live).toHaveLength(isLast ? 1 : 0);
      const stored = await it.secret();
      if (stored !== undefined)
        expect(await server.answer(stored)).toBe(isLast ? "accepted" : "authentication_pending");
      await it.workspace.apply();
      if (isLast) expect(await liveIds(it)).toEqual(live);
      await expectConverged(it);
    },
  );

  test.for(cases("rotate"))(
    "in %s, a rotation killed after %i changes takes nothing away, and converges",
    async ([kind, changes], context) => {
      const it = await bench(kind, context);
      await it.workspace.apply();
      const old = (await it.secret()) ?? "";
      await it.declare("two");
      await killedAfter(it, changes, "apply");
      expect(await server.answer(old)).toBe("accepted");
      expect(await server.answer((await it.secret()) ?? "")).toBe("accepted");
      await it.workspace.apply();
      expect(await it.secret()).not.toBe(old);
      expect(await server.answer(old)).toBe("accepted");
      await expectConverged(it);
    },
  );

  test.for([
    ["vault", "file", 0],
    ["vault", "file", 1],
    ["vault", "file", 2],
    ["vault", "file", 3],
    ["file", "vault", 5],
  ] as const)(
    "a move from %s to %s killed after %i changes takes nothing away, and the next run empties the old place",
    async ([from, to, changes], context) => {
      const it = await bench(from, context);
      await it.workspace.apply();
      const old = (await it.secret()) ?? "";
      const live = await liveIds(it);
      await it.declare("one", to);
      await killedAfter(it, changes, "apply");
      expect(await server.answer(old)).toBe("accepted");
      const left = await Promise.all([stores[from].secret(it.folder), stores[to].secret(it.folder)]);
      const answers = await Promise.all(left.filter((secret) => secret !== undefined).map(server.answer));
      expect(new Set(answers)).toEqual(new Set(["accepted"]));
      await it.workspace.apply();
      expect(await stores[from].secret(it.folder)).toBeUndefined();
      expect(await liveIds(it)).toEqual(live);
      await expectConverged({ ...it, secret: () => stores[to].secret(it.folder) });
    },
  );

  test("a create killed when the secret is in its file, but not activated, leaves it without power, and converges", async (context) => {
    const it = await bench("file", context);
    await killedAfter(it, 1, "apply", "before the next");
    expect(await liveIds(it)).toEqual([]);
    expect(await server.answer((await it.secret()) ?? "")).toBe("authentication_pending");
    await it.workspace.apply();
    await expectConverged(it);
  });

  test("a rotation killed when the secret is in its file, but not activated, leaves both working, and converges", async (context) => {
    const it = await bench("file", context);
    await it.workspace.apply();
    const old = (await it.secret()) ?? "";
    await it.declare("two");
    await killedAfter(it, 1, "apply", "before the next");
    const stored = (await it.secret()) ?? "";
    expect(stored).not.toBe(old);
    expect(await server.answer(old)).toBe("accepted");
    expect(await server.answer(stored)).toBe("accepted");
    await it.workspace.apply();
    expect(await server.answer(stored)).toBe("accepted");
    await expectConverged(it);
  });

  test.for(cases("destroy"))(
    "in %s, a destroy killed after %i changes is finished by the next one",
    async ([kind, changes], context) => {
      const it = await bench(kind, context);
      await it.workspace.apply();
      const secret = (await it.secret()) ?? "";
      await killedAfter(it, changes, "destroy");
      expect(await server.answer(secret)).toBe(changes === 0 ? "accepted" : "authentication_revoked");
      await it.workspace.destroy();
      expect(await server.answer(secret)).toBe("authentication_revoked");
      expect(await liveIds(it)).toEqual([]);
      expect(await it.secret()).toBeUndefined();
    },
  );
});
