#!/usr/bin/env node
// The `orgtokens-server` command: the only file of the server that reads the environment and opens sockets.
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import process from "node:process";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { buildApp } from "./app.ts";
import {
  ConfigError,
  type Flags,
  type InitConfig,
  parseAuditVerifyConfig,
  parseInitConfig,
  parseStartConfig,
} from "./config.ts";
import { type CreatedOrganization, createOrganization, type NewOrganization } from "./create-organization.ts";
import { databaseOptions } from "./database-options.ts";
import { systemClock } from "./domain/clock.ts";
import { createIdGenerator } from "./domain/ids.ts";
import type { RateLimit } from "./domain/rate-limiter.ts";
import { scheduleExpirySweep } from "./expiry-sweep.ts";
import { inviteToSignIn } from "./first-sign-in.ts";
import { readPage } from "./http/page-files.ts";
import { listenUrl } from "./listen-url.ts";
import { createTextLog } from "./log-format.ts";
import { wakeOnEnqueue } from "./mail/wake-on-enqueue.ts";
import { createMailDelivery } from "./mail-delivery.ts";
import { observe, observeFlags } from "./observe.ts";
import { createOpenIdProvider } from "./oidc/openid-provider.ts";
import { openDatabase, openInitialised, showDatabase } from "./open-database.ts";
import { schedulePurge } from "./purge.ts";
import { readGithubKeys } from "./read-github-keys.ts";
import { showAudit } from "./show-audit.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

async function createOne(flags: Flags, place: NewOrganization["place"]): Promise<void> {
  const config = parseInitConfig(flags, process.env);
  const database = await openDatabase(config, { create: place === "first" ? "if-missing" : "never" });
  try {
    const created = await createOrganization(database, { ...config, place }, { clock: systemClock, randomBytes });
    process.stdout.write(config.json ? `${JSON.stringify(created)}\n` : describe(created, config));
  } finally {
    await database.close();
  }
}

function describe(created: CreatedOrganization, { organization, database }: InitConfig): string {
  return `Organization ${organization} (${created.organizationId}), admin ${created.adminEmail}.

Its first Admin token, shown this once:

  ${created.token}

Keep it in a secrets manager. Then start the server: orgtokens-server start --database ${showDatabase(database)}
`;
}

/** Exits with 0 when every chain is intact, 1 when one is broken, 2 when they could not be checked. */
async function verifyAuditTrail(flags: Flags): Promise<void> {
  try {
    const config = parseAuditVerifyConfig(flags, process.env);
    const database = await openDatabase(config, { create: "never" });
    try {
      if (!(await showAudit(database, config, process))) process.exitCode = 1;
    } finally {
      await database.close();
    }
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(2);
  }
}

async function start(flags: Flags): Promise<void> {
  const config = parseStartConfig(flags, process.env);
  const githubKeys = await readGithubKeys(config.githubSecretScanningKeys);
  const events = new EventEmitter<{ connectionLost: [error: Error] }>();
  const onConnectionLost = (error: Error) => void events.emit("connectionLost", error);
  const opened = wakeOnEnqueue(await openInitialised(config, onConnectionLost), () => mail.wake());
  const observed = await observe(opened, config, {
    randomBytes,
    onError: (error) => process.stderr.write(`Traces could not be sent: ${messageOf(error)}\n`),
  });
  const { database, metrics, tracer } = observed;
  const stream = config.jsonLogs ? process.stderr : createTextLog(process.stderr);
  const publicUrl = () => config.publicUrl ?? listenUrl(config.host, app.server.address());
  const page = readPage();
  const { oidc, sessions, trustedProxies } = config.signIn;
  const app = buildApp({
    database,
    clock: systemClock,
    publicUrl,
    githubKeys,
    randomBytes,
    logger: { level: "info", stream },
    failedAuthentications: failureLimit(config.failuresPerMinute),
    metrics,
    tracer,
    page: { page, strictTransport: config.publicUrl?.startsWith("https:") === true },
    signIn: { sessions },
    identityProvider: oidc && createOpenIdProvider({ ...oidc, publicUrl }),
    trustedProxies,
  });
  if (page === undefined) app.log.warn("the admin page is not built: run npm run setup, then start again");
  events.on("connectionLost", (error) =>
    app.log.warn({ err: error }, "an idle database connection was lost; the next use opens another"),
  );
  const mail = createMailDelivery(config.mail, {
    database,
    clock: systemClock,
    randomBytes,
    random: Math.random,
    publicUrl,
    log: app.log,
  });
  const stopExpirySweep = scheduleExpirySweep(
    { database, clock: systemClock, newId: createIdGenerator(systemClock, randomBytes) },
    (error) => app.log.error({ err: error }, "expiries could not be announced"),
  );
  const stopPurge = schedulePurge(database, systemClock, (error) => app.log.error({ err: error }, "purge failed"));
  const stop = async (): Promise<void> => {
    await stopPurge();
    await stopExpirySweep();
    await app.close();
    await mail.close();
    await database.close();
    await observed.close();
  };
  try {
    const address = await app.listen({ host: config.host, port: config.port, listenTextResolver: () => "listening" });
    mail.start();
    process.stdout.write(`orgtokens listens on ${address}\n`);
    process.stdout.write(await inviteToSignIn(database, { clock: systemClock, randomBytes, publicUrl }));
    const metricsUrl = await observed.listen();
    if (metricsUrl !== undefined) process.stdout.write(`metrics are at ${metricsUrl}\n`);
  } catch (error) {
    await stop();
    throw new Error(`Cannot listen on ${placeOf(error, config)}: ${messageOf(error)}`, { cause: error });
  }
  stopOnSignal(stop, fail);
}

