import type { ApiToken, Client } from "../client.ts";
import { iterateApiTokens } from "../iterate-api-tokens.ts";
import { UsageError } from "./exit-code.ts";

/**
 * The token that an argument names: by its id, or by a label that one live token has.
 * @throws UsageError when none or several have the label; ApiError, ConnectionError
 */
export async function findToken(client: Client, named: string, signal: AbortSignal): Promise<ApiToken> {
  if (/^[0-9a-f]{24}$/.test(named)) return client.getApiToken(named, { signal });
  const found: ApiToken[] = [];
  for await (const token of iterateApiTokens(client, { label: named }, { signal })) {
    if (token.label === named) found.push(token);
  }
  const [token, ...others] = found;
  if (token === undefined) throw new UsageError(`No live token has the label ${JSON.stringify(named)}.`);
  if (others.length === 0) return token;
  const ids = found.map(({ id, created, createdBy }) => `  ${id}  generated ${created} by ${createdBy}`).join("\n");
  throw new UsageError(
    `${found.length} live tokens have the label ${JSON.stringify(named)}. Name one by its id:\n${ids}`,
  );
}
