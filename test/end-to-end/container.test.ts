/** The image, the compose file and the Kubernetes manifest of the examples: as far as can be known without a container. */
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { asList, asObject, readJson } from "../check/tree.ts";
import { runCommand } from "../support/commands.ts";
import { startWithSettings } from "../support/container-settings.ts";
import {
  type DockerStage,
  environmentOfStage,
  parseDockerfile,
  parseExecForm,
  valuesOf,
} from "../support/dockerfile.ts";
import { installHadolint } from "../support/hadolint.ts";
import { installGoProgramOrSkip } from "../support/installed-go-program.ts";
import { containersOf, readManifest } from "../support/manifest.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// The linters are fetched once per machine, and npm installs what the server runs with.
vi.setConfig({ testTimeout: 660_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const docker = join(root, "examples/docker");
const dockerfile = await readFile(join(docker, "Dockerfile"), "utf8");
const [build, image] = parseStages(dockerfile);

test("hadolint finds nothing in the Dockerfile, and would find something", async () => {
  const hadolint = await installHadolint();
  const folder = await temporaryFolder();
  await writeFile(join(folder, "Dockerfile"), `${dockerfile}\nRUN cd /tmp && apt-get install curl\n`);
  const run = (path: string) =>
    runCommand(hadolint, ["--no-color", path], { cwd: folder, environment: inheritedEnvironment() });
  expect(await run(join(docker, "Dockerfile"))).toMatchObject({ exitCode: 0, output: "" });
  expect((await run(join(folder, "Dockerfile"))).exitCode).not.toBe(0);
});

test("the image has the Node that the repository pins, and its build reads only what is there", async () => {
  const { optionalDependencies } = await readJson(root, "package.json");
  const [pinned] = new Set(Object.values(asObject(optionalDependencies)).map(String));
  for (const { from } of [build, image]) expect(from).toBe(`node:${pinned}-bookworm-slim`);
  const ignore = await readFile(join(docker, "Dockerfile.dockerignore"), "utf8");
  const kept = ignore.split("\n").flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
  for (const path of kept) expect(existsSync(join(root, path)), path).toBe(true);
  expect(valuesOf(image, "USER")).toEqual(["1000:1000"]);
});

test("what the image holds is enough: its command serves, page included, and its health check tells up from down", async () => {
  const folder = await temporaryFolder();
  await layOut(folder);
  const [entrypoint = "", command = "", healthCheck = ""] = ["ENTRYPOINT", "CMD", "HEALTHCHECK"].flatMap((name) =>
    valuesOf(image, name),
  );
  const [node, main = "", ...more] = parseExecForm(entrypoint);
  expect([node, more]).toEqual(["node", []]);
  const settings = { args: parseExecForm(command), environment: environmentOfStage(image) };
  const server = await startWithSettings(settings, join(folder, main));
  const [, ...words] = parseExecForm(healthCheck).map((word) => word.replace("http://127.0.0.1:8080", server.endpoint));
  const check = () => runCommand(process.execPath, words, { cwd: folder, environment: inheritedEnvironment() });
  expect(await check()).toMatchObject({ exitCode: 0 });
  for (const path of ["/organization/api-tokens", "/openapi.yaml", "/docs"])
    expect((await fetch(server.endpoint + path)).status, path).toBe(200);
  expect(await server.end("SIGTERM")).toBe(0);
  expect(await check()).toMatchObject({ exitCode: 1 });
});

function parseStages(text: string): readonly [build: DockerStage, image: DockerStage] {
  const [first, last, ...more] = parseDockerfile(text);
  if (first === undefined || last === undefined || more.length > 0) throw new Error("The Dockerfile has two stages.");
  return [first, last];
}

/** Lays out a folder as the last stage does: what npm installs for the server, and what is copied from the build. */
async function layOut(folder: string): Promise<void> {
  const workspaces = asList((await readJson(root, "package.json"))["workspaces"]).map(String);
  const manifests = [
    "package.json",
    "package-lock.json",
    ".npmrc",
    ...workspaces.map((name) => `${name}/package.json`),
  ];
  for (const path of manifests) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await cp(join(root, path), join(folder, path));
  }
  const [, install] = /&& (npm ci .*)$/u.exec(valuesOf(build, "RUN").at(-1) ?? "") ?? [];
  const environment = { ...process.env, npm_config_prefer_offline: "true" };
  const installed = await runCommand("sh", ["-c", install ?? "false"], {
    cwd: folder,
    environment,
    timeoutMs: 300_000,
  });
  expect(installed.exitCode, installed.output).toBe(0);
  const copied = valuesOf(image, "COPY").flatMap((value) =>
    value.split(" ").flatMap((word) => /^\/app\/(.+)$/u.exec(word)?.[1] ?? []),
  );
  expect(copied).toContain("node_modules");
  for (const path of workspaces.filter((name) => !copied.includes(name)))
    await rm(join(folder, path), { recursive: true, force: true });
  for (const path of copied.filter((name) => name !== "node_modules"))
    await cp(join(root, path), join(folder, path), {
      recursive: true,
      filter: (source) => !source.endsWith("/node_modules"),
    });
}

test("the compose file is one by the Compose Specification, and the server starts with its settings", async (context) => {
  const packagePath = "github.com/compose-spec/compose-go/v2/cmd";
  const program = { name: "compose-spec", packagePath, version: "2.16.2" };
  const compose = await installGoProgramOrSkip(program, (note) => context.skip(note));
  if (compose === undefined) return;
  const values = await readSettings();
  const text = await readFile(join(docker, "compose.yaml"), "utf8");
  const filled = text.replaceAll(/\$\{(\w+):\?[^}]*\}/gu, (_, name: string) => values.get(name) ?? `no ${name}`);
  const folder = await temporaryFolder();
  const load = async (content: string) => {
    await writeFile(join(folder, "compose.yaml"), content);
    const words = ["--no-path-resolution", "--format", "json", "compose.yaml"];
    return runCommand(compose, words, { cwd: folder, environment: { HOME: folder } });
  };
  const loaded = await load(filled);
  expect(loaded.exitCode, loaded.output).toBe(0);
  const services = asObject(asObject(JSON.parse(loaded.stdout))["services"]);
  const server = asObject(services["server"]);
  expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(asObject(server["depends_on"]))));
  const environment = Object.entries(asObject(server["environment"])).map(([name, value]) => [name, String(value)]);
  await startWithSettings({
    args: asList(server["command"]).map(String),
    environment: { ...environmentOfStage(image), ...Object.fromEntries(environment) },
  });
  expect((await load(filled.replace("restart:", "restarts:"))).exitCode).not.toBe(0);
});

test("the server starts with the settings of the Kubernetes manifest, and answers its probes and its metrics port", async () => {
  const [container] = containersOf(await readManifest("orgtokens.yaml"), "Deployment");
  if (container === undefined) throw new Error("The Deployment has no container.");
  const server = await startWithSettings(container);
  expect(container.probePaths).toEqual(["/health/live", "/health/live", "/health/ready"]);
  for (const path of container.probePaths) expect((await fetch(server.endpoint + path)).status, path).toBe(200);
  expect((await fetch(`${server.metricsEndpoint}/metrics`)).status).toBe(200);
  expect(container.ports).toEqual({ http: 8080, metrics: 9464 });
});

/** The settings of the example; what it leaves to the reader is made up. */
async function readSettings(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(join(docker, "example.env"), "utf8")).split("\n");
  const pairs = lines.map((line) => /^(\w+)=(.*)$/u.exec(line)).filter((pair) => pair !== null);
  return new Map(pairs.map(([, name = "", value = ""]) => [name, value === "" ? "hunter2" : value]));
}
