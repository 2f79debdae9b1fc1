import { SecretStoreError } from "../secret-store-error.ts";

/** A secret of GitHub Actions: of a repository, of an environment of it, or of an organization. */
export type GitHubActionsPlace = {
  /** The user or the organization, such as `my-org`. */
  readonly owner: string;
  /** The repository. Without one, the secret is the organization's. */
  readonly repository?: string;
  /** The environment of the repository. It must exist. */
  readonly environment?: string;
  /** Name of the secret: letters, digits and `_`. GitHub keeps it in capitals. */
  readonly name: string;
  /**
   * Which repositories of the organization may use its secret. Not a part of the URI. Default: what the secret has, and `private`
   * for a new one.
   */
  readonly visibility?: GitHubVisibility;
  /** Ids of the repositories, with the visibility `selected`. Default: those the secret has. */
  readonly selectedRepositoryIds?: readonly number[];
};

/** Which repositories may use an organization's secret. */
export type GitHubVisibility = "all" | "private" | "selected";

/** The visibilities there are. */
export const gitHubVisibilities: readonly GitHubVisibility[] = ["all", "private", "selected"];

/**
 * URI of a place: `github-actions://my-org/my-repo/NAME`, `github-actions://my-org/my-repo/production/NAME` for an environment,
 * `github-actions://my-org/NAME` for an organization. GitHub does not tell capitals, so neither do URIs.
 */
export function gitHubActionsDestination({ owner, repository, environment, name }: GitHubActionsPlace): string {
  const scope = [owner, repository, environment].filter((part) => part !== undefined).map((part) => part.toLowerCase());
  const segments = [...scope, name.toUpperCase()].map((segment) => encodeURIComponent(segment.toWellFormed()));
  return `github-actions://${segments.join("/")}`;
}

/** The place a URI names; undefined when it names none. */
export function parseGitHubActionsDestination(destination: string): GitHubActionsPlace | undefined {
  const match = /^github-actions:\/\/([^/#?]+)(?:\/([^/#?]+))?(?:\/([^/#?]+))?\/(\w+)$/.exec(destination);
  try {
    const [owner, repository, environment, name] = (match ?? [])
      .slice(1)
      .map((part) => part && decodeURIComponent(part));
    if (!owner || !name) return undefined;
    return { owner, ...(repository ? { repository } : {}), ...(environment ? { environment } : {}), name };
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}

/** Names as GitHub takes them. @see https://docs.github.com/actions/reference/secrets-reference#naming-your-secrets */
export const gitHubNames = {
  owner: /^[a-z\d](?:[a-z\d_-]{0,98}[a-z\d_])?$/i,
  repository: /^(?!\.{1,2}$)[\w.-]{1,100}$/,
  environment: /^(?!\.{1,2}$)[^\p{Cc}'"`,;\\]{1,255}$/u,
  /** Fewer characters than GitHub takes, because the names of our variables are longer. */
  name: /^(?!\d)(?!GITHUB_)[A-Z\d_]{1,200}$/i,
} as const;

/** @throws SecretStoreError `secret_store_invalid_argument` for what GitHub cannot have. */
export function requireGitHubPlace(place: GitHubActionsPlace, destination: string): void {
  const refuse = (message: string): never => {
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  };
  const { owner, repository, environment, name, visibility, selectedRepositoryIds } = place;
  for (const [part, value] of Object.entries({ owner, repository, environment })) {
    const isPossible = value === undefined || (value.isWellFormed() && gitHubNames[partOf(part)].test(value));
    if (!isPossible) refuse(`The ${part} is none that GitHub can have.`);
  }
  if (!gitHubNames.name.test(name))
    refuse("A secret's name has 1 to 200 letters, digits and underscores, no digit first, and not GITHUB_ first.");
  if (environment !== undefined && repository === undefined) refuse("An environment needs its repository.");
  const isOfOrganization = repository === undefined;
  if (visibility !== undefined && (!isOfOrganization || !gitHubVisibilities.includes(visibility)))
    refuse("The visibility is all, private or selected, and only an organization's secret has one.");
  if (selectedRepositoryIds === undefined) return;
  if (visibility !== "selected") refuse("Selected repositories need the visibility selected.");
  if (!selectedRepositoryIds.every((id) => Number.isSafeInteger(id) && id > 0))
    refuse("The id of a repository is a whole number, such as 1296269.");
}

function partOf(part: string): "owner" | "repository" | "environment" {
  return part === "owner" || part === "repository" ? part : "environment";
}
