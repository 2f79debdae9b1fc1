import { z } from "zod";
import { type OrganizationId, parseId } from "./domain/ids.ts";
import { allowUnencrypted, parseMailAddress, parseSmtpUrl } from "./mail/mail-settings.ts";
import type { MailAddress } from "./mail/mail-transport.ts";
import type { SmtpServer } from "./mail/smtp-transport.ts";
import { groupPostgres, type PostgresConfig, postgresFlags, postgresShape } from "./postgres-config.ts";
import { onOff } from "./setting-values.ts";
import { readSignInConfig, type SignInConfig, signInSettings, signInShape } from "./sign-in-config.ts";

/** Settings of `orgtokens-server start`. */
export type StartConfig = {
  /** Path of the SQLite file, or URL of the PostgreSQL database. */
  readonly database: string;
  readonly postgres: PostgresConfig;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How people reach this server, such as `https://tokens.example.com`; undefined: where it listens. */
  readonly publicUrl?: string | undefined;
  /** Where mail goes. */
  readonly mail: MailConfig;
  /** Logs as JSON lines instead of text. */
  readonly jsonLogs: boolean;
  /** Path of the file with the public keys of GitHub's secret scanning; undefined when GitHub reports nothing here. */
  readonly githubSecretScanningKeys?: string | undefined;
  /** How many refused tokens a minute an address is told the reason of; 0 for no limit. */
  readonly failuresPerMinute: number;
  /** Where `GET /metrics` is answered; undefined where it is not. */
  readonly metricsPort?: number | undefined;
  readonly metricsHost: string;
  /** Where traces go; undefined where there are none. */
  readonly otlpEndpoint?: string | undefined;
  /** Header fields for the collector, which may hold a secret. */
  readonly otlpHeaders: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly signIn: SignInConfig;
};

/** Where mail goes: to a mail server, or to files. */
export type MailConfig = { readonly from: MailAddress } & (
  | { readonly smtp: SmtpServer }
  | { readonly directory: string; readonly isDefault: boolean }
);

/** Settings of `orgtokens-server init`. */
export type InitConfig = {
  /** Path of the SQLite file, or URL of the PostgreSQL database. */
  readonly database: string;
  readonly postgres: PostgresConfig;
  readonly organization: string;
  readonly adminEmail: string;
  /** Answers in JSON. */
  readonly json: boolean;
};

/** Settings of `orgtokens-server audit verify`. */
export type AuditVerifyConfig = {
  /** Path of the SQLite file, or URL of the PostgreSQL database. */
  readonly database: string;
  readonly postgres: PostgresConfig;
  /** Only this organization, by its id; undefined for all. */
  readonly organizationId: OrganizationId | undefined;
  /** Answers in JSON, a line for each organization. */
  readonly json: boolean;
};

/** Flags as they were given, by their names in camel case; undefined where one was not. */
export type Flags = Readonly<Record<string, unknown>>;
/** The environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used. `message` has one line per setting: its flag, its variable, and what it may be. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Every setting's flag and environment variable. A flag counts before its variable. */
const settings = {
  database: { flag: "--database", variable: "ORGTOKENS_DATABASE" },
  ...postgresFlags,
  host: { flag: "--host", variable: "ORGTOKENS_HOST" },
  port: { flag: "--port", variable: "ORGTOKENS_PORT" },
  publicUrl: { flag: "--public-url", variable: "ORGTOKENS_PUBLIC_URL" },
  mailFrom: { flag: "--mail-from", variable: "ORGTOKENS_MAIL_FROM" },
  smtpUrl: { flag: "--smtp-url", variable: "ORGTOKENS_SMTP_URL" },
  smtpAllowUnencrypted: { flag: "--smtp-allow-unencrypted", variable: "ORGTOKENS_SMTP_ALLOW_UNENCRYPTED" },
  mailDirectory: { flag: "--mail-directory", variable: "ORGTOKENS_MAIL_DIRECTORY" },
  jsonLogs: { flag: "--json-logs", variable: "ORGTOKENS_JSON_LOGS" },
  githubSecretScanningKeys: {
    flag: "--github-secret-scanning-keys",
    variable: "ORGTOKENS_GITHUB_SECRET_SCANNING_KEYS",
  },
  failuresPerMinute: { flag: "--failures-per-minute", variable: "ORGTOKENS_FAILURES_PER_MINUTE" },
  metricsPort: { flag: "--metrics-port", variable: "ORGTOKENS_METRICS_PORT" },
  otlpEndpoint: { flag: "--otlp-endpoint", variable: "OTEL_EXPORTER_OTLP_ENDPOINT" },
  otlpHeaders: { flag: "--otlp-headers", variable: "OTEL_EXPORTER_OTLP_HEADERS" },
  serviceName: { flag: "--service-name", variable: "OTEL_SERVICE_NAME" },
  metricsHost: { flag: "--metrics-host", variable: "ORGTOKENS_METRICS_HOST" },
  ...signInSettings,
  organization: { flag: "--organization", variable: "ORGTOKENS_ORGANIZATION" },
  organizationId: { flag: "--organization", variable: "ORGTOKENS_ORGANIZATION_ID" },
  adminEmail: { flag: "--admin-email", variable: "ORGTOKENS_ADMIN_EMAIL" },
  json: { flag: "--json", variable: "ORGTOKENS_JSON" },
} as const;

