import type { ApiTokenSummary, InactiveReason } from "../client.ts";
import type { VerifiedApiToken, Verifier } from "./verifier.ts";

/** Who may pass. */
export type AccessRule = {
  /** The role a token must have: `developer` (default) lets admins pass too. */
  readonly role?: ApiTokenSummary["role"];
  /** Names the service in the challenge of RFC 6750. Default `api`. */
  readonly realm?: string;
  /**
   * What becomes of a request while the server cannot tell whether its token is live. `refuse` (default) answers 503. `accept` lets
   * every well-formed token pass unverified, revoked ones too, where no role is required but `developer`. It counts while the server is
   * out of order or out of reach, and not when it refuses the service, whose own token is dead, say.
   */
  readonly whenUnavailable?: "refuse" | "accept";
};

/** What a request says of itself. Header fields as they came. */
export type AccessRequest = {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Where it comes from, for tokens with allowed networks. */
  readonly ip?: string | undefined;
};

/** A refusal, ready to be answered. */
export type Refusal = {
  readonly status: 400 | 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** A problem as RFC 9457 has it, with the codes of the token server. */
  readonly problem: {
    readonly type: "about:blank";
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly detail: string;
  };
};

/** Whether a request may pass. `apiToken` is undefined only where an unverified one was let pass. */
export type Access =
  | { readonly granted: true; readonly apiToken: VerifiedApiToken | undefined }
  | ({ readonly granted: false } & Refusal);

/**
 * Decides whether a request may pass: takes its token from `Authorization: Bearer` or `X-API-KEY`, verifies it and holds its role
 * against the rule.
 *
 * @see RFC 6750 for the challenges
 */
export async function checkAccess(
  verifier: Pick<Verifier, "verify">,
  request: AccessRequest,
  rule: AccessRule = {},
): Promise<Access> {
  const { role = "developer", realm = "api", whenUnavailable = "refuse" } = rule;
  const presented = readToken(request);
  if (presented === "ambiguous") {
    const detail = "Send the token once: as Authorization: Bearer <token>, or as X-API-KEY: <token>.";
    return refuse(
      400,
      "credentials_ambiguous",
      "The request carries two tokens",
      detail,
      challenge(realm, "invalid_request"),
    );
  }
  if (presented === undefined) {
    const detail = "Send an API token of the organization as Authorization: Bearer <token>, or as X-API-KEY: <token>.";
    return refuse(401, "authentication_missing", "The request carries no token", detail, challenge(realm));
  }
  const { ip } = request;
  const verdict = await verifier.verify({ token: presented, ...(ip === undefined ? {} : { ip }) });
  if (verdict.outcome === "unavailable") {
    if (verdict.isOutage && whenUnavailable === "accept" && role === "developer")
      return { granted: true, apiToken: undefined };
    const title = "The token could not be verified";
    return refuse(503, "service_unavailable", title, "Try again shortly.", { "Retry-After": "1" });
  }
  if (verdict.outcome === "inactive") {
    const { title, detail } = explanations[verdict.reason];
    const headers = challenge(realm, "invalid_token", title);
    return refuse(401, `authentication_${verdict.reason}`, title, detail, headers);
  }
  if (role === "admin" && verdict.apiToken.role !== "admin") {
    const detail = "Use an Admin token of the organization.";
    const headers = challenge(realm, "insufficient_scope", undefined, "admin");
    return refuse(403, "role_insufficient", "The role does not allow this", detail, headers);
  }
  return { granted: true, apiToken: verdict.apiToken };
}

/** The token of a request; undefined when it has none. */
function readToken({ authorization, apiKey }: AccessRequest): string | "ambiguous" | undefined {
  const bearer = /^bearer +([!-~]+) *$/i.exec(authorization ?? "")?.[1];
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) return "ambiguous";
  return bearer ?? apiKey;
}

function challenge(realm: string, error?: string, description?: string, scope?: string): Record<string, string> {
  const parts = { realm, error, error_description: description, scope };
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return { "WWW-Authenticate": `Bearer ${given.map(([name, value]) => `${name}="${value}"`).join(", ")}` };
}

function refuse(
  status: Refusal["status"],
  code: string,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>>,
): Access {
  const problem = { type: "about:blank", status, code, title, detail } as const;
  const own = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  return { granted: false, status, headers: { ...own, ...headers }, problem };
}

const explanations: Readonly<Record<InactiveReason, { readonly title: string; readonly detail: string }>> = {
  malformed: { title: "The token is malformed", detail: "It is cut short or mistyped. Copy it again in full." },
  unknown: { title: "The token is unknown", detail: "Ask an admin of the organization for one." },
  pending: { title: "The token is not activated yet", detail: "Activate it, or repeat its delivery." },
  revoked: { title: "The token is revoked", detail: "Ask an admin of the organization for a new one." },
  expired: { title: "The token is expired", detail: "Ask an admin of the organization for a new one." },
  retired: {
    title: "The token was replaced by a rotation",
    detail: "Take the one that replaced it from where it is kept.",
  },
  network_not_allowed: {
    title: "The token does not work from this network",
    detail: "Use it from one of its allowed networks, or have an admin change them.",
  },
};
