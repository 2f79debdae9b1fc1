import type { OrganizationId } from "./ids.ts";

/** How far a chain has been checked: the last event that was intact. */
export type ChainPosition = { readonly sequence: number; readonly hash: string };

/**
 * What happened to a chain. `changed`: an event is not what it was. `removed`, `inserted`, `reordered`: events are missing,
 * too many, or in another order. `tail_cut`: the last events are missing.
 */
export type ChainFaultKind = "changed" | "removed" | "inserted" | "reordered" | "tail_cut";

/** Where a chain is broken first. `sequence` is the place, `eventId` the event that is there; null when none is. */
export type ChainFault = {
  readonly kind: ChainFaultKind;
  readonly sequence: number;
  readonly eventId: string | null;
  /** What is wrong, in a sentence. */
  readonly message: string;
};

/** What checking one page of a chain found. */
export type ChainPage =
  | { readonly state: "intact"; readonly position: ChainPosition; readonly isEnd: boolean; readonly length: number }
  | { readonly state: "broken"; readonly position: ChainPosition; readonly fault: ChainFault };

/** What checking a whole chain found. `head` is its last intact event: noted elsewhere, it proves later that none is gone. */
export type ChainReport = {
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly head: ChainPosition;
  readonly fault: ChainFault | null;
};
