import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import {
  type CommandProgram,
  commandDestination,
  openCommandSecretStore,
  openSecretStore,
  parseCommandDestination,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type StoreUnderTest,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { makeFolder, temporaryFolder } from "../../support/temporary-folder.ts";

const script = fileURLToPath(new URL("../../support/keeper.sh", import.meta.url));
const environment = { PATH: process.env["PATH"] };

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** How the small keeper of the tests is called. */
function keeperIn(root: string): CommandProgram {
  const call = (verb: string) => ["sh", script, root, verb, "{entry}"];
  return { write: call("write"), read: call("read"), delete: call("delete"), absentExitCodes: [44] };
}

/** Opens an entry of a program that is called as `program` says. */
function openWith(program: CommandProgram, entry = buildName()) {
  return openCommandSecretStore({ program: "keeper", entry, programs: { keeper: program }, environment });
}

function underTest(programOf: () => CommandProgram, metadata: (name: string) => Promise<string>): StoreUnderTest {
  const open = (entry: string) => openWith(programOf(), entry);
  const pathOf = (name: string) => join(folder, name);
  return {
    open,
    openDestination: (destination) => open(parseCommandDestination(destination)?.entry ?? ""),
    async foreignWrite(name, text) {
      await mkdir(dirname(pathOf(name)), { recursive: true });
      await writeFile(pathOf(name), text);
    },
    foreignDelete: (name) => rm(pathOf(name)),
    metadata,
    cutShort: {
      async "between metadata and secret"(name: string, secret: TestSecret) {
        const before = await readFile(pathOf(name)).catch(() => undefined);
        await put(open(name), secret);
        if (before === undefined) await rm(pathOf(name));
        else await writeFile(pathOf(name), before);
      },
    },
    lacking: { none: "A program tells by an exit code that it may not, which tests of their own try." },
    network: { none: "What a program is connected with is its own." },
    credentials: () => [],
    refusedNames: ["", "a//b", "/a", "a/", "..", "a/../b", "-rf", "a.orgtokens"],
  };
}

describeSecretStore(
  "command",
  () =>
    underTest(
      () => keeperIn(folder),
      (name) => readFile(join(folder, `${name}.orgtokens`), "utf8"),
    ),
  ["rights", "faults"],
);

describe("a program", () => {
  const secret = buildSecret();

  test("gets the secret on its standard input: no process of it has it among its arguments or in its environment", async () => {
    const root = await temporaryFolder();
    const note = join(root, "note");
    // Reads the secret, starts a process of its own, and waits to be looked at.
    const words =
      'cat >"$2/secret"; sleep 300 & echo $$ $! >"$2/unfinished"; mv "$2/unfinished" "$1"; wait; cp "$2/secret" "$2/$3"';
    const write = ["sh", "-c", words, "sh", note, root, "{entry}"];
    const store = openWith({ ...keeperIn(root), write, metadataFolder: join(root, "metadata") });
    const written = put(store, secret);
    await expect.poll(() => existsSync(note), { timeout: 10_000 }).toBe(true);
    const ids = (await readFile(note, "utf8")).trim().split(" ");
    const seen = await Promise.all(
      ids.flatMap((id) => ["cmdline", "environ"].map((name) => readFile(`/proc/${id}/${name}`, "latin1"))),
    );
    process.kill(Number(ids[1]), "SIGTERM");
    await written;
    await expectHolds(store, secret);
    expect(seen.join("")).toContain(secret.apiTokenId); // in its metadata: these are its processes
    expect(seen.join("")).not.toContain(secret.text);
  });

  test("gets the environment that it is given, and nothing of this process's own", async () => {
    const root = await temporaryFolder();
    const write = ["sh", "-c", 'cat >"$1"; env >"$1.environment"', "sh", join(root, "secret"), "{entry}"];
    const program = { ...keeperIn(root), write, metadataFolder: join(root, "metadata") };
    await refusal(() => put(openWith(program), secret));
    const names = (await readFile(join(root, "secret.environment"), "utf8")).match(/^\w+(?==)/gm)?.toSorted();
    expect(names).toEqual(["ORGTOKENS_METADATA", "PATH", "PWD"]);
  });

  test("gets the environment of who opens the store by its place, without the credentials of orgtokens", async () => {
    const root = await temporaryFolder();
    const read = ["sh", "-c", 'env >"$0"; exit 44', join(root, "environment"), "{entry}"];
    const own = { ORGTOKENS_API_TOKEN: secret.text, ORGTOKENS_API_TOKEN_FILE: "/run/token" };
    const place = { command: { program: "keeper", entry: "x" } };
    const access = { command: { programs: { keeper: { ...keeperIn(root), read } } } };
    const theirs = { ...environment, OP_VAULT: "ci" };
    await openSecretStore(place, { ...access, environment: { ...theirs, ...own } }).describe();
    const text = await readFile(join(root, "environment"), "utf8");
    expect(text).toContain("OP_VAULT=ci");
    expect(text).not.toMatch(/ORGTOKENS_API_TOKEN|tok_/);
  });

  test("is no shell: what an entry's name says is never run", async () => {
    const root = await temporaryFolder();
    const entry = `a;touch ${join("x", "injected").replaceAll("/", "_")}$(id)\`id\`|&`;
    const store = openWith(keeperIn(root), entry);
    await put(store, secret);
    expect(await readFile(join(root, entry), "utf8")).toBe(secret.text);
  });

  test("that fails is named with its exit code, and nothing that it printed is", async () => {
    const root = await temporaryFolder();
    const write = ["sh", "-c", 'cat; cat >&2; echo "$ORGTOKENS_METADATA" >&2; exit 7', "sh", "{entry}"];
    const error = await refusal(() => put(openWith({ ...keeperIn(root), write }), secret));
    expect(error).toMatchObject({ code: "secret_store_failed", retryable: false });
    expect(error.message).toContain('"keeper" ended with the exit code 7');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret.text);
  });

  test("can say by its exit code that it may not, or cannot now", async () => {
    const root = await temporaryFolder();
    const exitCodes = { refusedExitCodes: [77], unreachableExitCodes: [69, 75] };
    const failing = async (code: number) => {
      const fail = ["sh", "-c", `exit ${code}`, "sh", "{entry}"];
      return refusal(() => openWith({ ...keeperIn(root), ...exitCodes, read: fail }).describe());
    };
    expect(await failing(77)).toMatchObject({ code: "secret_store_refused", retryable: false });
    expect(await failing(69)).toMatchObject({ code: "secret_store_unreachable", retryable: true });
    expect(await failing(75)).toMatchObject({ code: "secret_store_unreachable", retryable: true });
    expect(await failing(1)).toMatchObject({ code: "secret_store_failed", retryable: false });
  });

  test("that says it kept the secret, and did not, is not believed", async () => {
    const root = await temporaryFolder();
    for (const words of ["cat >/dev/null", "exit 0", "cat >/dev/null; exec 0<&-; echo kept"]) {
      const write = ["sh", "-c", words, "sh", "{entry}"];
      const program = { ...keeperIn(root), write, metadataFolder: join(root, "metadata") };
      expect((await refusal(() => put(openWith(program), secret))).code, words).toBe("secret_store_failed");
    }
  });

  test("that is missing, may not be run, or is not set up is found before anything is created", async () => {
    const root = await temporaryFolder();
    const script = join(root, "script");
    await writeFile(script, "#!/bin/sh\n");
    await chmod(script, 0o644);
    const reading = (words: readonly string[]) => openWith({ ...keeperIn(root), read: words });
    const missing = await refusal(() => reading(["orgtokens-no-such-program", "{entry}"]).checkWritable());
    expect(missing).toMatchObject({ code: "secret_store_not_found" });
    expect(missing.message).toContain("orgtokens-no-such-program");
    expect((await refusal(() => reading([script, "{entry}"]).checkWritable())).code).toBe("secret_store_refused");
    const unknown = openCommandSecretStore({ program: "other", entry: "x", programs: {}, environment });
    expect((await refusal(() => unknown.checkWritable())).message).toContain('There is no program "other"');
  });

  test("that prints without end is ended, and so is one that is ended by a signal named", async () => {
    const root = await temporaryFolder();
    const reading = (words: string) => openWith({ ...keeperIn(root), read: ["sh", "-c", words, "sh", "{entry}"] });
    const endless = await refusal(() =>
      reading("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done").read(),
    );
    expect(endless.message).toContain("printed more than 65536 bytes");
    expect((await refusal(() => reading("kill -9 $$").read())).message).toContain("SIGKILL");
  });

  test.each([
    ["does not end when it is asked to", 'trap "" TERM; wait; sleep 300'],
    ["ends at once, and what it has started does not", "wait"],
  ])("is ended with all that it has started when the caller gives up, also one that %s", async (_, words) => {
    const root = await temporaryFolder();
    const started = join(root, "started");
    const start = `sh -c 'trap "" TERM; sleep 300; sleep 300' & echo $! >"$1"; mv "$1" "$1.pid"; ${words}`;
    const store = openWith({ ...keeperIn(root), read: ["sh", "-c", start, "sh", started, "{entry}"] });
    const caller = new AbortController();
    const givenUp = expect(store.read({ signal: caller.signal })).rejects.toThrow("enough");
    await expect.poll(() => isRunning(started), { timeout: 10_000 }).toBe(true);
    caller.abort(new Error("enough"));
    await givenUp;
    await expect.poll(() => isRunning(started), { timeout: 10_000 }).toBe(false);
  });

  test("without metadata of its own can have them in a folder of this machine", async () => {
    const root = await temporaryFolder();
    const metadataFolder = join(root, "metadata");
    const store = openWith({ ...keeperIn(root), metadataFolder });
    await put(store, secret);
    await expectHolds(store, secret);
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(await store.describe()).toBeUndefined();
  });
});

