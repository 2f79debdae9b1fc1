import type { GitHubActionsPlace } from "./github-place.ts";

/** What differs between the secrets of repositories, environments and organizations: paths, and the rights they need. */
export type GitHubLevel = {
  /** Path of the level, as GitHub's description writes it; `parameters` fill it. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The level in words, such as `the repository my-org/my-repo`. */
  readonly what: string;
  readonly secrets: GitHubPermission;
  readonly variables: GitHubPermission;
};

/** A permission by the name that an app's installation has it under, and by the one that people see. */
export type GitHubPermission = { readonly key: string; readonly title: string };

/** The level that a place lies in. */
export function gitHubLevelOf({ owner, repository, environment }: GitHubActionsPlace): GitHubLevel {
  if (repository === undefined) {
    return {
      path: "/orgs/{org}/actions",
      parameters: { org: owner },
      what: `the organization ${owner}`,
      secrets: { key: "organization_secrets", title: "organization permission Secrets" },
      variables: { key: "organization_actions_variables", title: "organization permission Variables" },
    };
  }
  const full = `${owner}/${repository}`;
  if (environment === undefined) {
    return {
      path: "/repos/{owner}/{repo}/actions",
      parameters: { owner, repo: repository },
      what: `the repository ${full}`,
      secrets: { key: "secrets", title: "repository permission Secrets" },
      variables: { key: "actions_variables", title: "repository permission Variables" },
    };
  }
  const environments = { key: "environments", title: "repository permission Environments" };
  return {
    path: "/repos/{owner}/{repo}/environments/{environment_name}",
    parameters: { owner, repo: repository, environment_name: environment },
    what: `the environment ${environment} of the repository ${full}`,
    secrets: environments,
    variables: environments,
  };
}
