import { ApiError, type ApiToken } from "@orgtokens/sdk";
import type { OrgtokensClient } from "./orgtokens-client.ts";

/** The token with an id; undefined when the server says that there is none. Any other failure to find out throws. */
export async function findApiToken(
  { api }: OrgtokensClient,
  id: string,
  signal: AbortSignal,
): Promise<ApiToken | undefined> {
  try {
    return await api.getApiToken(id, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that there is no such token. Only this is absence: a 401, 403, 503 or somebody else's 404 is not. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === "api_token_not_found";
}
