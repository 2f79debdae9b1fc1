import { createPrivateKey } from "node:crypto";
import { SecretStoreError } from "../secret-store-error.ts";

/**
 * How GitHub is reached, and as whom: `token`, or `app`. With neither, the command `gh auth token` is asked, which knows who is
 * logged in.
 */
export type GitHubAccess = {
  /** A fine-grained or classic personal access token, or any other token of GitHub. */
  readonly token?: string;
  readonly app?: GitHubApp;
  /** Address of the API, such as `https://ghe.example.com/api/v3`. Default: `https://api.github.com`. */
  readonly apiUrl?: string;
};

/** A GitHub App where it is installed. Its installation tokens live for an hour, and are renewed. */
export type GitHubApp = {
  /** The App's id or client id. */
  readonly appId: string;
  readonly installationId: string;
  /** The App's private key, as PEM. */
  readonly privateKey: string;
};

/** GitHub's own address. */
export const gitHubApiUrl = "https://api.github.com";

/** @throws SecretStoreError `secret_store_invalid_argument` for what cannot be used; it quotes no token and no key. */
export function requireGitHubAccess({ token, app, apiUrl }: GitHubAccess, destination: string): void {
  const refuse = (message: string): never => {
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  };
  if (token !== undefined && app !== undefined) refuse("Give a token of GitHub or an App, not both.");
  if (token !== undefined && !/^[!-~]{1,4096}$/.test(token))
    refuse("The token of GitHub must be printable characters without spaces.");
  if (apiUrl !== undefined && !isUsableUrl(apiUrl))
    refuse("The address of GitHub's API must be an https URL without credentials, query and fragment.");
  if (app === undefined) return;
  if (!/^[\w.-]{1,100}$/.test(app.appId) || !/^\d{1,20}$/.test(app.installationId))
    refuse("The ids of the App and of its installation are missing or have another form.");
  if (!isPrivateKey(app.privateKey)) refuse("The private key of the App must be the text of its PEM file.");
}

/** Loopback is the one place where nobody can listen in on plain http. */
function isUsableUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false; // the error can quote the key
  }
}
