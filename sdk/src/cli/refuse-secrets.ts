import { obfuscateToken } from "../token-text.ts";
import { UsageError } from "./exit-code.ts";

/**
 * Makes sure that no argument holds the secret of a token, before the arguments are read and a message repeats them.
 * @throws UsageError
 */
export function refuseSecrets(words: readonly string[]): void {
  for (const [index, word] of words.entries()) {
    // Refused in words of its own.
    if (word.startsWith("--api-token=") || words[index - 1] === "--api-token") continue;
    const [secret] = (word.match(/[A-Za-z0-9_]+/g) ?? []).filter((text) => obfuscateToken(text) !== "****");
    if (secret === undefined) continue;
    throw new UsageError(
      `An argument holds the secret of a token, ${obfuscateToken(secret)}: other users of this machine see it, and the shell keeps it in its history. Rotate that token. A token is named by its id or label; your own goes into ORGTOKENS_API_TOKEN or a file (--api-token-file), one to verify into standard input.`,
    );
  }
}
