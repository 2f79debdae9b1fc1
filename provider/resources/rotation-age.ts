/** When a secret is as old as it may get. */
import type { PrivateState } from "../framework/index.ts";
import type { ApiTokenState } from "./api-token-schema.ts";
import { secondsOf } from "./duration.ts";

/** When a secret that is there since `since` is due, RFC 3339; null when it never is. */
export function rotationDueAt(since: string, rotateAfter: string | null): string | null {
  const seconds = secondsOf(rotateAfter);
  return seconds === undefined ? null : new Date(Date.parse(since) + 1000 * seconds).toISOString();
}

/** Whether a secret is due at `now`. */
export function isDue(dueAt: string | null, now: Date): boolean {
  return dueAt !== null && Date.parse(dueAt) <= now.getTime();
}

const name = "rotation_due";

/**
 * Notes, while a token is read, whether its secret is due. Terraform plans a second time when it applies, and refuses a plan that
 * asks for more than the first one did: so what decides is this note, and not the time of the planning.
 */
export function noteDue(privateState: PrivateState, { rotation_due_at }: ApiTokenState, now: Date): void {
  privateState.set(name, isDue(rotation_due_at, now) ? "yes" : undefined);
}

/** Whether the last reading found the secret due. */
export function wasDue(privateState: Pick<PrivateState, "get">): boolean {
  return privateState.get(name) !== undefined;
}

/** Forgets the note: the secret is a new one. */
export function forgetDue(privateState: PrivateState): void {
  privateState.set(name, undefined);
}
