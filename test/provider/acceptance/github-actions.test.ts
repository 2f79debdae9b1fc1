/** `orgtokens_api_token` with GitHub Actions as its store: real Terraform, the official client, a double of GitHub. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type GitHubDouble, startGitHubDouble } from "../../support/github-double.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds, and GitHub's description is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let server: ServerProcess;
let github: GitHubDouble;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, github] = await Promise.all([startServer(serverFolder), startGitHubDouble()]);
});

afterAll(async () => {
  await Promise.all([server.close(), github.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

const scope = ["my-org", "my-repo"];

async function createGitHubBench() {
  const bench = await createBench(server, github.environment);
  const name = `T_${bench.folder.split("/").at(-1)}`.replaceAll(/\W/g, "_").toUpperCase();
  const store = `{ github_actions = { owner = "my-org", repository = "my-repo", name = "${name}" } }`;
  return { ...bench, name, store, held: () => github.secrets.peek(scope, name) ?? "" };
}

test.each([
  ["deleted", (name: string) => github.secrets.remove(scope, name)],
  ["overwritten", (name: string) => github.secrets.overwrite(scope, name, "other")],
])(
  "a stored secret that was %s is found from metadata, and the next apply puts a working one there",
  async (_, damage) => {
    const it = await createGitHubBench();
    await it.workspace.write(declare(it, "", { store: it.store }));
    await it.workspace.apply();
    expect(await it.workspace.isSettled()).toBe(true);
    const old = it.held();
    expect(await server.answer(old)).toBe("accepted");
    github.elapse(60);
    damage(it.name);
    expect(await it.workspace.isSettled()).toBe(false);
    await it.workspace.apply();
    expect(it.held()).not.toBe(old);
    expect(await server.answer(it.held())).toBe("accepted");
    expect(await it.workspace.isSettled()).toBe(true);
  },
);

test("a secret is rotated, moves from a file to GitHub and back, and is gone with the token", async () => {
  const it = await createGitHubBench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [one, two] = ["1", "2"].map((quarter) => `rotate_when_changed = { quarter = "${quarter}" }`);
  await it.workspace.write(declare(it, one, { store: it.store }));
  await it.workspace.apply();
  const first = it.held();
  expect(await server.answer(first)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  const destination = `github-actions://my-org/my-repo/${it.name}`;
  expect(await it.workspace.attributes(address)).toMatchObject({ destination, store_version: "1" });
  await it.workspace.write(declare(it, two, { store: it.store }));
  await it.workspace.apply();
  expect(it.held()).not.toBe(first);
  expect(await server.answer(it.held())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, two));
  await it.workspace.apply();
  expect(it.held()).toBe("");
  expect(github.secrets.variable(scope, `${it.name}_ORGTOKENS`)).toBeUndefined();
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.destroy();
  expect(await it.liveTokens()).toEqual([]);
});

test("who may use an organization's secret changes by a rotation in place, and only then", async () => {
  const it = await createGitHubBench();
  const visible = (use: string) => `{ github_actions = { owner = "my-org", name = "${it.name}", ${use} } }`;
  await it.workspace.write(declare(it, "", { store: visible(`visibility = "private"`) }));
  await it.workspace.apply();
  const id = (await it.workspace.attributes(address))?.["id"];
  const selected = visible(`visibility = "selected", selected_repository_ids = "11,12"`);
  await it.workspace.write(declare(it, "", { store: selected }));
  await it.workspace.apply();
  expect(github.secrets.use(["my-org"], "secrets", it.name)).toEqual({ visibility: "selected", selected: [11, 12] });
  expect(await server.answer(github.secrets.peek(["my-org"], it.name) ?? "")).toBe("accepted");
  expect(await it.workspace.attributes(address)).toMatchObject({ id, store_version: "2" });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.destroy();
  expect(github.secrets.variableNames(["my-org"])).toEqual([]);
});

test("a place that cannot be is refused while planning, and a store that gives nothing back is no source", async () => {
  const it = await createGitHubBench();
  const wrong: readonly [string, RegExp][] = [
    [`owner = "my-org", name = "GITHUB_X"`, /not GITHUB_ first/],
    [`owner = "my-org", name = "A", environment = "production"`, /"repository" must be set as well/],
    [`owner = "my-org", name = "A", repository = "r", visibility = "all"`, /visibility/],
  ];
  for (const [place, told] of wrong) {
    await it.workspace.write(declare(it, "", { store: `{ github_actions = { ${place} } }` }));
    const { exitCode, output } = await it.workspace.run("validate");
    expect(exitCode).toBe(1);
    expect(unwrap(output)).toMatch(told);
  }
  const source = `ephemeral "orgtokens_stored_secret" "it" { destination = "github-actions://my-org/A" }`;
  await it.workspace.write(`provider "orgtokens" {}\n${source}`);
  const { exitCode, output } = await it.workspace.run("plan", "-input=false");
  expect(exitCode).toBe(1);
  expect(unwrap(output)).toMatch(/The store gives no secret back/);
});
