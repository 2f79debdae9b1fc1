/** The published suite's faults of a network, over a store behind a gateway: one that keeps its promises, and some that do not. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type SecretStore, SecretStoreError, type SecretStoreErrorCode } from "@orgtokens/sdk/secret-stores";
import {
  createFaultProxy,
  type FaultProxy,
  type StoreUnderTest,
  secretStoreCases,
} from "@orgtokens/sdk/secret-stores/conformance";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MapEntry, openMapStore } from "../../../examples/secret-stores/map-store.ts";

let gateway: Server;
let proxy: FaultProxy;

beforeAll(async () => {
  gateway = createServer((request, response) => request.resume().on("end", () => response.end("passed")));
  await once(gateway.listen(0, "127.0.0.1"), "listening");
  const at = gateway.address();
  proxy = createFaultProxy({ host: "127.0.0.1", port: typeof at === "object" && at !== null ? at.port : 0 });
});

afterAll(async () => {
  await proxy.close();
  gateway.closeAllConnections();
  gateway.close();
});

/** What a careless author does. */
type Flaw = "quotes answers" | "believes every answer" | "calls each failure final";

/** A store every call of which asks the gateway first. */
function behindGateway(store: SecretStore, port: number, flaw: Flaw | undefined): SecretStore {
  const fail = (code: SecretStoreErrorCode, message: string) =>
    new SecretStoreError(
      flaw === "calls each failure final" ? "secret_store_failed" : code,
      store.destination,
      message,
    );
  const pass = async (text: string, signal: AbortSignal | undefined): Promise<boolean> => {
    let answer: string;
    try {
      const request = { method: "POST", body: text, ...(signal === undefined ? {} : { signal }) };
      answer = await (await fetch(`http://127.0.0.1:${port}`, request)).text();
    } catch {
      signal?.throwIfAborted();
      throw fail("secret_store_unreachable", "The gateway does not answer.");
    }
    if (answer === "passed") return true;
    if (flaw === "believes every answer") return false;
    throw fail("secret_store_failed", flaw === "quotes answers" ? answer : "Something else answers.");
  };
  return {
    ...store,
    describe: (options) => pass("", options?.signal).then(() => store.describe(options)),
    read: (options) => pass("", options?.signal).then(() => store.read(options)),
    checkWritable: (options) => pass("", options?.signal).then(() => store.checkWritable(options)),
    delete: (id, options) => pass(id, options?.signal).then(() => store.delete(id, options)),
    async write(secret, owner, options) {
      if (await pass(secret, options?.signal)) return store.write(secret, owner, options);
      return { fingerprint: owner.fingerprint, version: undefined };
    },
  };
}

function underTest(flaw: Flaw | undefined): StoreUnderTest {
  const entries = new Map<string, MapEntry>();
  const open = (name: string) => openMapStore(entries, name);
  return {
    open,
    openDestination: (destination) => open(decodeURIComponent(destination.slice("map://entries/".length))),
    foreignWrite: async () => undefined,
    foreignDelete: async () => undefined,
    metadata: async () => "",
    cutShort: { none: "It is not about that." },
    lacking: { none: "It is not about that." },
    credentials: () => [],
    refusedNames: [],
    network: { proxy, open: (name, port) => behindGateway(open(name), port, flaw) },
  };
}

async function failuresOf(flaw: Flaw | undefined): Promise<readonly string[]> {
  const failures: string[] = [];
  const cases = secretStoreCases(() => underTest(flaw)).filter(({ subject }) => subject === "faults");
  for (const { name, run } of cases) await run({ skip: expect.fail }).catch(() => failures.push(name));
  return failures;
}

test("a store that keeps its promises behind a faulty network passes", async () => {
  expect(await failuresOf(undefined)).toEqual([]);
});

test.for([
  ["quotes answers", "believes nothing that something else answers"],
  ["believes every answer", "believes nothing that something else answers"],
  ["calls each failure final", "says that an answer broke off"],
] as const)("the suite finds a store that %s", async ([flaw, found]) => {
  const failures = await failuresOf(flaw);
  expect(
    failures.some((failure) => failure.startsWith(found)),
    failures.join("\n"),
  ).toBe(true);
});