/** Where it was that nobody could listen. */
function placeOf(error: unknown, { host, port }: { readonly host: string; readonly port: number }): string {
  const { address = host, port: at = port } = Object(error);
  return `${address}:${at}`;
}

function failureLimit(perMinute: number): RateLimit | undefined {
  return perMinute === 0 ? undefined : { name: "refused-tokens", quota: perMinute, windowSeconds: 60 };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}

const newOrganizationOptions = {
  ...databaseOptions,
  organization: { type: "string", describe: "Name of the organization [ORGTOKENS_ORGANIZATION]" },
  "admin-email": { type: "string", describe: "E-mail address of its first admin [ORGTOKENS_ADMIN_EMAIL]" },
  json: { type: "boolean", describe: "Answer in JSON: organizationId, adminEmail, token [ORGTOKENS_JSON]" },
} as const;

await yargs(hideBin(process.argv))
  .scriptName("orgtokens-server")
  .usage(
    "$0 <command>\n\nServes an organization's API tokens. Every option is also an environment variable, named beside it.",
  )
  .command(
    "init",
    "Create the database, the organization, its first admin and one Admin token",
    newOrganizationOptions,
    (flags) => createOne(flags, "first"),
  )
  .command("organization <command>", "Several organizations on one server, isolated from each other", (organization) =>
    organization
      .command(
        "create",
        "Create another organization in a database, with its first admin and one Admin token",
        newOrganizationOptions,
        (flags) => createOne(flags, "another"),
      )
      .demandCommand(1, "Name a command.")
      .strict(),
  )
  .command(
    "start",
    "Serve the database until SIGINT or SIGTERM",
    {
      ...databaseOptions,
      host: { type: "string", describe: "Address to listen on, 127.0.0.1 by default [ORGTOKENS_HOST]" },
      port: { type: "string", describe: "Port to listen on, 8080 by default; 0 picks one [ORGTOKENS_PORT]" },
      "trusted-proxies": {
        type: "string",
        describe: "Addresses or networks, by commas, whose X-Forwarded-For counts; none [ORGTOKENS_TRUSTED_PROXIES]",
      },
      "oidc-issuer": {
        type: "string",
        describe: "OpenID provider to sign in at, as https://login.example.com [ORGTOKENS_OIDC_ISSUER]",
      },
      "oidc-client-id": {
        type: "string",
        describe:
          "This server's id there; its secret is read from ORGTOKENS_OIDC_CLIENT_SECRET only [ORGTOKENS_OIDC_CLIENT_ID]",
      },
      "oidc-name": { type: "string", describe: "What people call it, OpenID by default [ORGTOKENS_OIDC_NAME]" },
      "session-idle-minutes": {
        type: "string",
        describe: "When a session without requests ends, 480 by default [ORGTOKENS_SESSION_IDLE_MINUTES]",
      },
      "session-lifetime-hours": {
        type: "string",
        describe: "When every session ends, 168 by default [ORGTOKENS_SESSION_LIFETIME_HOURS]",
      },
      "failures-per-minute": {
        type: "string",
        describe:
          "Refused tokens that an address is told about, 60 by default; beyond that 429. 0: no limit [ORGTOKENS_FAILURES_PER_MINUTE]",
      },
      "public-url": {
        type: "string",
        describe: "How people reach this server, such as https://tokens.example.com [ORGTOKENS_PUBLIC_URL]",
      },
      "github-secret-scanning-keys": {
        type: "string",
        describe: "File with the public keys of GitHub's secret scanning [ORGTOKENS_GITHUB_SECRET_SCANNING_KEYS]",
      },
      ...observeFlags,
      "smtp-url": {
        type: "string",
        describe:
          "Mail server: smtp:// with STARTTLS, smtps:// with TLS, user:password@ when it asks for them [ORGTOKENS_SMTP_URL]",
      },
      "smtp-allow-unencrypted": {
        type: "boolean",
        describe: "Send mail also when a mail server elsewhere does not encrypt [ORGTOKENS_SMTP_ALLOW_UNENCRYPTED]",
      },
      "mail-from": { type: "string", describe: "Sender of mail, such as tokens@example.com [ORGTOKENS_MAIL_FROM]" },
      "mail-directory": {
        type: "string",
        describe:
          "Folder that mail is written to without --smtp-url, beside the database by default [ORGTOKENS_MAIL_DIRECTORY]",
      },
      "json-logs": { type: "boolean", describe: "Log as JSON lines on standard error [ORGTOKENS_JSON_LOGS]" },
    },
    start,
  )
  .command("audit <command>", "Check what is recorded of the past", (audit) =>
    audit
      .command(
        "verify",
        "Check that no audit event was changed, removed, inserted or reordered: 0 intact, 1 broken, 2 not checked",
        {
          ...databaseOptions,
          organization: {
            type: "string",
            describe: "Id of the one organization to check, all by default [ORGTOKENS_ORGANIZATION_ID]",
          },
          json: { type: "boolean", describe: "Answer in JSON, a line for each organization [ORGTOKENS_JSON]" },
        },
        verifyAuditTrail,
      )
      .demandCommand(1, "Name a command.")
      .strict(),
  )
  .completion("completion", "Print a completion script for the shell")
  .demandCommand(1, "Name a command.")
  .strict()
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .fail((message: string | null, error: Error | undefined) => {
    if (error !== undefined) fail(error);
    process.stderr.write(`${message}\nRun orgtokens-server --help.\n`);
    process.exit(2);
  })
  .parseAsync();
