import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileDestination, openFileSecretStore, parseFileDestination } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { fileStoreProcess, runLine } from "../../support/file-store-process.ts";
import { makeFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const openIn = (name: string) => openFileSecretStore({ path: join(folder, name) });

describeSecretStore(
  "file",
  () => ({
    open: (name) => openFileSecretStore({ path: name === "" ? "" : `${folder}/${name}` }),
    openDestination: (destination) => openFileSecretStore(parseFileDestination(destination) ?? { path: "" }),
    foreignWrite: (name, text) => writeFile(join(folder, name), text),
    foreignDelete: (name) => rm(join(folder, name)),
    metadata: (name) => readFile(join(folder, `${name}.orgtokens.json`), "utf8"),
    cutShort: { "between metadata and secret": cutShort },
    lacking: { none: "The rights of files are modes and folders, which tests of their own try." },
    network: { none: "Nothing lies between the store and its files." },
    credentials: () => [],
    refusedNames: [""],
  }),
  ["rights", "faults"],
);

/** A crash after the metadata was replaced, and before the secret was. */
async function cutShort(name: string, secret: TestSecret): Promise<void> {
  const path = join(folder, name);
  const before = await readFile(path).catch(() => undefined);
  await put(openIn(name), secret);
  if (before === undefined) await rm(path);
  else await writeFile(path, before);
}

describe("a secret file", () => {
  test("is readable by its owner only, also under a wide umask, and so are folders made for it", async () => {
    const root = await temporaryFolder();
    const run = await runLine(
      fileStoreProcess(
        join(root, "a/b/secret"),
        `
      process.umask(0);
      await store.write("x", { apiTokenId: "a".repeat(24), fingerprint: "2d711642b726b044" });`,
      ),
    );
    expect(run.exitCode, run.output).toBe(0);
    const modeOf = async (path: string) => ((await stat(join(root, path))).mode & 0o777).toString(8);
    expect(await modeOf("a/b/secret")).toBe("600");
    expect(await modeOf("a/b/secret.orgtokens.json")).toBe("600");
    expect([await modeOf("a"), await modeOf("a/b")]).toEqual(["700", "700"]);
  });

  test("becomes readable by its owner only when it was not", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(openIn(name), secret);
    await chmod(join(folder, name), 0o644);
    await put(openIn(name), secret);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  test("is all that a write leaves, with its metadata", async () => {
    const root = await temporaryFolder();
    const store = openFileSecretStore({ path: join(root, "secret") });
    await store.checkWritable();
    expect(await readdir(root)).toEqual([]);
    const secret = buildSecret();
    await put(store, secret);
    await put(store, secret);
    expect((await readdir(root)).toSorted()).toEqual(["secret", "secret.orgtokens.json"]);
    await store.delete(secret.apiTokenId);
    expect(await readdir(root)).toEqual([]);
  });

  test("does not go through a link, and not into a folder, pipe or device; what is there stays", async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, "target"), "theirs");
    await symlink("target", join(root, "link"));
    await symlink("nowhere", join(root, "dangling"));
    await mkdir(join(root, "folder"));
    await once(spawn("mkfifo", [join(root, "pipe")]), "exit");
    for (const name of ["link", "dangling", "folder", "pipe"]) {
      const store = openFileSecretStore({ path: join(root, name) });
      const secret = buildSecret();
      const acts = [
        () => store.checkWritable(),
        () => put(store, secret),
        () => store.read(),
        () => store.delete(secret.apiTokenId),
      ];
      for (const act of acts) expect((await refusal(act)).code, name).toBe("secret_store_occupied");
    }
    expect(await readFile(join(root, "target"), "utf8")).toBe("theirs");
    expect((await readdir(root)).toSorted()).toEqual(["dangling", "folder", "link", "pipe", "target"]);
  });

  test("does not go through links in the place of its metadata", async () => {
    const root = await temporaryFolder();
    await symlink("nowhere", join(root, "secret.orgtokens.json"));
    const store = openFileSecretStore({ path: join(root, "secret") });
    expect((await refusal(() => put(store, buildSecret()))).code).toBe("secret_store_occupied");
  });

  test("says before anything is created that its path leads through a file, or is too long", async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, "file"), "");
    for (const path of [join(root, "file", "secret"), join(root, "n".repeat(235))]) {
      const store = openFileSecretStore({ path });
      expect((await refusal(() => store.checkWritable())).code).toBe("secret_store_invalid_argument");
      expect((await refusal(() => put(store, buildSecret()))).code).toBe("secret_store_invalid_argument");
    }
  });

  test("removes unfinished files of crashes a minute ago, and leaves younger ones to their writers", async () => {
    const root = await temporaryFolder();
    const names = [".secret.0a1b2c.unfinished", ".secret.orgtokens.json.0a1b2c.unfinished", ".other.0a1b2c.unfinished"];
    for (const name of names) await writeFile(join(root, name), "tok_");
    const before = new Date(Date.now() - 61_000);
    for (const name of names.slice(0, 2)) await utimes(join(root, name), before, before);
    await writeFile(join(root, ".secret.young.unfinished"), "");
    await put(openFileSecretStore({ path: join(root, "secret") }), buildSecret());
    const left = (await readdir(root)).toSorted();
    expect(left).toEqual([".other.0a1b2c.unfinished", ".secret.young.unfinished", "secret", "secret.orgtokens.json"]);
  });

  test("with metadata that is not ours counts as somebody else's", async () => {
    for (const metadata of ["", "[]", "null", '{"apiTokenId":"../me","fingerprint":"x"}', '{"apiTokenId":7}']) {
      const name = buildName();
      await writeFile(join(folder, name), "theirs");
      await writeFile(join(folder, `${name}.orgtokens.json`), metadata);
      expect(await openIn(name).describe()).toEqual({});
      expect((await refusal(() => put(openIn(name), buildSecret()))).code).toBe("secret_store_occupied");
    }
  });

  test("is not read when it is far too large for a secret", async () => {
    const name = buildName();
    await writeFile(join(folder, name), "x".repeat(1_000_000));
    expect((await refusal(() => openIn(name).read())).code).toBe("secret_store_failed");
    expect(await openIn(name).describe()).toEqual({});
  });

  test("says before anything is created that its folder may not be written", async () => {
    const root = await temporaryFolder();
    await chmod(root, 0o500);
    const run = await runLine(
      fileStoreProcess(
        join(root, "secret"),
        `
      if (process.getuid() === 0) process.setuid(65534); // root may write everywhere
      await store.checkWritable().catch(({ code }) => console.log(code));`,
      ),
    );
    expect(run.output).toBe("secret_store_refused\n");
  });

  test("has a URI that leads back to it; other URIs lead nowhere", () => {
    const path = "/run/secrets/a b%20#?ü";
    expect(parseFileDestination(fileDestination({ path }))).toEqual({ path });
    for (const other of [
      "file://host/x",
      "https://x/y",
      "vault://kv/a#b",
      "file:///a%2Fb",
      "file:///%zz%2f",
      "nonsense",
    ]) {
      expect(parseFileDestination(other), other).toBeUndefined();
    }
  });
});

