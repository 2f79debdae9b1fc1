import { readFile } from "node:fs/promises";
import { ConfigError } from "./config.ts";
import { type GithubKeys, parseGithubKeys } from "./domain/github-signature.ts";

/**
 * Reads the public keys of GitHub's secret scanning; undefined when no file is named.
 * @throws ConfigError when the file cannot be read or holds no public keys.
 */
export async function readGithubKeys(path: string | undefined): Promise<GithubKeys | undefined> {
  if (path === undefined) return undefined;
  try {
    return parseGithubKeys(await readFile(path, "utf8"));
  } catch (error) {
    const flag = "--github-secret-scanning-keys (or ORGTOKENS_GITHUB_SECRET_SCANNING_KEYS)";
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${flag} must name a file with GitHub's public keys; ${path}: ${reason}.`);
  }
}
