import { ApiError, type Client } from "@orgtokens/sdk";
import { type DetectedServer, detectServer, type ServerKind } from "@orgtokens/sdk/base-client";
import { AttributeError, attributePath, rootPath } from "../framework/index.ts";
import { explainError } from "../resources/explain-error.ts";
import type { ServerClock } from "./server-clock.ts";

/**
 * Asks the server who we are, so that a wrong address, a refused token and a clock that is far off are found before anything is
 * planned.
 *
 * @returns what the server offers, and whose tokens we administer. One of the base operations alone cannot say who we are; that it
 *   listed tokens for us has to do.
 * @throws AttributeError at the attribute to correct.
 */
export async function checkCaller(
  api: DetectingClient,
  clock: Pick<ServerClock, "difference">,
  signal: AbortSignal,
): Promise<Caller> {
  const detected = await detect(api, signal);
  requireSameTime(clock);
  if (detected.kind === "base") return { server: "base", organizationId: undefined };
  const { role, accountId } = parseCaller(detected.me);
  if (role === "admin") return { server: "full", organizationId: accountId };
  if (role !== undefined) {
    throw new AttributeError(
      attributePath("api_token"),
      "The API token may not administer tokens",
      'It is a Developer token. Set "api_token" (or ORGTOKENS_API_TOKEN) to an Admin token of the organization.',
    );
  }
  throw new AttributeError(
    attributePath("endpoint"),
    "Something else than an orgtokens server answered",
    'The answer says nothing about an API token. Check "endpoint" (or ORGTOKENS_ENDPOINT), and proxies before it.',
  );
}

/** What the provider's token may reach. */
export type Caller = { readonly server: ServerKind; readonly organizationId: string | undefined };

type DetectingClient = Pick<Client, "getMe" | "listApiTokens">;

async function detect(api: DetectingClient, signal: AbortSignal): Promise<DetectedServer> {
  try {
    return await detectServer(api, { signal });
  } catch (error) {
    const explained = explainError(error);
    if (explained === undefined) throw error;
    const isToken = error instanceof ApiError && error.status === 401 && error.code !== "unexpected_response";
    const advice = isToken
      ? ' Set "api_token" (or ORGTOKENS_API_TOKEN) to a live Admin token.'
      : error instanceof ApiError
        ? ' Check "endpoint" (or ORGTOKENS_ENDPOINT).'
        : "";
    throw new AttributeError(
      attributePath(isToken ? "api_token" : "endpoint"),
      explained.summary,
      explained.detail + advice,
      { cause: error },
    );
  }
}

/** Role and organization of the token that called; each undefined when what answered told none: it is another server. */
function parseCaller(me: unknown): { readonly role?: string; readonly accountId?: string } {
  if (typeof me !== "object" || me === null || !("apiToken" in me)) return {};
  const { apiToken } = me;
  if (typeof apiToken !== "object" || apiToken === null) return {};
  return {
    ...("role" in apiToken && typeof apiToken.role === "string" && { role: apiToken.role }),
    ...("accountId" in apiToken && typeof apiToken.accountId === "string" && { accountId: apiToken.accountId }),
  };
}

/** Expiries and rotations that are due are told by the time. */
function requireSameTime(clock: Pick<ServerClock, "difference">): void {
  const difference = clock.difference();
  if (difference === undefined) return;
  const [ours, servers] = [difference.ours.toISOString(), difference.servers.toISOString()];
  throw new AttributeError(
    rootPath,
    "The clocks are too far apart",
    `This machine says it is ${ours}, the orgtokens server says ${servers}. Expiries and rotations would be wrong. Set the clock that is off; up to 15 minutes are corrected.`,
  );
}
