/** What every secret store guarantees, for whoever writes one: cases for any test runner, and what they are built of. */
export { fingerprintOf } from "../entry-metadata.ts";
export { expectHidden, expectHolds, heldBy, refusal } from "./expectations.ts";
export { createFaultProxy, type FaultProxy, type FaultyPort, type NetworkFault } from "./fault-proxy.ts";
export { type SecretStoreCase, secretStoreCases } from "./secret-store-cases.ts";
export type { CaseContext, FaultyNetwork, NotThere, OpenLacking, StoreUnderTest, Verb } from "./store-under-test.ts";
export { buildName, buildSecret, put, type TestSecret } from "./test-secret.ts";
