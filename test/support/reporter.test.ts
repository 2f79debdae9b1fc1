import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./commands.ts";

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const reporter = new URL("reporter.ts", import.meta.url).href;
const config = `import { closingLine } from "${reporter}";
export default { test: { globals: true, include: ["*.test.js"], reporters: ["default", closingLine()] } };
`;

/** Runs Vitest with our reporter on one file of tests; gives the exit code and the lines of standard output. */
async function run(tests: string, environment: { readonly CI?: string } = {}, words: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), "orgtokens-reporter-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "vitest.config.mjs"), config);
  await writeFile(join(folder, "a.test.js"), tests);
  const { exitCode, stdout } = await runCommand(process.execPath, [vitest, "run", ...words], {
    cwd: folder,
    environment: { PATH: process.env["PATH"], HOME: folder, NO_COLOR: "1", ...environment },
  });
  return { exitCode, lines: stdout.trimEnd().split("\n") };
}

const passing = 'test("holds", () => {});\n';
const skipping = 'describe("later", () => { test.skip("half", () => {}); test.todo("never begun"); });\n';

test("a run ends with how many tests passed and failed", async () => {
  const good = await run(passing + passing);
  expect([good.exitCode, good.lines.at(-1)]).toEqual([0, "2 passed, 0 failed"]);
  const bad = await run(`${passing}test("breaks", () => { throw new Error("no luck"); });\n`);
  expect([bad.exitCode, bad.lines.at(-1)]).toEqual([1, "1 passed, 1 failed"]);
});

test("every skipped test is named, and fails the run in CI", async () => {
  const local = await run(passing + skipping);
  expect(local.lines.slice(-3)).toEqual([
    "SKIPPED a.test.js > later > half",
    "SKIPPED a.test.js > later > never begun",
    "1 passed, 0 failed, 2 skipped",
  ]);
  expect(local.exitCode).toBe(0);
  const strict = await run(passing + skipping, { CI: "true" });
  expect([strict.exitCode, strict.lines.at(-1)]).toEqual([1, "1 passed, 0 failed, 2 skipped"]);
});

test("a test that skips itself while it runs fails the run in CI", async () => {
  const strict = await run(`${passing}test("gives up", ({ skip }) => skip());\n`, { CI: "true" });
  expect([strict.exitCode, strict.lines.at(-1)]).toEqual([1, "1 passed, 0 failed, 1 skipped"]);
});

test("a file that does not load, a hook that breaks and a rejection nobody awaits count as failures", async () => {
  const unloadable = await run('throw new Error("no luck");\n');
  expect([unloadable.exitCode, unloadable.lines.at(-1)]).toEqual([1, "0 passed, 1 failed"]);
  const hook = await run(`describe("a", () => { beforeAll(() => { throw new Error("no luck"); }); ${passing} });\n`);
  expect([hook.exitCode, hook.lines.at(-1)]).toEqual([1, "0 passed, 1 failed, 1 skipped"]);
  const rejection = await run(`${passing}test("forgets", () => { void Promise.reject(new Error("no luck")); });\n`);
  expect([rejection.exitCode, rejection.lines.at(-1)]).toEqual([1, "2 passed, 1 failed"]);
});

test("who asks for one test by name does not hear of the others", async () => {
  const { exitCode, lines } = await run(passing + skipping, {}, ["-t", "holds"]);
  expect(exitCode).toBe(0);
  expect(lines.filter((line) => line.startsWith("SKIPPED"))).toEqual([]);
});
