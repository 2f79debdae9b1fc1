/** What happens to a secret file when the machine fails: killed at each step, a full disk, a read-only one, many processes. */
import { spawnSync } from "node:child_process";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { buildSecret, expectHolds, fingerprintOf, put, type TestSecret } from "../../conformance/secret-stores.ts";
import { findDebianProgram } from "../../support/debian-program.ts";
import { type CommandLine, fileStoreProcess, runLine } from "../../support/file-store-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const writing = ({ text, ...owner }: TestSecret) =>
  `await store.write(${JSON.stringify(text)}, ${JSON.stringify(owner)});`;

/** Whether the machine lets us do this; said loudly where it does not. */
async function isAllowed(what: string, ...command: CommandLine): Promise<boolean> {
  const result = await runLine(command).catch(() => undefined);
  if (result?.exitCode === 0) return true;
  process.stderr.write(`NOT TESTED: ${what} is not allowed on this machine.\n`);
  return false;
}

const strace = await findDebianProgram("strace");
const mayTrace =
  strace !== undefined && (await isAllowed("tracing processes (strace)", strace, "-o", "/dev/null", "true"));
const mayMount = await isAllowed("mounting in a namespace of one's own (unshare)", "unshare", "-Urm", "true");

/** Each is a step after which something else lasts. */
const steps = "mkdir,fsync,rename,unlink,rmdir";

/** Runs a script that is killed when it is about to do its `count`th step; whether it came to its end before. */
async function killAt(count: number, command: CommandLine): Promise<boolean> {
  const inject = `inject=${steps}:signal=SIGKILL:when=${count}`;
  const words = ["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", `trace=${steps}`, "-e", inject];
  const { exitCode } = await runLine([strace ?? "", ...words, ...command]);
  return exitCode === 0;
}

describe.skipIf(!mayTrace)("a process that is killed at any step", () => {
  test.each([
    ["a first write", false],
    ["a write that replaces", true],
  ])(
    "of %s leaves what was there or what is new, and never metadata that names another",
    async (_, isLater) => {
      let isDone = false;
      for (let count = 1; !isDone && count < 40; count += 1) {
        const path = join(await temporaryFolder(), "made", "secret");
        const store = openFileSecretStore({ path });
        const before = buildSecret();
        if (isLater) await put(store, before);
        const secret = isLater ? buildSecret(before.apiTokenId) : before;
        isDone = await killAt(count, fileStoreProcess(path, writing(secret)));
        const [text, entry] = [await store.read(), await store.describe()];
        expect([isLater ? before.text : undefined, secret.text], `step ${count}`).toContain(text);
        if (entry?.fingerprint !== undefined) expect(entry.fingerprint).toBe(fingerprintOf(text ?? ""));
        if (isDone) expect(entry?.fingerprint).toBe(secret.fingerprint);
        else expect([undefined, secret.apiTokenId], `step ${count}`).toContain(entry?.apiTokenId);
        const next = buildSecret(secret.apiTokenId);
        await put(store, next);
        await expectHolds(store, next);
        await expectClosed(join(path, ".."));
      }
      expect(isDone).toBe(true);
    },
    120_000,
  );

  test("of a delete leaves an entry that is known to be ours or nothing, and the next one ends it", async () => {
    let isDone = false;
    for (let count = 1; !isDone && count < 40; count += 1) {
      const path = join(await temporaryFolder(), "secret");
      const store = openFileSecretStore({ path });
      const secret = buildSecret();
      await put(store, secret);
      isDone = await killAt(count, fileStoreProcess(path, `await store.delete(${JSON.stringify(secret.apiTokenId)});`));
      const entry = await store.describe();
      if (entry !== undefined) expect(entry.apiTokenId, `step ${count}`).toBe(secret.apiTokenId);
      expect(await store.delete(secret.apiTokenId)).toBe(entry === undefined ? "absent" : "deleted");
      expect(await store.read()).toBeUndefined();
      await store.checkWritable();
    }
    expect(isDone).toBe(true);
  }, 120_000);

  async function expectClosed(folder: string): Promise<void> {
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077, name).toBe(0);
  }
});

