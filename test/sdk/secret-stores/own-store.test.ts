/** A store that somebody else writes, with the SDK's public entry only: the example passes the suite that every store passes. */
import { type MapEntry, openMapStore } from "../../../examples/secret-stores/map-store.ts";
import { describeSecretStore, put } from "../../conformance/secret-stores.ts";

const entries = new Map<string, MapEntry>();
const open = (name: string) => openMapStore(entries, name);

/** Somebody else's write: a new version, without touching what lies beside the secret. */
function overwrite(name: string, secret: string | undefined): void {
  const before = entries.get(name);
  entries.set(name, { ...before, secret, version: (before?.version ?? 0) + 1 });
}

describeSecretStore("the example of one's own", () => ({
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
  credentials: () => [],
  refusedNames: [""],
}));
