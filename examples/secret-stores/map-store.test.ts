// The suite that every secret store passes, over the store of this folder, in Node's own test runner: `node --test map-store.test.ts`.
import { test } from "node:test";
import { put, type StoreUnderTest, secretStoreCases } from "@orgtokens/sdk/secret-stores/conformance";
import { type MapEntry, openMapStore } from "./map-store.ts";

const entries = new Map<string, MapEntry>();
const open = (name: string) => openMapStore(entries, name);

/** Somebody else's write: a new version, without touching what lies beside the secret. */
function overwrite(name: string, secret: string | undefined): void {
  const before = entries.get(name);
  entries.set(name, { ...before, secret, version: (before?.version ?? 0) + 1 });
}

const mapStore: StoreUnderTest = {
  open,
  openDestination: (destination) => open(decodeURIComponent(destination.slice("map://entries/".length))),
  foreignWrite: async (name, text) => overwrite(name, text),
  foreignDelete: async (name) => overwrite(name, undefined),
  metadata: async (name) => JSON.stringify({ ...entries.get(name), secret: undefined }),
  cutShort: {
    async "between metadata and secret"(name, secret) {
      const before = entries.get(name)?.secret;
      await put(open(name), secret);
      overwrite(name, before);
    },
  },
  // Your backend has all three: its credentials must not be seen, and the suite tries its rights and its network.
  credentials: () => [],
  lacking: { none: "A map has no rights." },
  network: { none: "A map is in this process." },
  refusedNames: [""],
};

for (const { subject, name, run } of secretStoreCases(() => mapStore)) test(`${subject}: ${name}`, run);
