import type { SecretStore } from "../secret-store.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import type { TestSecret } from "./test-secret.ts";

/** What a call of a store does; a backend may have a right of its own for each. */
export type Verb = "describe" | "write" | "delete" | "read";

/** Says that a backend has no such thing, and why: the cases about it are skipped with the reason, never in silence. */
export type NotThere = { readonly none: string };

/** Opens a place as somebody who lacks a right. */
export type OpenLacking = (name: string) => SecretStore | Promise<SecretStore>;

/**
 * A kind of place, what somebody else can do to one, and what its backend is not able to do. `name` names a place that nothing
 * else uses. An inability is declared here, and the suite then asks for what is promised in its stead.
 */
export type StoreUnderTest = {
  readonly open: (name: string) => SecretStore;
  /** Opens the place that a destination names. */
  readonly openDestination: (destination: string) => SecretStore;
  /** Overwrites the secret without touching our metadata. */
  readonly foreignWrite: (name: string, text: string) => Promise<void>;
  /** Deletes the secret without touching our metadata. */
  readonly foreignDelete: (name: string) => Promise<void>;
  /** What the place of a destination holds, where the store gives nothing back but a test can see into it. */
  readonly peek?: (destination: string) => Promise<string | undefined>;
  /** What lies beside the secret, as text. */
  readonly metadata: (name: string) => Promise<string>;
  /** Ways a write is cut short by a crash, at least one. Each leaves the place as the crash does. */
  readonly cutShort: Readonly<Record<string, (name: string, secret: TestSecret) => Promise<void>>> | NotThere;
  /** What must never be seen. */
  readonly credentials: () => readonly string[];
  /** Names of places that must be refused. */
  readonly refusedNames: readonly string[];
  /** Whether the store can have any name, the default. One that has names of its own refuses hostile ones. */
  readonly names?: "any" | "restricted";
  /**
   * How the store overwrites: conditionally by default. Blindly: of two writers at once both may fail, or one may win without
   * knowing that the other has written since. Then metadata names neither secret.
   */
  readonly overwrites?: "conditionally" | "blindly";
  /** Opens a place as somebody who has every right but that for one verb. */
  readonly lacking: Readonly<Record<Verb, OpenLacking | NotThere>> | NotThere;
  /** How the store is reached through something that disturbs. */
  readonly network: FaultyNetwork | NotThere;
};

/** What disturbs, and a way through it. */
export type FaultyNetwork = {
  readonly proxy: FaultProxy;
  /** Opens a place whose backend seems to be at a port of the loopback address. */
  readonly open: (name: string, port: number) => SecretStore;
};

/** What a case needs of the test runner: the contexts that node:test and vitest give to a test have it. */
export type CaseContext = {
  /** Shows the case as skipped. It may throw, or not. */
  readonly skip: (reason: string) => void;
};

/** Guarantees by their names. Each throws when it does not hold. */
export type Guarantees = Readonly<Record<string, (it: StoreUnderTest, context: CaseContext) => Promise<void>>>;

/** Whether a member says that there is no such thing. */
export function isNotThere(member: object): member is NotThere {
  return "none" in member && typeof member.none === "string";
}
