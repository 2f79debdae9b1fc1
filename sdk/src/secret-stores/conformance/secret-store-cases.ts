import { argumentsGiven } from "./arguments.ts";
import { concurrency } from "./concurrency.ts";
import { drift } from "./drift.ts";
import { entries } from "./entries.ts";
import { faults } from "./faults.ts";
import { handles } from "./handles.ts";
import { labels } from "./labels.ts";
import { owners } from "./owners.ts";
import { rights } from "./rights.ts";
import { secrecy } from "./secrecy.ts";
import type { CaseContext, Guarantees, StoreUnderTest } from "./store-under-test.ts";

/** One guarantee, ready for any test runner. */
export type SecretStoreCase = {
  /** What it is about, such as `drift`. */
  readonly subject: string;
  /** The guarantee, one sentence about the store. */
  readonly name: string;
  /**
   * Tries it, or tells the test runner why it does not apply.
   * @throws AssertionError when the store does not hold to it, or what the store or `skip` threw.
   */
  readonly run: (context: CaseContext) => Promise<void>;
};

const subjects: Readonly<Record<string, Guarantees>> = {
  entries,
  labels,
  owners,
  drift,
  arguments: argumentsGiven,
  handles,
  concurrency,
  rights,
  faults,
  secrecy,
};

/**
 * What every secret store guarantees, whatever keeps its secrets, as cases for the test runner of your choice. Cases do not depend on
 * each other and each uses places of its own; one may take some seconds, those with many writers some more.
 *
 * @param get gives the kind of store, when a case runs.
 */
export function secretStoreCases(get: () => StoreUnderTest | Promise<StoreUnderTest>): readonly SecretStoreCase[] {
  return Object.entries(subjects).flatMap(([subject, guarantees]) =>
    Object.entries(guarantees).map(([name, hold]) => ({
      subject,
      name,
      run: async (context) => hold(await get(), context),
    })),
  );
}
