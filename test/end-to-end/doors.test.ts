/** Whatever the contract offers can be done by each door: the SDK, the command and, where it applies, Terraform. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as sdk from "@orgtokens/sdk";
import { expect, test, vi } from "vitest";
import { parse } from "yaml";
import { createProvider } from "../../provider/provider.ts";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { runOrgtokens } from "../support/orgtokens-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { doors } from "./doors.ts";

// The help of each group of commands is a process.
vi.setConfig({ testTimeout: 120_000 });

const contract = fileURLToPath(new URL("../../openapi.yaml", import.meta.url));

test("every operation of the contract is named for each door, or says why not; and no other is", async () => {
  const { paths } = parse(await readFile(contract, "utf8"));
  const operationIds = Object.values<object>(paths)
    .flatMap((path) => Object.values(path))
    .flatMap((operation) => (typeof operation?.operationId === "string" ? [operation.operationId] : []));
  expect(operationIds.length).toBeGreaterThan(30);
  expect(Object.keys(doors).toSorted()).toEqual(operationIds.toSorted());
});

test("every method of the SDK that is named exists, and every method of the client belongs to an operation", () => {
  const client = sdk.createClient({ endpoint: "https://tokens.example.com", apiToken: "none" });
  const named = Object.values(doors).flatMap(({ method }) => (typeof method === "string" ? [method] : []));
  const existing = [...Object.keys(client), ...Object.keys(sdk)];
  expect(named.filter((method) => !existing.includes(method))).toEqual([]);
  expect(Object.keys(client).filter((method) => !named.includes(method))).toEqual([]);
});

test("every command that is named exists, and every command belongs to an operation", async () => {
  const named = new Set(Object.values(doors).flatMap(({ command }) => (typeof command === "string" ? [command] : [])));
  const folder = await temporaryFolder();
  const commandsUnder = async (...group: readonly string[]) => {
    const { stdout } = await runOrgtokens(folder, inheritedEnvironment(), ...group, "--help");
    const [, words = ""] = /\nCommands:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
    return [...words.matchAll(/^ {2}orgtokens ([a-z -]*[a-z])/gm)].map(([, command = ""]) => command.trim());
  };
  const top = await commandsUnder();
  expect(top).toEqual(expect.arrayContaining(["tokens", "whoami"]));
  const groups = ["tokens", "members", "audit", "policy"];
  const found = [
    ...top.filter((command) => !groups.includes(command)),
    ...(await Promise.all(groups.map((group) => commandsUnder(group)))).flat(),
  ];
  expect([...named].filter((command) => !found.includes(command))).toEqual([]);
  // These serve the shell and the stores.
  const others = ["completion", "tokens deliver-check"];
  expect(found.filter((command) => !named.has(command) && !others.includes(command))).toEqual([]);
});

test("every type of the provider that is named exists", () => {
  const { resources, dataSources } = createProvider({});
  const existing = new Set([...resources.keys(), ...dataSources.keys()]);
  const named = Object.values(doors).flatMap(({ terraform }) => (typeof terraform === "string" ? [terraform] : []));
  expect(named.filter((type) => !existing.has(type))).toEqual([]);
});