test.skipIf(process.platform !== "linux")(
  "a folder that cannot be made is an error, and no endless attempt",
  async () => {
    const store = openFileSecretStore({ path: "/proc/orgtokens/inside/secret" });
    const about = { apiTokenId: "0199f3a1b2c40d5e6f708192", fingerprint: "0123456789abcdef" };
    await expect(store.write("secret", about)).rejects.toMatchObject({ name: "SecretStoreError" });
  },
);

describe("the lock of a secret file", () => {
  test("that a killed process left is taken over at once", async () => {
    const root = await temporaryFolder();
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await writeFile(join(root, ".secret.orgtokens.lock"), `${hostname()}\n${child.pid}\n`);
    const secret = buildSecret();
    const stores = [1, 2, 3].map(() => openFileSecretStore({ path: join(root, "secret") }));
    await Promise.all(stores.map((store) => put(store, secret)));
    expect((await readdir(root)).toSorted()).toEqual(["secret", "secret.orgtokens.json"]);
  });

  test("that was killed before it was signed is taken over within seconds", async () => {
    const root = await temporaryFolder();
    const lock = join(root, ".secret.orgtokens.lock");
    await writeFile(lock, "");
    const before = new Date(Date.now() - 3500);
    await utimes(lock, before, before);
    const store = openFileSecretStore({ path: join(root, "secret") });
    const secret = buildSecret();
    await put(store, secret);
    await expectHolds(store, secret);
  });

  test("that another machine left is taken over when it is a minute old", async () => {
    const root = await temporaryFolder();
    const lock = join(root, ".secret.orgtokens.lock");
    await writeFile(lock, "elsewhere\n1\n");
    const before = new Date(Date.now() - 61_000);
    await utimes(lock, before, before);
    const secret = buildSecret();
    const store = openFileSecretStore({ path: join(root, "secret") });
    await put(store, secret);
    await expectHolds(store, secret);
  });

  test("that a living process holds is waited for, until the caller gives up", async () => {
    const root = await temporaryFolder();
    const lock = join(root, ".secret.orgtokens.lock");
    await writeFile(lock, `${hostname()}\n${process.pid}\n`);
    const store = openFileSecretStore({ path: join(root, "secret") });
    const caller = new AbortController();
    const givenUp = expect(put(store, buildSecret(), { signal: caller.signal })).rejects.toThrow("enough");
    caller.abort(new Error("enough"));
    await givenUp;
    expect(await store.describe()).toBeUndefined();
    const secret = buildSecret();
    const waiting = put(store, secret);
    await rm(lock);
    await waiting;
    await expectHolds(store, secret);
  });
});

test("many writers at once make the folders that none of them finds", async () => {
  for (let round = 0; round < 20; round += 1) {
    const writers = Array.from({ length: 8 }, (_, index) => ({
      store: openIn(`new-${round}${"/deeper".repeat(3 - (index % 4))}/secret-${index}`),
      secret: buildSecret(),
    }));
    await Promise.all(writers.map(({ store, secret }) => put(store, secret)));
    for (const { store, secret } of writers) await expectHolds(store, secret);
  }
});
