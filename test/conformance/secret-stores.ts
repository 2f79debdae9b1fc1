/** The suite that the SDK publishes for secret stores, as tests of vitest. */
import { type SecretStoreCase, type StoreUnderTest, secretStoreCases } from "@orgtokens/sdk/secret-stores/conformance";
import { describe, expect, test } from "vitest";

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

/**
 * Declares the suite for one kind of store. `get` is called in each test.
 *
 * @param withoutCases what the store's description says it has nothing for: subjects, or how names of cases begin. Each such case has to
 *   give its reason; one that is missing here is a skipped test, which fails in CI, and one too many fails.
 */
export function describeSecretStore(
  kind: string,
  get: () => StoreUnderTest,
  withoutCases: readonly string[] = [],
): void {
  describe(`every secret store: ${kind}`, () => {
    for (const { subject, name, run } of secretStoreCases(get)) {
      const isLeftOut = withoutCases.some((part) => part === subject || name.startsWith(part));
      if (isLeftOut) test(`says why nothing can be tried of: ${name}`, () => expectReason(run), timeoutMs);
      else test(name, run, timeoutMs);
    }
  });
}

/** Expects that a case tries nothing and says why. */
async function expectReason(run: SecretStoreCase["run"]): Promise<void> {
  const reasons = new Set<string>();
  await run({ skip: (reason) => void reasons.add(reason) });
  expect([...reasons]).toEqual([expect.stringMatching(/^[A-Z].{15,}\.$/)]);
}
