import type { Environment, SecretStoreKind } from "../secret-store-kind.ts";
import type { GitHubAccess } from "./github-access.ts";
import { openGitHubActionsSecretStore } from "./github-actions.ts";
import { type GitHubActionsPlace, gitHubActionsDestination, parseGitHubActionsDestination } from "./github-place.ts";

/** Secrets of GitHub Actions. */
export const githubActionsKind: SecretStoreKind<GitHubActionsPlace, GitHubAccess> = {
  destinationOf: gitHubActionsDestination,
  parseDestination: parseGitHubActionsDestination,
  readAccess: (settings, environment) => ({ access: readGitHubAccess(settings, environment) }),
  open: (place, access) => openGitHubActionsSecretStore({ ...access, ...place }),
};

/** What is set wins. In the environment an App goes before a token: nobody has its variables by chance. */
function readGitHubAccess(settings: GitHubAccess, environment: Environment): GitHubAccess {
  const apiUrl = (settings.apiUrl ?? environment["GITHUB_API_URL"]) || undefined;
  const address = apiUrl === undefined ? {} : { apiUrl };
  if (settings.token !== undefined || settings.app !== undefined) return { ...settings, ...address };
  const { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY: privateKey } = environment;
  if (appId && privateKey) {
    const installationId = environment["GITHUB_APP_INSTALLATION_ID"] ?? "";
    return { app: { appId, installationId, privateKey }, ...address };
  }
  const token = environment["GH_TOKEN"] || environment["GITHUB_TOKEN"];
  return token ? { token, ...address } : address;
}
