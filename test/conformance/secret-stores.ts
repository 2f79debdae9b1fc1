/** The suite that the SDK publishes for secret stores, as tests of vitest. */
import { type StoreUnderTest, secretStoreCases } from "@orgtokens/sdk/secret-stores/conformance";
import { describe, test } from "vitest";

export {
  buildName,
  buildSecret,
  expectHolds,
  fingerprintOf,
  heldBy,
  put,
  refusal,
  type StoreUnderTest,
  type TestSecret,
} from "@orgtokens/sdk/secret-stores/conformance";

/** How long a case may take on a machine that has other things to do, in milliseconds. */
const timeoutMs = 60_000;

/** Declares the suite for one kind of store. `get` is called in each test. */
export function describeSecretStore(kind: string, get: () => StoreUnderTest): void {
  describe(`every secret store: ${kind}`, () => {
    for (const { name, run } of secretStoreCases(get)) test(name, run, timeoutMs);
  });
}
