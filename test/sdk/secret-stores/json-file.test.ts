import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileDestination, openFileSecretStore, parseFileDestination } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { makeFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const openKeyIn = (name: string) => openFileSecretStore({ path: join(folder, "json", name), key: "tok#en" });

/** What a JSON file holds; nothing when it is not there. */
async function readKeys(path: string): Promise<object> {
  return JSON.parse(await readFile(path, "utf8").catch(() => "{}"));
}

describeSecretStore(
  "a key in a JSON file",
  () => ({
    open: (name) =>
      openFileSecretStore({ path: name === "" || name === ".." ? "" : `${folder}/json/${name}`, key: "tok#en" }),
    openDestination: (destination) => openFileSecretStore(parseFileDestination(destination) ?? { path: "" }),
    async foreignWrite(name, text) {
      const path = join(folder, "json", name);
      await mkdir(join(folder, "json"), { recursive: true });
      await writeFile(path, JSON.stringify({ ...(await readKeys(path)), "tok#en": text }));
    },
    async foreignDelete(name) {
      const path = join(folder, "json", name);
      await writeFile(path, JSON.stringify({ ...(await readKeys(path)), "tok#en": undefined }));
    },
    metadata: (name) => readFile(join(folder, "json", `${name}.orgtokens.json`), "utf8"),
    cutShort: {
      async "between metadata and secret"(name: string, secret: TestSecret) {
        const path = join(folder, "json", name);
        const before = await readFile(path).catch(() => undefined);
        await put(openKeyIn(name), secret);
        if (before === undefined) await rm(path);
        else await writeFile(path, before);
      },
    },
    lacking: { none: "The rights of files are modes and folders, which tests of their own try." },
    network: { none: "Nothing lies between the store and its files." },
    credentials: () => [],
    refusedNames: [""],
  }),
  ["rights", "faults"],
);

describe("a key in a JSON file", () => {
  test("leaves other keys as they are, and those of two tokens keep apart", async () => {
    const root = await temporaryFolder();
    const path = join(root, "settings.json");
    const others = { host: "db", port: 5432, nested: { list: [1, null, "ü"] }, ["__proto__"]: 1 };
    await writeFile(path, JSON.stringify(others));
    const [one, two] = ["one", "two"].map((key) => openFileSecretStore({ path, key }));
    if (one === undefined || two === undefined) throw new Error("There are two.");
    const [first, second] = [buildSecret(), buildSecret()];
    await Promise.all([put(one, first), put(two, second)]);
    await expectHolds(one, first);
    await expectHolds(two, second);
    expect(await readKeys(path)).toEqual({ ...others, one: first.text, two: second.text });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await one.delete(first.apiTokenId)).toBe("deleted");
    await expectHolds(two, second);
    expect(await two.delete(second.apiTokenId)).toBe("deleted");
    expect(await readKeys(path)).toEqual(others);
    expect(await readdir(root)).toEqual(["settings.json"]);
  });

  test("is put into a file and taken out without a change of anything else that is written there", async () => {
    const path = join(await temporaryFolder(), "settings.json");
    const secret = buildSecret();
    const member = `"token": "${secret.text}"`;
    const written: readonly (readonly [before: string, after: string])[] = [
      [`{"id":12345678901234567890,"one":1.0}`, `{"id":12345678901234567890,"one":1.0,"token":"${secret.text}"}`],
      [
        `\r\n{\r\n\t"a" : [1e2, {"}": "\\"{,"}],\r\n\t"b" : null\r\n}`,
        `\r\n{\r\n\t"a" : [1e2, {"}": "\\"{,"}],\r\n\t"b" : null,\r\n\t"token" : "${secret.text}"\r\n}`,
      ],
      [`{ "token\\u0021": true, "x": {"token": 1} }\n`, `{ "token\\u0021": true, "x": {"token": 1}, ${member} }\n`],
    ];
    const store = openFileSecretStore({ path, key: "token" });
    for (const [before, after] of written) {
      await writeFile(path, before);
      await put(store, secret);
      expect(await readFile(path, "utf8")).toBe(after);
      await expectHolds(store, secret);
      const next = buildSecret(secret.apiTokenId);
      await put(store, next);
      expect(await readFile(path, "utf8")).toBe(after.replace(secret.text, next.text));
      expect(await store.delete(secret.apiTokenId)).toBe("deleted");
      expect(await readFile(path, "utf8")).toBe(before);
    }
  });

  test("is replaced and taken out wherever it is written, also twice", async () => {
    const path = join(await temporaryFolder(), "settings.json");
    const secret = buildSecret();
    const store = openFileSecretStore({ path, key: "token" });
    const around: readonly (readonly [before: string, after: string, without: string])[] = [
      [`{"token":{"deep":[1]} , "b":2}`, `{"token":"S" , "b":2}`, `{ "b":2}`],
      [`{"a":1,\n "token":null,\n "b":2}`, `{"a":1,\n "token":"S",\n "b":2}`, `{"a":1,\n "b":2}`],
      [`{"token":"x","a":1,"\\u0074oken":"y"}`, `{"token":"S","a":1,"\\u0074oken":"S"}`, `{"a":1}`],
    ];
    for (const [before, after, without] of around) {
      await rm(path, { force: true });
      await put(store, secret);
      await writeFile(path, before); // somebody else has changed what is ours
      await put(store, secret);
      expect(await readFile(path, "utf8")).toBe(after.replaceAll("S", secret.text));
      await store.delete(secret.apiTokenId);
      expect(await readFile(path, "utf8")).toBe(without);
    }
  });

  test("of a file that is no JSON object in UTF-8 is refused, and the file stays", async () => {
    const root = await temporaryFolder();
    const path = join(root, "settings.json");
    for (const content of [
      "no json",
      "[]",
      '"text"',
      "",
      '{"a":1} {}',
      Buffer.from('{"name":"J\xfcrgen"}', "latin1"),
    ]) {
      await writeFile(path, content);
      const store = openFileSecretStore({ path, key: "token" });
      for (const act of [() => store.checkWritable(), () => put(store, buildSecret())])
        expect((await refusal(act)).code, String(content)).toBe("secret_store_occupied");
      expect(await readFile(path)).toEqual(Buffer.from(content));
    }
  });

  test("has a URI of its own that leads back to it", () => {
    const place = { path: "/run/a b#.json", key: "t #?%/ü" };
    expect(parseFileDestination(fileDestination(place))).toEqual(place);
    expect(fileDestination(place)).toBe("file:///run/a%20b%23.json#t%20%23%3F%25%2F%C3%BC");
  });
});
