import { expect, test } from "vitest";
import { ConfigError, parseAuditVerifyConfig, parseInitConfig, parseStartConfig } from "../../server/config.ts";

const init = { database: "a", organization: "Test Ltd", adminEmail: "ada@test.example" };

test("start has defaults for everything but the database", () => {
  expect(parseStartConfig({ database: "a" }, {})).toEqual({
    database: "a",
    host: "127.0.0.1",
    port: 8080,
    publicUrl: undefined,
    mail: { from: { name: "orgtokens", address: "orgtokens@localhost" }, directory: "a-mail", isDefault: true },
    jsonLogs: false,
    failuresPerMinute: 60,
    metricsHost: "127.0.0.1",
    otlpHeaders: {},
    serviceName: "orgtokens-server",
    signIn: {
      trustedProxies: [],
      oidc: undefined,
      sessions: { idleMs: 8 * 3_600_000, lifetimeMs: 7 * 86_400_000 },
    },
    postgres: {
      poolSize: 10,
      connectTimeoutMs: 3000,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 3000,
      idleTransactionTimeoutMs: 10_000,
      keepaliveMs: 10_000,
      connectionLifetimeSeconds: 1800,
      applicationName: "orgtokens",
      namedStatements: true,
    },
  });
});

test("a flag counts before its variable", () => {
  const environment = {
    ORGTOKENS_DATABASE: "b",
    ORGTOKENS_PORT: "1",
    ORGTOKENS_HOST: "::",
    ORGTOKENS_JSON_LOGS: "true",
    ORGTOKENS_FAILURES_PER_MINUTE: "1000000",
    ORGTOKENS_METRICS_PORT: "9464",
    ORGTOKENS_METRICS_HOST: "::1",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-tenant=1",
    OTEL_SERVICE_NAME: "tokens",
    ORGTOKENS_PUBLIC_URL: "https://b.example",
    ORGTOKENS_TRUSTED_PROXIES: "10.0.0.0/8, 2001:db8::1",
    ORGTOKENS_OIDC_ISSUER: "https://login.example",
    ORGTOKENS_OIDC_CLIENT_ID: "orgtokens",
    ORGTOKENS_OIDC_CLIENT_SECRET: "s3cret",
    ORGTOKENS_OIDC_NAME: "Example SSO",
    ORGTOKENS_SESSION_IDLE_MINUTES: "30",
    ORGTOKENS_SESSION_LIFETIME_HOURS: "24",
    ORGTOKENS_MAIL_FROM: "b@test.example",
    ORGTOKENS_MAIL_DIRECTORY: "b",
    ORGTOKENS_GITHUB_SECRET_SCANNING_KEYS: "keys.json",
  };
  expect(
    parseStartConfig(
      { database: "a", port: "0", jsonLogs: false, publicUrl: "https://a.example:8443/", mailDirectory: "c" },
      environment,
    ),
  ).toMatchObject({
    database: "a",
    host: "::",
    port: 0,
    publicUrl: "https://a.example:8443",
    mail: { from: { name: "", address: "b@test.example" }, directory: "c", isDefault: false },
    jsonLogs: false,
    githubSecretScanningKeys: "keys.json",
    failuresPerMinute: 1_000_000,
    metricsPort: 9464,
    metricsHost: "::1",
    otlpEndpoint: "http://127.0.0.1:4318",
    otlpHeaders: { authorization: "Bearer abc", "x-tenant": "1" },
    serviceName: "tokens",
    signIn: {
      trustedProxies: ["10.0.0.0/8", "2001:db8::1"],
      oidc: { issuer: "https://login.example", clientId: "orgtokens", clientSecret: "s3cret", name: "Example SSO" },
      sessions: { idleMs: 1_800_000, lifetimeMs: 86_400_000 },
    },
  });
});

const port = "--port (or ORGTOKENS_PORT) must be a port from 0 to 65535; 0 picks a free one.";

test.for([
  ["http", port],
  ["65536", port],
  ["-1", port],
  ["80.5", port],
  ["0x50", port],
  [" 80", port],
  ["", port],
] as const)(
  "a port of '%s' is refused by the names of its flag and variable, and what it may be",
  ([given, message]) => {
    expect(() => parseStartConfig({ database: "a", port: given }, {})).toThrow(new ConfigError(message));
    expect(() => parseStartConfig({ database: "a" }, { ORGTOKENS_PORT: given })).toThrow(new ConfigError(message));
  },
);

