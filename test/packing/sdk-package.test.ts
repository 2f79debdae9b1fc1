import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTool } from "../check/run-tool.ts";
import { between } from "../support/between.ts";
import { findChromium, launchBrowser, openTab } from "../support/browser.ts";
import { bundle } from "../support/bundle.ts";
import { runCommand } from "../support/commands.ts";
import { installSdk, type PackedSdk, packSdk } from "../support/packed-sdk.ts";
import { findRuntime, runtimes } from "../support/runtimes.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;
let packed: PackedSdk;
/** A folder outside of the repository that has installed the tarball. */
let consumer: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = await makeFolder();
  [packed, server] = await Promise.all([packSdk(folder), startServer(folder)]);
  consumer = await installSdk(folder, packed);
  await cp(join(repository, "test/packing/consumer"), join(consumer, "src"), { recursive: true });
}, 300_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

test("packing leaves the package.json of the repository as it was", async () => {
  expect(packed.manifestAfterwards).toBe(await readFile(join(repository, "sdk/package.json"), "utf8"));
});

test("publint finds nothing wrong with the package", async () => {
  const tarball = new Uint8Array(await readFile(packed.tarball)).buffer;
  const { messages } = await publint({ pack: { tarball }, strict: true });

  expect(messages).toEqual([]);
});

test("every entry point has types that are right for whoever imports ECMAScript modules", async () => {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(packed.tarball))));
  if (!analysis.types) throw new Error("The package has no types.");
  const { exports } = JSON.parse(await readFile(join(repository, "sdk/package.json"), "utf8"));

  expect(Object.keys(analysis.entrypoints).toSorted()).toEqual(Object.keys(exports).toSorted());
  // The package is one of ECMAScript modules; what TypeScript calls node10 knows no `exports`.
  const expected = ["CJSResolvesToESM", "NoResolution"];
  const isExpected = (problem: object) =>
    "resolutionKind" in problem && /^node1(?:0|6-cjs)$/u.test(String(problem.resolutionKind));
  expect(analysis.problems.filter((problem) => !(expected.includes(problem.kind) && isExpected(problem)))).toEqual([]);
});

describe.each([
  ["nodenext", "nodenext"],
  ["bundler", "esnext"],
])("with moduleResolution %s", (moduleResolution, module) => {
  test("a consumer's program type-checks, together with the declarations it comes to, without any optional package", async () => {
    const options = {
      moduleResolution,
      module,
      target: "es2024",
      strict: true,
      skipLibCheck: false,
      outDir: moduleResolution,
    };
    const types = { types: ["node"], typeRoots: [join(repository, "node_modules/@types")] };
    const config = join(consumer, `tsconfig.${moduleResolution}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions: { ...options, ...types }, include: ["src"] }));

    expect(await runTool("typescript", "tsc", ["--project", config], { folder: consumer })).toMatchObject({
      stdout: "",
      status: 0,
    });
  }, 120_000);
});

test.for(runtimes)(
  "a program that delivers, verifies and revokes a token runs on $name",
  { timeout: 300_000 },
  async (runtime, { skip }) => {
    const program = (await findRuntime(runtime)) ?? skip(`${runtime.name} cannot be had`);
    const path = join(await temporaryFolder(), "secret");
    const environment = {
      PATH: process.env["PATH"],
      HOME: folder,
      ORGTOKENS_ENDPOINT: server.endpoint,
      ORGTOKENS_API_TOKEN: server.adminToken,
      SECRET_FILE: path,
    };
    const script = join(consumer, "program.js");
    await writeFile(script, await compiled("program"));
    const result = await runCommand(program, [...runtime.words, script], { cwd: consumer, environment });

    expect(result, result.output).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toBe(JSON.stringify({ delivered: "active", isListed: true, revoked: "inactive" }));
  },
);

test("the command orgtokens runs from the package, on the oldest Node that it names", async ({ skip }) => {
  const [oldest] = runtimes;
  const program = (oldest && (await findRuntime(oldest))) ?? skip("the oldest Node cannot be had");
  const environment = { ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken, HOME: folder };
  const command = join(consumer, "node_modules/.bin/orgtokens");
  const result = await runCommand(program, [command, "whoami", "--json"], { cwd: consumer, environment });

  expect(result).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({ organization: { name: "Test Ltd" } });
}, 300_000);

test("the client runs in a page and in a worker of a browser", async ({ skip }) => {
  const chromium = (await findChromium()) ?? skip("there is no Chromium");
  const { code } = await bundle(consumer, "page", await compiled("browser"));
  const origin = await between(server.endpoint, (request, response) => {
    const files: Readonly<Record<string, readonly [string, string]>> = {
      "/consumer": ["text/html", `<!doctype html><title>Consumer</title><link rel="icon" href="data:,">`],
      "/consumer.js": ["text/javascript", code],
    };
    const file = files[request.url ?? ""];
    if (file !== undefined) response.setHeader("Content-Type", file[0]).end(file[1]);
    return file !== undefined;
  });
  const browser = await launchBrowser(chromium);
  try {
    const { tab, complaints } = await openTab(browser);
    await tab.goto(`${origin}/consumer`);
    const token = JSON.stringify(server.adminToken);

    const inPage = await tab.evaluate(`import("/consumer.js").then(({ useSdk }) => useSdk(${token}))`);
    expect(inPage).toEqual(["well-formed", "active", "inactive"]);

    const inWorker = await tab.evaluate(`new Promise((resolve, reject) => {
      const worker = new Worker("/consumer.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(${token});
    })`);
    expect(inWorker).toEqual(["well-formed", "active", "inactive"]);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
}, 300_000);

test("all of the client's entry, minified and compressed, is at most 8 kB", async () => {
  const { gzipBytes } = await bundle(consumer, "client", `export * from "@orgtokens/sdk";`);

  expect(gzipBytes).toBeLessThanOrEqual(8000);
});

test.each([
  "@orgtokens/sdk",
  "@orgtokens/sdk/base-client",
  "@orgtokens/sdk/verification",
  "@orgtokens/sdk/verification/hono",
])("%s needs no module of Node", async (entry) => {
  const { imports } = await bundle(consumer, "entry", `export * from ${JSON.stringify(entry)};`);

  expect(imports).toEqual([]);
});

test.each([
  ["@orgtokens/sdk", "isWellFormedToken", ["dist/token-text.js"]],
  ["@orgtokens/sdk/delivery", "revokeConfirmed", ["dist/errors.js", "dist/delivery/revoke-confirmed.js"]],
  ["@orgtokens/sdk/secret-stores", "fileDestination", ["dist/secret-stores/file/file.js"]],
  ["@orgtokens/sdk/verification", "checkAccess", ["dist/verification/check-access.js"]],
])("of %s, a program that imports %s gets nothing else", async (entry, name, expected) => {
  const { modules } = await bundle(consumer, name, `export { ${name} } from ${JSON.stringify(entry)};`);

  expect(modules).toEqual(expected);
});

/** A program of the consumer without its types, which are checked above. */
async function compiled(name: string): Promise<string> {
  const source = await readFile(join(consumer, "src", `${name}.ts`), "utf8");
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext },
  }).outputText;
}
