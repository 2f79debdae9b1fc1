/** The store that is any program, with a real `pass` and a real key, called as the example says. */
import { fileURLToPath } from "node:url";
import { openCommandSecretStore, parseCommandDestination } from "@orgtokens/sdk/secret-stores";
import { afterAll, describe, vi } from "vitest";
import { describeSecretStore, put } from "../../conformance/secret-stores.ts";
import { createPasswordStore } from "../../support/password-store.ts";

// Each call encrypts or decrypts, in a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const programsFile = fileURLToPath(new URL("../../../examples/programs/programs.json", import.meta.url));
const pass = await createPasswordStore();

afterAll(() => pass?.close());

const open = (entry: string) =>
  openCommandSecretStore({ program: "pass", entry, programsFile, environment: pass?.environment ?? {} });

describe.skipIf(pass === undefined)("with pass", () => {
  describeSecretStore(
    "pass",
    () => ({
      open,
      openDestination: (destination) => open(parseCommandDestination(destination)?.entry ?? ""),
      foreignWrite: async (name, text) => pass?.insert(name, text),
      foreignDelete: async (name) => void (await pass?.run("rm", "--force", name)),
      metadata: async (name) => (await pass?.run("show", `${name}.orgtokens`)) ?? "",
      cutShort: {
        async "between metadata and secret"(name, secret) {
          const before = await open(name).read();
          await put(open(name), secret);
          if (before === undefined) await pass?.run("rm", "--force", name);
          else await pass?.insert(name, before);
        },
      },
      lacking: { none: "A program tells by an exit code that it may not, which tests of their own try." },
      network: { none: "What a program is connected with is its own." },
      credentials: () => [],
      refusedNames: ["", "a//b", "..", "-c"],
    }),
    ["rights", "faults"],
  );
});