test.skipIf(!mayTrace)("content is on the disk before it takes a name, and a name before the next one", async () => {
  const root = await temporaryFolder();
  const log = join(root, "log");
  const path = join(root, "made", "secret");
  const trace = ["-f", "-y", "-qq", "-o", log, "-e", "trace=mkdir,fsync,rename"];
  await runLine([strace ?? "", ...trace, ...fileStoreProcess(path, writing(buildSecret()))]);
  const said = (await readFile(log, "utf8")).matchAll(/(mkdir|fsync|rename)\((.*)\) += 0$/gm);
  const did = Array.from(said, ([, call, words = ""]) => {
    const name = words
      .replaceAll(root, "")
      .replaceAll(/\.[0-9a-f]{12}\./g, ".*.")
      .replace(/, 0700$/, "");
    return `${call} ${name.replaceAll(/^\d+<|>$/g, "")}`;
  });
  expect(did).toEqual([
    'mkdir "/made"',
    "fsync ",
    "fsync /made/.secret.orgtokens.json.*.unfinished",
    'rename "/made/.secret.orgtokens.json.*.unfinished", "/made/secret.orgtokens.json"',
    "fsync /made",
    "fsync /made/.secret.*.unfinished",
    'rename "/made/.secret.*.unfinished", "/made/secret"',
    "fsync /made",
  ]);
});

describe.skipIf(!mayMount)("a file system", () => {
  /** Runs a script about a store on a small file system of its own in memory; what it printed. */
  async function onSmallDisk(script: string): Promise<unknown> {
    const folder = await temporaryFolder();
    await chmod(folder, 0o700);
    const words = fileStoreProcess(
      join(folder, "secret"),
      `import { readdir, rm, statfs, writeFile } from "node:fs/promises";
       import { execFileSync } from "node:child_process";
       const folder = ${JSON.stringify(folder)};
       const outcome = (act) => act().then(() => "done", ({ code, message }) => code + ": " + message.replaceAll(folder, ""));
       ${script}`,
    );
    const mounted = 'mount -t tmpfs -o size=256k,mode=700 none "$0" && exec "$@"';
    const result = await runLine(["unshare", "-Urm", "sh", "-c", mounted, folder, ...words]);
    expect(result.exitCode, result.output).toBe(0);
    return JSON.parse(result.stdout);
  }

  test("that is full keeps the secret that is there, and nothing unfinished; with space again the next write succeeds", async () => {
    const [first, second] = [buildSecret(), buildSecret()];
    const told = await onSmallDisk(`
      ${writing(first)}
      const outcomes = [];
      for (const pagesLeft of [0, 1]) {
        const { bavail, bsize } = await statfs(folder);
        await writeFile(folder + "/filler", Buffer.alloc((bavail - pagesLeft) * bsize));
        outcomes.push(await outcome(async () => {
          ${writing({ ...second, apiTokenId: first.apiTokenId })}
        }));
        outcomes.push((await readdir(folder)).sort(), await store.read());
        await rm(folder + "/filler");
      }
      const started = Date.now();
      ${writing({ ...second, apiTokenId: first.apiTokenId })}
      console.log(JSON.stringify([...outcomes, await store.read(), Date.now() - started < 2000]));`);
    const names = ["filler", "secret", "secret.orgtokens.json"];
    const full = ["secret_store_failed: /secret: the disk is full (ENOSPC).", names, first.text];
    expect(told).toEqual([...full, ...full, second.text, true]);
  });

  test("that is read-only is refused before anything is created, and while writing", async () => {
    const told = await onSmallDisk(`
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const acts = [() => store.checkWritable(), async () => { ${writing(buildSecret())} }];
      console.log(JSON.stringify(await Promise.all(acts.map(outcome))));`);
    const refused = expect.stringMatching(/^secret_store_refused: .*\(EROFS\)/);
    expect(told).toEqual([refused, refused]);
  });
});

test("processes that write keys of one JSON file at once lose none, also when they end while others wait, and one was killed", async () => {
  const path = join(await temporaryFolder(), "settings.json");
  const lock = join(path, "..", ".settings.json.orgtokens.lock");
  const owners = Array.from({ length: 8 }, () => Array.from({ length: 5 }, () => buildSecret()));
  await writeFile(lock, `${hostname()}\n${spawnSync("true").pid}\n`);
  const runs = owners.map((secrets, process) =>
    runLine(
      fileStoreProcess(
        path,
        `await Promise.all(${JSON.stringify(secrets)}.map(({ text, ...owner }, index) =>
           openFileSecretStore({ path: ${JSON.stringify(path)}, key: "k${process}-" + index }).write(text, owner)));`,
      ),
    ),
  );
  for (const { exitCode, output } of await Promise.all(runs)) expect(exitCode, output).toBe(0);
  for (const [process, secrets] of owners.entries()) {
    for (const [index, secret] of secrets.entries()) {
      await expectHolds(openFileSecretStore({ path, key: `k${process}-${index}` }), secret);
    }
  }
}, 60_000);