type SettingName = keyof typeof settings;

const place = "must be the path of the database file, or a URL as postgres://user@host/database";
const database = z
  .string(place)
  .min(1, place)
  .refine((text) => !/^[a-z]+:\/\//i.test(text) || (/^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text)), place);
const portRange = "must be a port from 0 to 65535; 0 picks a free one";

const failuresRange = "must be a number of refused tokens from 0 to 1000000; 0 sets no limit";
const publicUrl = z
  .string()
  .refine(isOrigin, "must be the address people reach this server by, such as https://tokens.example.com, and no more")
  .transform((text) => new URL(text).origin);

const host = z
  .string()
  .regex(/^[0-9A-Za-z.:-]{1,253}$/, "must be an address or a host name to listen on, such as 127.0.0.1 or ::");
const port = z
  .string(portRange)
  .regex(/^\d{1,5}$/, portRange)
  .transform(Number)
  .pipe(z.number().max(65_535, portRange));
const fromForm = "must be the sender's address, such as tokens@example.com or Example tokens <tokens@example.com>";
const smtpForm = "must be a mail server, such as smtp://user:password@mail.example.com:587, or smtps:// for TLS";

const startSchema = z.object({
  database,
  ...postgresShape,
  host: host.default("127.0.0.1"),
  port: port.default(8080),
  publicUrl: publicUrl.optional(),
  mailFrom: z.string().transform(parseMailAddress).pipe(z.custom<MailAddress>(isDefined, fromForm)).optional(),
  smtpUrl: z.string().transform(parseSmtpUrl).pipe(z.custom<SmtpServer>(isDefined, smtpForm)).optional(),
  smtpAllowUnencrypted: onOff.default(false),
  mailDirectory: z.string().min(1, "must be the path of a folder").optional(),
  jsonLogs: onOff.default(false),
  githubSecretScanningKeys: z.string().min(1, "must be the path of a file with public keys").optional(),
  failuresPerMinute: z
    .string(failuresRange)
    .regex(/^\d{1,7}$/, failuresRange)
    .transform(Number)
    .pipe(z.number().max(1_000_000, failuresRange))
    .default(60),
  metricsPort: port.optional(),
  metricsHost: host.default("127.0.0.1"),
  otlpEndpoint: z
    .url({ protocol: /^https?$/, error: "must be a collector's address, such as http://127.0.0.1:4318" })
    .optional(),
  otlpHeaders: z
    .string()
    .regex(
      /^(?:[\w-]+=(?:[!-$&-+\x2D-~]|%[0-7][\dA-Fa-f])*(?:,|$))*$/,
      "must be header fields as name=value, separated by commas",
    )
    .transform(parseHeaders)
    .default({}),
  serviceName: z
    .string()
    .regex(/^[\w.-]{1,100}$/, "must be a name of letters, digits, dots and hyphens")
    .default("orgtokens-server"),
  ...signInShape,
});

const initSchema = z.object({
  database,
  ...postgresShape,
  organization: z
    .string("must be the organization's name")
    .trim()
    .regex(/^[^\p{C}]{1,200}$/u, "must be the organization's name: 1 to 200 printable characters"),
  adminEmail: z.email("must be an e-mail address, such as ada@example.com").max(254, "must be at most 254 characters"),
  json: onOff.default(false),
});

const auditVerifySchema = z.object({
  database,
  ...postgresShape,
  organizationId: z
    .string()
    .regex(/^[0-9a-f]{24}$/, "must be an organization's id: 24 lower-case hexadecimal characters")
    .transform((id) => parseId<OrganizationId>(id))
    .optional(),
  json: onOff.default(false),
});

/** @throws ConfigError that names each bad setting and what it may be. */
export function parseAuditVerifyConfig(flags: Flags, environment: Environment): AuditVerifyConfig {
  // The flag is named as the one of init, which is for a name; their variables must not be mixed up.
  const given = { ...flags, organizationId: flags["organization"] };
  const { organizationId, ...config } = groupPostgres(parse(auditVerifySchema, given, environment));
  return { ...config, organizationId };
}

/** @throws ConfigError that names each bad setting and what it may be. */
export function parseStartConfig(flags: Flags, environment: Environment): StartConfig {
  const { mailFrom, smtpUrl, smtpAllowUnencrypted, mailDirectory, ...parsed } = groupPostgres(
    parse(startSchema, flags, environment),
  );
  const { trustedProxies, oidcIssuer, oidcClientId, oidcClientSecret, oidcName, ...rest } = parsed;
  const { sessionIdleMinutes, sessionLifetimeHours, ...others } = rest;
  const provider = { oidcIssuer, oidcClientId, oidcClientSecret, oidcName };
  const signIn = readSignInConfig({ ...provider, trustedProxies, sessionIdleMinutes, sessionLifetimeHours });
  if ("missing" in signIn) throw unusable(signIn.missing, "must be given: one of the provider's settings is");
  const config = { ...others, signIn };
  const from = mailFrom ?? { name: "orgtokens", address: "orgtokens@localhost" };
  if (smtpUrl === undefined) {
    const directory = mailDirectory ?? mailDirectoryBeside(config.database);
    return { ...config, mail: { from, directory, isDefault: mailDirectory === undefined } };
  }
  if (mailDirectory !== undefined) throw unusable("mailDirectory", "cannot be given together with --smtp-url");
  if (mailFrom === undefined) throw unusable("mailFrom", `${fromForm}: --smtp-url needs it`);
  const smtp = smtpAllowUnencrypted ? allowUnencrypted(smtpUrl) : smtpUrl;
  return { ...config, mail: { from, smtp } };
}

/** @throws ConfigError that names each bad setting and what it may be. */
export function parseInitConfig(flags: Flags, environment: Environment): InitConfig {
  return groupPostgres(parse(initSchema, flags, environment));
}

function parse<Schema extends z.ZodObject>(schema: Schema, flags: Flags, environment: Environment): z.infer<Schema> {
  const names = Object.keys(schema.shape).filter(isSettingName);
  const given = Object.fromEntries(names.map((name) => [name, flags[name] ?? environment[settings[name].variable]]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = new Map<string, string>();
  for (const { path, message } of result.error.issues) {
    const name = String(path[0]);
    if (isSettingName(name)) lines.set(name, `${settings[name].flag} (or ${settings[name].variable}) ${message}.`);
  }
  throw new ConfigError([...lines.values()].join("\n"));
}

function unusable(name: SettingName, message: string): ConfigError {
  return new ConfigError(`${settings[name].flag} (or ${settings[name].variable}) ${message}.`);
}

/** Beside a SQLite file; in the working folder for a database that is not one. */
function mailDirectoryBeside(database: string): string {
  return /^[a-z]+:\/\//.test(database) ? "orgtokens-mail" : `${database}-mail`;
}

function isDefined(value: unknown): boolean {
  return value !== undefined;
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return false;
  return url.href === `${url.origin}/`;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** As OpenTelemetry writes them: `name=value,name=value`, values percent-encoded. */
function parseHeaders(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), decodeURIComponent(pair.slice(pair.indexOf("=") + 1))]),
  );
}
