import type { GitHubAccess, GitHubActionsPlace, GitHubVisibility } from "@orgtokens/sdk/secret-stores";
import { alsoRequires, attribute, conflicting, lengthBetween, pattern } from "../framework/index.ts";
import { type Members, memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { isUrl } from "./texts.ts";

/** Where a secret of GitHub Actions is, and who may use it. */
export const githubActionsAttributes = {
  owner: attribute.string({
    required: true,
    description: "The user or the organization, such as `my-org`.",
    validators: [pattern(/^[a-z\d](?:[a-z\d_-]{0,98}[a-z\d_])?$/i, "be the name of a user or an organization")],
  }),
  repository: attribute.string({
    optional: true,
    description: "The repository, without its owner. Left out, the secret is the organization's.",
    validators: [pattern(/^(?!\.{1,2}$)[\w.-]{1,100}$/, "be the name of a repository, without its owner")],
  }),
  environment: attribute.string({
    optional: true,
    description: "The environment of the repository, which must exist. Left out, the secret is the repository's.",
    validators: [pattern(/^(?!\.{1,2}$)[^\p{Cc}'"`,;\\]{1,255}$/u, "be the name of an environment")],
  }),
  name: attribute.string({
    required: true,
    description:
      "Name of the secret: 1 to 200 letters, digits and underscores, no digit and not `GITHUB_` first. GitHub keeps it in capitals. A variable `NAME_ORGTOKENS` beside it holds its metadata.",
    validators: [
      pattern(
        /^(?!\d)(?!GITHUB_)[A-Z\d_]{1,200}$/i,
        "have 1 to 200 letters, digits and underscores, no digit first, and not GITHUB_ first",
      ),
    ],
  }),
  visibility: attribute.string({
    optional: true,
    description:
      "Which repositories may use an organization's secret: `all`, `private` or `selected`. Changing it rotates the token in place. Default: what the secret has, and `private` for a new one.",
    validators: [pattern(/^(all|private|selected)$/, "be all, private or selected")],
  }),
  selected_repository_ids: attribute.string({
    optional: true,
    description:
      "Ids of the repositories, with commas between, for the visibility `selected`. Changing them rotates the token in place. Default: those that the secret has.",
    validators: [pattern(/^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/, "be ids of repositories with commas between")],
  }),
};

/** A secret of GitHub Actions. */
export const githubActionsPlace = attribute.single({
  optional: true,
  description:
    "A secret of GitHub Actions: of an organization, of a repository, or of an environment. GitHub gives no secret back, so it cannot be read again. Credentials come from `secret_stores.github` of the provider.",
  attributes: githubActionsAttributes,
  validators: [
    alsoRequires("environment", "repository"),
    alsoRequires("selected_repository_ids", "visibility"),
    conflicting("repository", "visibility"),
  ],
});

/** How GitHub is reached. */
export const githubAccess = attribute.single({
  optional: true,
  description:
    "GitHub: `token`, or an App by `app_id`, `app_installation_id` and `app_private_key`. With neither, the environment, and then `gh auth token`.",
  validators: [
    conflicting("token", "app_id"),
    alsoRequires("app_id", "app_installation_id", "app_private_key"),
    alsoRequires("app_installation_id", "app_id"),
    alsoRequires("app_private_key", "app_id"),
  ],
  attributes: {
    token: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "A fine-grained personal access token, or another token of GitHub. Or `GH_TOKEN`, or `GITHUB_TOKEN`.",
      validators: [lengthBetween(1, 4096)],
    }),
    app_id: attribute.string({
      optional: true,
      description: "Id or client id of a GitHub App. Or `GITHUB_APP_ID`.",
      validators: [pattern(/^[\w.-]{1,100}$/, "be the id of an App")],
    }),
    app_installation_id: attribute.string({
      optional: true,
      description: "Id of the App's installation. Or `GITHUB_APP_INSTALLATION_ID`.",
      validators: [pattern(/^\d{1,20}$/, "be the id of an installation")],
    }),
    app_private_key: attribute.string({
      optional: true,
      sensitive: true,
      description: "Text of the PEM file with the App's private key. Or `GITHUB_APP_PRIVATE_KEY`.",
      validators: [pattern(/-----BEGIN (RSA )?PRIVATE KEY-----/, "be PEM")],
    }),
    api_url: attribute.string({
      optional: true,
      description:
        "Address of the API of GitHub Enterprise, such as `https://ghe.example.com/api/v3`. Or `GITHUB_API_URL`. Default: GitHub's own.",
      validators: [isUrl],
    }),
  },
});

export const githubActionsKind: StoreKind = {
  accessName: "github",
  placeAttributes: githubActionsAttributes,
  rewrittenMembers: ["visibility", "selected_repository_ids"],
  toPlace: (members) => ({ githubActions: toPlace(members) }),
  toMembers: (place) => ("githubActions" in place ? githubActionsMembers(place.githubActions) : undefined),
  toAccess: (configured) => ({ githubActions: toGitHubAccess(configured) }),
};

/** The members of a place. */
export function githubActionsMembers({ owner, name, repository, environment, ...use }: GitHubActionsPlace) {
  return {
    owner,
    repository: repository ?? null,
    environment: environment ?? null,
    name,
    visibility: use.visibility ?? null,
    selected_repository_ids: use.selectedRepositoryIds?.join(",") ?? null,
  };
}

function toPlace(members: Members): GitHubActionsPlace {
  const { repository, environment, visibility, selected_repository_ids: ids } = members;
  return {
    owner: memberOf(members, "owner"),
    name: memberOf(members, "name"),
    ...(repository ? { repository } : {}),
    ...(environment ? { environment } : {}),
    ...(isVisibility(visibility) ? { visibility } : {}),
    ...(ids ? { selectedRepositoryIds: ids.split(",").map(Number) } : {}),
  };
}

function isVisibility(text: string | null | undefined): text is GitHubVisibility {
  return text === "all" || text === "private" || text === "selected";
}

function toGitHubAccess(configured: Members): GitHubAccess {
  const { app_id: appId, app_installation_id: installationId, app_private_key: privateKey } = configured;
  const isApp = appId && installationId && privateKey;
  return {
    ...textsOf(configured, { token: "token", apiUrl: "api_url" }),
    ...(isApp ? { app: { appId, installationId, privateKey } } : {}),
  };
}