test.for([
  [{ database: undefined }, /--database \(or ORGTOKENS_DATABASE\) must be the path of the database file/],
  [{ database: "" }, /--database \(or ORGTOKENS_DATABASE\) must be the path of the database file/],
  [{ adminEmail: "ada" }, /--admin-email \(or ORGTOKENS_ADMIN_EMAIL\) must be an e-mail address/],
  [{ adminEmail: `${"a".repeat(250)}@b.example` }, /--admin-email/],
  [{ organization: undefined }, /--organization \(or ORGTOKENS_ORGANIZATION\) must be the organization's name/],
  [
    { organization: "  " },
    /--organization \(or ORGTOKENS_ORGANIZATION\) must be the organization's name: 1 to 200 printable/,
  ],
  [{ organization: "A\u001Bb" }, /--organization/],
  [{ organization: "A".repeat(201) }, /--organization/],
  [{ json: "maybe" }, /--json \(or ORGTOKENS_JSON\) must be true or false/],
] as const)("init with %j is refused by name", ([difference, message]) => {
  expect(() => parseInitConfig({ ...init, ...difference }, {})).toThrow(message);
});

test.for([
  ["mysql://db/orgtokens", false],
  ["POSTGRES://db/orgtokens", false],
  ["postgres://", true],
  ["postgres://user:p%40ss@[::1]:5433/orgtokens?sslmode=disable", true],
  ["postgresql://db/orgtokens", true],
  ["postgres://db:port/orgtokens", false],
  ["data/orgtokens.sqlite", true],
] as const)("the database %s is a place: %s", ([database, isPlace]) => {
  const parse = () => parseStartConfig({ database }, {});
  if (isPlace) expect(parse().database).toBe(database);
  else expect(parse).toThrow("--database (or ORGTOKENS_DATABASE) must be the path of the database file, or a URL");
});

test("the connections to PostgreSQL are set by flags and variables, within bounds", () => {
  const environment = {
    ORGTOKENS_DATABASE_POOL_SIZE: "50",
    ORGTOKENS_DATABASE_NAMED_STATEMENTS: "false",
    ORGTOKENS_DATABASE_LOCK_TIMEOUT_MS: "250",
  };
  const { postgres } = parseStartConfig({ database: "a", databasePoolSize: "5" }, environment);
  expect(postgres).toMatchObject({ poolSize: 5, namedStatements: false, lockTimeoutMs: 250 });
  for (const size of ["0", "1001", "many", "1.5", ""])
    expect(() => parseInitConfig({ ...init, databasePoolSize: size }, {}), size).toThrow(
      "--database-pool-size (or ORGTOKENS_DATABASE_POOL_SIZE) must be a whole number from 1 to 1000.",
    );
});

test("every bad setting is named at once, one a line", () => {
  const environment = { ORGTOKENS_ADMIN_EMAIL: "ada", ORGTOKENS_JSON: "maybe" };
  const thrown = catchError(() => parseInitConfig({}, environment));
  const lines = thrown.split("\n").map((line) => line.split(" ")[0]);
  expect(lines).toEqual(["--database", "--organization", "--admin-email", "--json"]);
});

test.for([
  "a.example",
  "ftp://a.example",
  "https://a.example/orgtokens",
  "https://u:p@a.example",
  "https://a.example?b",
  "",
])("a public URL of '%s' is refused", (publicUrl) => {
  expect(() => parseStartConfig({ database: "a", publicUrl }, {})).toThrow(
    /^--public-url \(or ORGTOKENS_PUBLIC_URL\) must be the address people reach this server by, such as/,
  );
});

test("a host that is none is refused", () => {
  expect(() => parseStartConfig({ database: "a", host: "a b" }, {})).toThrow(
    /--host \(or ORGTOKENS_HOST\) must be an address/,
  );
  expect(() => parseStartConfig({ database: "a" }, { ORGTOKENS_HOST: "" })).toThrow(/--host/);
});

test.for(["many", "-1", "1.5", "1000001", ""])("a limit of '%s' refused tokens is refused", (given) => {
  expect(() => parseStartConfig({ database: "a", failuresPerMinute: given }, {})).toThrow(
    /--failures-per-minute \(or ORGTOKENS_FAILURES_PER_MINUTE\) must be a number of refused tokens from 0/,
  );
});

test.for([
  ["trustedProxies", "all", /--trusted-proxies \(or ORGTOKENS_TRUSTED_PROXIES\) must be addresses or networks/],
  ["trustedProxies", "10.0.0.0/33", /--trusted-proxies/],
  ["trustedProxies", "10.0.0.1,", /--trusted-proxies/],
  ["trustedProxies", "proxy.example", /--trusted-proxies/],
  ["sessionIdleMinutes", "0", /--session-idle-minutes \(or ORGTOKENS_SESSION_IDLE_MINUTES\) must be a whole number/],
  ["sessionIdleMinutes", "10081", /--session-idle-minutes/],
  ["oidcIssuer", "http://login.example", /--oidc-issuer \(or ORGTOKENS_OIDC_ISSUER\) must be the provider's issuer/],
  ["oidcIssuer", "https://login.example", /--oidc-client-id \(or ORGTOKENS_OIDC_CLIENT_ID\) must be given/],
  ["oidcClientId", "orgtokens", /--oidc-issuer \(or ORGTOKENS_OIDC_ISSUER\) must be given/],
  ["sessionLifetimeHours", "forever", /--session-lifetime-hours \(or ORGTOKENS_SESSION_LIFETIME_HOURS\)/],
] as const)("%s of '%s' is refused by name", ([name, given, message]) => {
  expect(() => parseStartConfig({ database: "a", [name]: given }, {})).toThrow(message);
});

function catchError(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("It must throw.");
}

test("the organization to verify is an id, by a variable of its own", () => {
  const id = "0199f3a0a1b2c3d4e5f60718";
  const environment = { ORGTOKENS_ORGANIZATION: "Test Ltd" };
  const all = { database: "a", organizationId: undefined, json: false, postgres: expect.anything() };
  expect(parseAuditVerifyConfig({ database: "a" }, environment)).toEqual(all);
  const one = { ...all, organizationId: id };
  expect(parseAuditVerifyConfig({ database: "a", organization: id }, environment)).toEqual(one);
  expect(parseAuditVerifyConfig({ database: "a" }, { ORGTOKENS_ORGANIZATION_ID: id })).toEqual(one);
  expect(() => parseAuditVerifyConfig({ database: "a", organization: "Test Ltd" }, {})).toThrow(
    new ConfigError(
      "--organization (or ORGTOKENS_ORGANIZATION_ID) must be an organization's id: 24 lower-case hexadecimal characters.",
    ),
  );
});
