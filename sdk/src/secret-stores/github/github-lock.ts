import { randomBytes } from "node:crypto";
import { SecretStoreError } from "../secret-store-error.ts";
import type { GitHubVariable } from "./github-variable.ts";

/** After this time a lock counts as left behind, in milliseconds: longer than any call takes. */
const staleMs = 30_000;
/** How long giving it back may take, in milliseconds. */
const releaseMs = 3000;

/** What the holder of a lock says about its own work. */
export type GitHubWork = {
  /** From now on nobody knows whether GitHub will still do what it was asked to do. */
  doubt(): void;
  /** It is known again. */
  settle(): void;
};

/**
 * Lets one writer of a place work at a time. GitHub writes secrets and variables without any condition, but of two that create a
 * variable one is refused; so the variable is the lock. A writer that is cut short leaves it behind: it keeps others away until
 * whatever was on its way to GitHub has arrived there, and is then taken over.
 *
 * @throws SecretStoreError `secret_store_conflict` while somebody else has it.
 */
export async function withGitHubLock<T>(
  variable: GitHubVariable,
  destination: string,
  signal: AbortSignal,
  run: (work: GitHubWork) => Promise<T>,
): Promise<T> {
  const claim = randomBytes(12).toString("hex");
  if (!(await variable.create(claim, signal))) await takeOver(variable, claim, destination, signal);
  let isInDoubt = false;
  const setDoubt = (next: boolean) => () => {
    isInDoubt = next;
  };
  try {
    return await run({ doubt: setDoubt(true), settle: setDoubt(false) });
  } finally {
    // What cannot be given back is taken over later.
    if (!isInDoubt) await variable.delete(AbortSignal.timeout(releaseMs)).catch(() => {});
  }
}

async function takeOver(variable: GitHubVariable, claim: string, destination: string, signal: AbortSignal) {
  const held = await variable.find(signal);
  if (held === undefined || held.ageMs < staleMs) throw busy(destination);
  await variable.update(claim, signal);
  if ((await variable.find(signal))?.value !== claim) throw busy(destination);
}

function busy(destination: string): SecretStoreError {
  const message = `Somebody else is writing ${destination}, or was cut short less than ${staleMs / 1000} s ago. Repeat the delivery after that.`;
  return new SecretStoreError("secret_store_conflict", destination, message);
}
