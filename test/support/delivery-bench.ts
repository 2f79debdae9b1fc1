import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiToken, Client } from "@orgtokens/sdk";
import { openFileSecretStore, type SecretStore } from "@orgtokens/sdk/secret-stores";
import { expect } from "vitest";
import { createTestApp, type TestApp } from "./app.ts";
import { createAppClient } from "./app-client.ts";
import { authenticate } from "./builders.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** What a delivery needs: the application in process, a client, and a place in a folder of its own. */
export type DeliveryBench = {
  readonly app: TestApp;
  readonly client: Client;
  readonly store: SecretStore;
  readonly folder: string;
  /** Another place in the folder. */
  openAt(name: string): SecretStore;
  /** Somebody else overwrites the secret in the place. */
  overwrite(): Promise<void>;
  /** Whether the secret in a place authenticates: "accepted", the problem code, or "nothing there". */
  stored(place?: SecretStore): Promise<string>;
  /** Every token but the first Admin token, dead ones too. */
  tokens(): Promise<readonly ApiToken[]>;
};

export async function createDeliveryBench(): Promise<DeliveryBench> {
  const app = await createTestApp();
  const folder = await temporaryFolder();
  const openAt = (name: string) => openFileSecretStore({ path: join(folder, name) });
  const store = openAt("secret");
  return {
    app,
    client: createAppClient(app),
    store,
    folder,
    openAt,
    overwrite: () => writeFile(join(folder, "secret"), "hunter2"),
    async stored(place = store) {
      const secret = await place.read();
      return secret === undefined ? "nothing there" : authenticate(app, secret);
    },
    async tokens() {
      const { tokens } = await app.call("listApiTokens", { query: { status: "all", limit: 100 } });
      return tokens.filter(({ label }) => label !== "First Admin token");
    },
  };
}

/** Something that runs once, before or after a call of a store. */
export type Interruption = () => Promise<unknown>;

/** A store that is interrupted around its next write: by another delivery, or by a failure that `interrupt` throws. */
export function interrupted(store: SecretStore, when: "before" | "after", interrupt: Interruption): SecretStore {
  let pending: Interruption | undefined = interrupt;
  const run = async () => {
    const act = pending;
    pending = undefined;
    await act?.();
  };
  return {
    ...store,
    async write(...write) {
      if (when === "before") await run();
      const receipt = await store.write(...write);
      if (when === "after") await run();
      return receipt;
    },
  };
}

/** A store one method of which always fails, without doing anything. */
export function failing(store: SecretStore, method: "checkWritable" | "describe" | "write", error: Error): SecretStore {
  return { ...store, [method]: () => Promise.reject(error) };
}

/** What a promise is rejected with. */
export async function rejection(act: Promise<unknown>): Promise<unknown> {
  let outcome: { readonly error: unknown } | undefined;
  await act.catch((error: unknown) => {
    outcome = { error };
  });
  expect(outcome, "it succeeded").toBeDefined();
  return outcome?.error;
}
