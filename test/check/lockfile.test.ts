import { expect, test } from "vitest";
import { checkLockfile, findLockfileFaults } from "./lockfile.ts";
import { writeTree } from "./write-tree.ts";

const good = { version: "1.0.0", integrity: "sha512-x", license: "MIT" };

function faultsOf(entry: object): readonly string[] {
  return findLockfileFaults({ packages: { "": {}, "node_modules/a": entry } }).map(({ message }) => message);
}

test("a registry host, a missing hash, an install script and an unknown licence are each found", () => {
  expect(faultsOf({ ...good, resolved: "https://registry.example/a.tgz" })).toEqual([
    expect.stringContaining("registry host"),
  ]);
  expect(faultsOf({ version: "1.0.0", license: "MIT" })).toEqual(["has no integrity hash"]);
  expect(faultsOf({ ...good, hasInstallScript: true })).toEqual(["runs a script when it is installed"]);
  expect(faultsOf({ ...good, license: "GPL-3.0-only" })).toEqual([expect.stringContaining("GPL-3.0-only")]);
  expect(faultsOf({ version: "1.0.0", integrity: "sha512-x" })).toEqual(["has no licence"]);
});

test("of alternative licences one must be on the list, of joined ones each", () => {
  expect(faultsOf({ ...good, license: "(GPL-2.0 OR MIT)" })).toEqual([]);
  expect(faultsOf({ ...good, license: "MIT AND GPL-2.0" })).toHaveLength(1);
  expect(faultsOf({ ...good, license: "(MIT AND Zlib) OR GPL-2.0" })).toHaveLength(1);
  expect(faultsOf({ ...good, license: "Apache-2.0 AND (MIT OR ISC)" })).toHaveLength(0);
});

test("packages inside another package's archive and links to workspaces need no hash of their own", () => {
  expect(faultsOf({ version: "1.0.0", license: "MIT", inBundle: true })).toEqual([]);
  expect(faultsOf({ link: true, resolved: "server" })).toEqual([]);
});

test("the lock file of a tree is read", async () => {
  const root = await writeTree({ "package-lock.json": JSON.stringify({ packages: { "node_modules/a": {} } }) });
  expect(await checkLockfile(root)).toHaveLength(2);
});
