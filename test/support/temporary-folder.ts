import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * A folder of its own for the test that asks, removed when it has finished.
 * @param whenFinished a concurrent test must pass the `onTestFinished` of its own context.
 */
export async function temporaryFolder(
  whenFinished: (clean: () => Promise<void>) => void = onTestFinished,
): Promise<string> {
  const folder = await makeFolder();
  // A process that is ending may still write a file into it.
  whenFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return folder;
}

/** A folder that the caller removes. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "orgtokens-test-"));
}
