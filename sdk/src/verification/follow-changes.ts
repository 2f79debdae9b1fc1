import type { Client } from "../client.ts";
import { waitFor } from "../wait-for.ts";

/** How long the server holds a question back while nothing changes. */
const waitSeconds = 5;
/** How much longer than that an answer may take before nothing can be heard. */
const graceMs = 1500;
const firstPauseMs = 100;
const longestPauseMs = 5000;

/** What a follower is told. */
export interface ChangeListener {
  /** Changes from now on are told of. */
  hear(): void;
  /** These tokens may be worth less than they were. */
  forget(apiTokenIds: readonly string[]): void;
  /** More changed than can be named. */
  forgetAll(): void;
  /** Changes cannot be heard of any more. */
  deafen(): void;
}

/** What following needs, and whom failures are reported to. */
export type FollowOptions = {
  readonly client: Pick<Client, "listApiTokenChanges">;
  readonly listener: ChangeListener;
  readonly onError: (error: unknown) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
};

/**
 * Follows the changes of the organization's tokens by one long question after the other, until it is aborted. When the server is
 * not heard in time, the listener is deafened until it is heard again.
 */
export async function followChanges({ client, listener, onError, signal }: FollowOptions): Promise<void> {
  let pauseMs = firstPauseMs;
  let position: number | undefined;
  while (!signal.aborted) {
    try {
      position = await ask(client, position, listener, signal);
      pauseMs = firstPauseMs;
    } catch (error) {
      listener.deafen();
      position = undefined;
      if (signal.aborted) return;
      onError(error);
      await waitFor(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

/** Asks once. Answers the position to ask from next. */
async function ask(
  client: FollowOptions["client"],
  after: number | undefined,
  listener: ChangeListener,
  signal: AbortSignal,
): Promise<number> {
  const query = after === undefined ? {} : { after, waitSeconds };
  const call = { signal, maxAttempts: 1, deadlineMs: waitSeconds * 1000 + graceMs };
  const changes = await client.listApiTokenChanges(query, call);
  signal.throwIfAborted();
  if (!changes.isComplete) listener.forgetAll();
  else if (changes.apiTokenIds.length > 0) listener.forget(changes.apiTokenIds);
  if (after === undefined) listener.hear();
  return changes.position;
}
