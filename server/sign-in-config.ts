import { isIP } from "node:net";
import { z } from "zod";
import type { SessionLimits } from "./domain/session.ts";

/** How people sign in, as `orgtokens-server start` is told. */
export type SignInConfig = {
  /** Addresses and networks whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[];
  /** Undefined without an OpenID provider. */
  readonly oidc: OidcConfig | undefined;
  readonly sessions: SessionLimits;
};

/** How this server is registered at an OpenID provider. */
export type OidcConfig = {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined;
  readonly name: string;
};

/** Every setting's flag and environment variable. The client secret has no flag: other users of a machine can read flags. */
export const signInSettings = {
  trustedProxies: { flag: "--trusted-proxies", variable: "ORGTOKENS_TRUSTED_PROXIES" },
  oidcIssuer: { flag: "--oidc-issuer", variable: "ORGTOKENS_OIDC_ISSUER" },
  oidcClientId: { flag: "--oidc-client-id", variable: "ORGTOKENS_OIDC_CLIENT_ID" },
  oidcClientSecret: { flag: "The client secret", variable: "ORGTOKENS_OIDC_CLIENT_SECRET" },
  oidcName: { flag: "--oidc-name", variable: "ORGTOKENS_OIDC_NAME" },
  sessionIdleMinutes: { flag: "--session-idle-minutes", variable: "ORGTOKENS_SESSION_IDLE_MINUTES" },
  sessionLifetimeHours: { flag: "--session-lifetime-hours", variable: "ORGTOKENS_SESSION_LIFETIME_HOURS" },
} as const;

const proxiesAdvice = "must be addresses or networks separated by commas, such as 10.0.0.0/8,192.0.2.1";
const issuerAdvice =
  "must be the provider's issuer, such as https://login.example.com; plain http on a loopback address only";

const wholeNumber = (unit: string, most: number, byDefault: number) => {
  const range = `must be a whole number of ${unit} from 1 to ${most}`;
  const number = z.number().min(1, range).max(most, range);
  return z
    .string(range)
    .regex(/^\d{1,6}$/, range)
    .transform(Number)
    .pipe(number)
    .default(byDefault);
};

const printable = (most: number) => {
  const advice = `must be 1 to ${most} printable characters`;
  return z
    .string(advice)
    .regex(new RegExp(`^[^\\p{C}]{1,${most}}$`, "u"), advice)
    .optional();
};

/** What each setting may be. */
export const signInShape = {
  trustedProxies: z
    .string(proxiesAdvice)
    .transform((text) => (text.trim() === "" ? [] : text.split(",").map((part) => part.trim())))
    .refine((parts) => parts.every(isNetwork), proxiesAdvice)
    .default([]),
  oidcIssuer: z.string(issuerAdvice).refine(isIssuer, issuerAdvice).optional(),
  oidcClientId: printable(200),
  oidcClientSecret: printable(1000),
  oidcName: printable(100),
  sessionIdleMinutes: wholeNumber("minutes", 10_080, 480),
  sessionLifetimeHours: wholeNumber("hours", 8760, 168),
} as const;

/** The settings as they are used, or the one that is missing. */
export function readSignInConfig(
  given: z.infer<z.ZodObject<typeof signInShape>>,
): SignInConfig | { readonly missing: "oidcIssuer" | "oidcClientId" } {
  const { trustedProxies, oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret } = given;
  const sessions = {
    idleMs: given.sessionIdleMinutes * 60_000,
    lifetimeMs: given.sessionLifetimeHours * 3_600_000,
  };
  if (issuer === undefined && clientId === undefined) return { trustedProxies, sessions, oidc: undefined };
  if (issuer === undefined) return { missing: "oidcIssuer" };
  if (clientId === undefined) return { missing: "oidcClientId" };
  return { trustedProxies, sessions, oidc: { issuer, clientId, clientSecret, name: given.oidcName ?? "OpenID" } };
}

/** Nobody between two programs of one machine can read along. */
function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== "" || url.hash !== "" || url.username !== "") return false;
  const isLoopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
