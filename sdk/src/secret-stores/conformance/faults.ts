import { equal, ok, rejects } from "node:assert/strict";
import type { SecretStore } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { expectHidden, expectHolds, expectRefused, heldBy } from "./expectations.ts";
import type { NetworkFault } from "./fault-proxy.ts";
import { callsOf } from "./store-calls.ts";
import { type CaseContext, type Guarantees, isNotThere, type StoreUnderTest } from "./store-under-test.ts";
import { buildName, buildSecret, put } from "./test-secret.ts";

/** More answers than any write has, with what connecting takes. */
const maxAnswers = 30;

/** A network, or a server behind it, that does not do what it should. */
export const faults: Guarantees = {
  "waits for a server that is slow": async (it, context) => {
    await disturbed({ it, context }, { kind: "slow", delayMs: 100 }, async (store) => {
      const secret = buildSecret();
      await put(store, secret);
      await expectHolds(store, secret, it);
    });
  },

  "gets away from a server that never answers when the caller gives up, with the caller's reason": async (
    it,
    context,
  ) => {
    await disturbed({ it, context }, { kind: "silent" }, async (store) => {
      for (const call of Object.values(callsOf(store, buildSecret()))) {
        const reason = new Error("enough");
        const giving = new AbortController();
        const timer = setTimeout(() => giving.abort(reason), 50);
        await rejects(call({ signal: giving.signal }), (error) => error === reason);
        clearTimeout(timer);
      }
    });
  },

  "says that an answer broke off, which can be tried again, and changes nothing": async (it, context) => {
    await disturbed({ it, context }, { kind: "cut" }, async (store, undisturbed) => {
      const secret = buildSecret();
      await put(undisturbed, secret);
      for (const call of Object.values(callsOf(store, buildSecret(secret.apiTokenId))))
        equal((await expectRefused(call, "secret_store_unreachable")).retryable, true);
      await expectHolds(undisturbed, secret, it);
    });
  },

  "believes nothing that something else answers in the place of the backend, at any moment, and quotes nothing of it":
    async (it, context) => {
      for (const status of [200, 400] as const) {
        await whileItStrikes(
          { it, context },
          (answer) => ({ kind: "garbage", after: answer - 1, status }),
          (store, undisturbed) => expectUnbelieved(it, store, undisturbed),
        );
      }
    },

  "ends a write whose answer got lost with what was written or with drift, whichever answer, and the next write repairs":
    async (it, context) => {
      await whileItStrikes(
        { it, context },
        (answer) => ({ kind: "lost", answer }),
        async (store, undisturbed) => {
          const secret = buildSecret();
          const isWritten = await isDone(() => put(store, secret));
          if (isWritten) await expectHolds(undisturbed, secret, it);
          else await expectNoRiddle(it, undisturbed, secret.apiTokenId);
          const next = buildSecret(secret.apiTokenId);
          await put(undisturbed, next);
          await expectHolds(undisturbed, next, it);
        },
      );
    },

  "ends a deletion whose answer got lost with nothing left, when it is repeated": async (it, context) => {
    await whileItStrikes(
      { it, context },
      (answer) => ({ kind: "lost", answer }),
      async (store, undisturbed) => {
        const secret = buildSecret();
        await put(undisturbed, secret);
        await isDone(() => store.delete(secret.apiTokenId));
        ok(["deleted", "absent"].includes(await undisturbed.delete(secret.apiTokenId)));
        equal(await undisturbed.describe(), undefined);
      },
    );
  },
};

/** A store, and who hears when it has no network. */
type Case = { readonly it: StoreUnderTest; readonly context: CaseContext };

type Disturbed = (store: SecretStore, undisturbed: SecretStore) => Promise<void>;

/** Gives whether the fault has met the store. */
async function disturbed({ it, context }: Case, fault: NetworkFault, run: Disturbed): Promise<boolean> {
  if (isNotThere(it.network)) {
    context.skip(it.network.none);
    return false;
  }
  const name = buildName();
  const { port, hasStruck } = await it.network.proxy.listen(fault);
  const store = it.network.open(name, port);
  try {
    await run(store, it.open(name));
    return hasStruck();
  } finally {
    await store.close();
  }
}

/** Disturbs the first answer, the second and so on, until there is none that could be disturbed. */
async function whileItStrikes(one: Case, faultOf: (answer: number) => NetworkFault, run: Disturbed) {
  for (let answer = 1; answer <= maxAnswers; answer += 1) {
    if (!(await disturbed(one, faultOf(answer), run))) return;
  }
}

/** Whether a call was done; when not, it was told by an error that can be tried again. */
async function isDone(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error;
    ok(error.retryable, `${error.code} is not retryable: ${error.message}`);
    return false;
  }
}

/** What is there names the token or is nothing, and names no secret but the one that is there. */
async function expectNoRiddle(it: StoreUnderTest, store: SecretStore, apiTokenId: string): Promise<void> {
  const entry = await store.describe();
  if (entry === undefined) return;
  equal(entry.apiTokenId, apiTokenId);
  if (entry.fingerprint !== undefined) ok((await heldBy(store, it)) !== undefined);
}

async function expectUnbelieved(it: StoreUnderTest, store: SecretStore, undisturbed: SecretStore): Promise<void> {
  const secret = buildSecret();
  try {
    await put(store, secret);
    // The write needed fewer answers than came good.
    await expectHolds(undisturbed, secret, it);
  } catch (error) {
    ok(error instanceof SecretStoreError, String(error));
    expectHidden([error], [secret.text, ...it.credentials()]);
    await expectNoRiddle(it, undisturbed, secret.apiTokenId);
  }
}
