/** Variables with which an official client of a store prints what it sends, secrets included. */
export const revealingVariables: readonly string[] = ["GOOGLE_SDK_NODE_LOGGING"];

/**
 * Takes those variables out of the environment of this process, before a client is loaded. Our own entry files do; a program that
 * uses the SDK decides itself.
 */
export function dropRevealingVariables(environment: Record<string, string | undefined>): void {
  for (const name of revealingVariables) delete environment[name];
}