/** Whether the process runs whose id a script has noted. */
async function isRunning(started: string): Promise<boolean> {
  try {
    process.kill(Number(await readFile(`${started}.pid`, "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

describe("a program that keeps metadata itself", () => {
  const words = {
    write: 'mkdir -p "$1"; cat >"$1/secret"; printf %s "$ORGTOKENS_METADATA" >"$1/metadata"',
    describe: '[ -d "$1" ] || exit 4; cat "$1/metadata"',
    delete: 'rm -r "$1"',
  };
  const programIn = (root: string): CommandProgram => {
    const call = (verb: keyof typeof words) => ["sh", "-c", `cd "$0"; ${words[verb]}`, root, "{entry}"];
    return { write: call("write"), describe: call("describe"), delete: call("delete"), absentExitCodes: [4] };
  };

  test("need not give the secret back for anybody to know whose it is", async () => {
    const root = await temporaryFolder();
    const store = openWith(programIn(root), "entry");
    expect(await store.describe()).toBeUndefined();
    const { text, ...owner } = buildSecret();
    await store.write(text, { ...owner, organizationId: "0".repeat(24) });
    expect(await store.describe()).toEqual({ ...owner, organizationId: "0".repeat(24) });
    expect(await readFile(join(root, "entry/secret"), "utf8")).toBe(text);
    expect((await refusal(() => store.read())).code).toBe("secret_store_refused");
    expect((await refusal(() => put(store, buildSecret()))).code).toBe("secret_store_occupied");
    expect(await store.delete(owner.apiTokenId)).toBe("deleted");
    expect(await store.delete(owner.apiTokenId)).toBe("absent");
  });

  test("can say anything of an entry: what has no right form counts as somebody else's", async () => {
    const root = await temporaryFolder();
    for (const said of ["", "{}", "[]", "null", '{"apiTokenId":"../x"}', "x".repeat(60_000)]) {
      await mkdir(join(root, "entry"), { recursive: true });
      await writeFile(join(root, "entry/metadata"), said);
      expect(await openWith(programIn(root), "entry").describe()).toEqual({});
    }
  });
});

test("a destination leads back to its entry; other URIs lead nowhere", () => {
  const place = { program: "pass", entry: "ci/a b%#?ü" };
  expect(parseCommandDestination(commandDestination(place))).toEqual(place);
  for (const other of [
    "command://pass",
    "command://pass/",
    "command://Pass/x",
    "command:///x",
    "command://p/%zz",
    "command://p/x#y",
  ]) {
    expect(parseCommandDestination(other), other).toBeUndefined();
  }
});
