/** Who else could reach a secret file: by folders and links on the way, as another user, by another name. */
import { chmod, chown, lchown, link, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { fileStoreProcess, runLine } from "../../support/file-store-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a folder that anybody may write is refused before anything is created, at every step of the way", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "open/inner"), { recursive: true });
  await chmod(join(root, "open"), 0o777);
  for (const path of ["open/secret", "open/inner/secret", "open/missing/secret"]) {
    const store = openFileSecretStore({ path: join(root, path) });
    for (const act of [() => store.checkWritable(), () => put(store, buildSecret())]) {
      const error = await refusal(act);
      expect(error).toMatchObject({ code: "secret_store_refused" });
      expect(error.message).toContain("chmod o-w");
    }
  }
  await chmod(join(root, "open"), 0o1777);
  const store = openFileSecretStore({ path: join(root, "open/secret") });
  const secret = buildSecret();
  await put(store, secret);
  await expectHolds(store, secret);
});

test("a way that leads through links is judged by where they lead, link by link", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "open/inner"), { recursive: true });
  await mkdir(join(root, "mine"));
  await chmod(join(root, "open"), 0o777);
  await symlink("open/inner", join(root, "into"));
  await symlink(join(root, "into"), join(root, "twice"));
  await symlink("../mine", join(root, "open/back"));
  await symlink("open/back", join(root, "through"));
  await symlink("around", join(root, "around"));
  const codeAt = async (path: string) =>
    (await refusal(() => put(openFileSecretStore({ path: join(root, path) }), buildSecret()))).code;
  for (const path of ["into/secret", "twice/secret", "through/secret"]) {
    expect(await codeAt(path), path).toBe("secret_store_refused");
  }
  expect(await codeAt("around/secret")).toBe("secret_store_invalid_argument");
  await symlink("mine", join(root, "alias"));
  const secret = buildSecret();
  await put(openFileSecretStore({ path: join(root, "alias/secret") }), secret);
  await expectHolds(openFileSecretStore({ path: join(root, "mine/secret") }), secret);
});

describe.skipIf(process.geteuid?.() !== 0)("where several users are", () => {
  const nobody = 65_534;

  test("what another one has put in a folder for everybody is not used, be it a file, a folder or a link", async () => {
    const root = await temporaryFolder();
    await chmod(root, 0o1777);
    await writeFile(join(root, "file"), "");
    await mkdir(join(root, "folder"));
    await mkdir(join(root, "mine"));
    await symlink("mine", join(root, "link"));
    for (const name of ["file", "folder", "link"]) await lchown(join(root, name), nobody, nobody);
    for (const path of ["file", "folder/secret", "link/secret"]) {
      const error = await refusal(() => openFileSecretStore({ path: join(root, path), key: "k" }).checkWritable());
      expect(error, path).toMatchObject({ code: expect.stringMatching(/^secret_store_(refused|occupied)$/) });
      await expect(put(openFileSecretStore({ path: join(root, path) }), buildSecret())).rejects.toThrow(
        "folder for everybody",
      );
    }
    await put(openFileSecretStore({ path: join(root, "mine/secret") }), buildSecret());
  });

  test("root keeps the owner of a file that it replaces, who alone can still read it", async () => {
    const path = join(await temporaryFolder(), "settings.json");
    await writeFile(path, '{"host":"db"}');
    await chown(path, nobody, nobody);
    await put(openFileSecretStore({ path, key: "token" }), buildSecret());
    expect(await stat(path)).toMatchObject({ uid: nobody, gid: nobody, mode: 0o100_600 });
  });

  test("anybody else does not replace what belongs to another, and says so before anything is created", async () => {
    const root = await temporaryFolder();
    await chmod(join(root, ".."), 0o755);
    const path = join(root, "settings.json");
    await writeFile(path, '{"host":"db"}');
    await chown(root, nobody, nobody);
    const run = await runLine(
      fileStoreProcess(
        path,
        `
      process.setuid(${nobody});
      const keyed = openFileSecretStore({ path: ${JSON.stringify(path)}, key: "token" });
      const owner = { apiTokenId: "a".repeat(24), fingerprint: "2d711642b726b044" };
      for (const act of [() => keyed.checkWritable(), () => keyed.write("x", owner)])
        await act().then(() => console.log("done"), ({ code }) => console.log(code));`,
      ),
    );
    expect(run.output).toBe("secret_store_refused\nsecret_store_refused\n");
    expect(await readFile(path, "utf8")).toBe('{"host":"db"}');
  });
});

test("another name of the same file keeps the secret it had, and never gets the next one", async () => {
  const root = await temporaryFolder();
  const store = openFileSecretStore({ path: join(root, "secret") });
  const [first, second] = [buildSecret(), buildSecret()];
  await put(store, first);
  await link(join(root, "secret"), join(root, "other"));
  await put(store, { ...second, apiTokenId: first.apiTokenId });
  expect(await readFile(join(root, "other"), "utf8")).toBe(first.text);
  expect(await store.read()).toBe(second.text);
});
