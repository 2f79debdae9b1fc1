import { randomBytes } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { type AppDependencies, buildApp } from "../../server/app.ts";
import { createOrganization } from "../../server/create-organization.ts";
import type { PostgresSettings } from "../../server/database/postgres.ts";
import type { GithubKeys } from "../../server/domain/github-signature.ts";
import type { IdentityProvider } from "../../server/domain/identity-provider.ts";
import type { RateLimit } from "../../server/domain/rate-limiter.ts";
import type { Database } from "../../server/domain/stores.ts";
import { readContract } from "../../server/http/contract.ts";
import type { Problem } from "../../server/http/problem.ts";
import type { AnswerBody, OperationId } from "../../server/operations/operation.ts";
import { checkAnswer, contractRoutes } from "./answer-check.ts";
import { createTestClock, type TestClock } from "./clock.ts";
import { openDatabaseAt, openTestDatabase, readContents } from "./database.ts";

/** How the application under test is made. */
export type TestAppOptions = {
  readonly clock?: TestClock;
  /** A second application over the same database, with the same clock and Admin token. */
  readonly beside?: TestApp;
  /** Settings of the connections to PostgreSQL. */
  readonly settings?: Partial<PostgresSettings>;
  /** GitHub's public keys, as the application knows them. */
  readonly githubKeys?: GithubKeys;
  /** Stands between the application and its database, to count or to fail at the far edge. */
  readonly wrap?: (database: Database) => Database;
  /** Makes what is told there is to count and measure. */
  readonly measure?: (database: Database) => AppDependencies["metrics"];
  /** How many refused tokens an address is told about. No limit when absent. */
  readonly failedAuthentications?: RateLimit;
  /** https://tokens.test.example when absent. */
  readonly publicUrl?: string;
  readonly trustedProxies?: readonly string[];
  readonly identityProvider?: IdentityProvider;
};

/** A request for an operation. */
export type TestCall = {
  /** The first Admin token when absent; none at all when null. */
  readonly token?: string | null;
  /** A session instead of a token. */
  readonly session?: TestSession;
  /** The `{id}` or `{code}` of the path. */
  readonly id?: string;
  /** A list is a parameter that is repeated. */
  readonly query?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly body?: unknown;
  /** Header fields beside those of authentication and body. */
  readonly header?: Readonly<Record<string, string>>;
};

/** What a signed-in page holds: the cookie is the browser's, the token its own. */
export type TestSession = { readonly cookie: string; readonly csrfToken: string };

/** Any request. */
export type TestRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly payload?: string | Buffer;
  /** The address it comes from; 127.0.0.1 when absent. */
  readonly from?: string;
};

/** An answer that was held against openapi.yaml. */
export type TestAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
};

/** The application in process, over a database of its own. Every answer is held against openapi.yaml. */
export type TestApp = {
  readonly clock: TestClock;
  /** Where its database is: the path of a SQLite file, or a PostgreSQL URL. */
  readonly location: string;
  readonly database: Database;
  readonly organizationId: string;
  readonly adminEmail: string;
  readonly adminToken: string;
  /** Calls an operation that must succeed. */
  call<Id extends OperationId>(operationId: Id, call?: TestCall): Promise<AnswerBody<Id>>;
  /** Calls an operation that must be refused. */
  refused(operationId: OperationId, call?: TestCall): Promise<Problem>;
  /** Calls an operation, whatever comes of it. */
  answer(operationId: OperationId, call?: TestCall): Promise<TestAnswer>;
  /** Sends any request. */
  send(request: TestRequest): Promise<TestAnswer>;
  /** Everything stored but last uses and what refusals leave behind. */
  contents(): Readonly<Record<string, readonly unknown[]>>;
  /** Everything stored but last uses. */
  allContents(): Readonly<Record<string, readonly unknown[]>>;
  /** Everything logged so far. */
  log(): string;
  close(): Promise<void>;
};

const contract = readContract();

/** Builds the application over an initialised database; both end with the test. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { beside, wrap = (database) => database } = options;
  const clock = options.clock ?? beside?.clock ?? createTestClock();
  const { database, location } =
    beside === undefined ? await openTestDatabase(options.settings) : await openDatabaseAt(beside.location);
  const organization = beside ?? (await initialiseTest(database, clock));
  const lines: string[] = [];
  const publicUrl = () => options.publicUrl ?? "https://tokens.test.example";
  const stream = { write: (line: string) => void lines.push(line) };
  const app = buildApp({
    database: wrap(database),
    contract,
    clock,
    publicUrl,
    randomBytes,
    logger: { level: "trace", stream },
    failedAuthentications: options.failedAuthentications,
    metrics: options.measure?.(database),
    trustedProxies: options.trustedProxies ?? [],
    githubKeys: options.githubKeys,
    identityProvider: options.identityProvider,
  });
  onTestFinished(() => app.close());
  const send = createSender(app);
  const answer = (operationId: OperationId, call: TestCall = {}): Promise<TestAnswer> =>
    send(
      toRequest(operationId, { ...(call.session === undefined ? { token: organization.adminToken } : {}), ...call }),
    );
  return {
    clock,
    location,
    database,
    organizationId: organization.organizationId,
    adminEmail: organization.adminEmail,
    adminToken: organization.adminToken,
    async call<Id extends OperationId>(operationId: Id, call?: TestCall) {
      return parseSuccess<Id>(await answer(operationId, call));
    },
    refused: async (operationId, call) => parseProblem(await answer(operationId, call)),
    answer,
    send,
    allContents: () => readContents(location),
    contents: () => withoutObservations(readContents(location)),
    log: () => lines.join(""),
    close: () => app.close(),
  };
}

/** What a refusal leaves behind without changing anything, soon after it: events of refusals, alarms and their mail. */
function withoutObservations(contents: ReturnType<TestApp["contents"]>): ReturnType<TestApp["contents"]> {
  const { audit_heads: _heads, alarms: _alarms, audit_events: events = [], mail = [], ...rest } = contents;
  const has = (row: unknown, name: string, value: string) => JSON.parse(JSON.stringify(row))[name] === value;
  return {
    ...rest,
    audit_events: events.filter((row) => !has(row, "outcome", "refused")),
    mail: mail.filter((row) => !has(row, "kind", "dead_api_token_used")),
  };
}

/** Reads the problem of a refusal. The check of every answer has proven its shape. */
export function parseProblem(answer: TestAnswer): Problem {
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  const problem = JSON.parse(answer.text) as Problem;
  expect(problem.status).toBe(answer.status);
  return problem;
}

/** Reads the body of a success. The check of every answer has proven its shape. */
export function parseSuccess<Id extends OperationId>({ status, text }: TestAnswer): AnswerBody<Id> {
  expect(status, text).toBeLessThan(300);
  return (text === "" ? undefined : JSON.parse(text)) as AnswerBody<Id>;
}

/** Does `act` and requires that nothing stored has changed, last uses apart. */
export async function changesNothing<T>({ contents }: TestApp, act: () => Promise<T>): Promise<T> {
  const before = contents();
  const result = await act();
  expect(contents()).toEqual(before);
  return result;
}

/** A minute before the application starts, so that what it creates is newer. */
async function initialiseTest(database: Database, { now }: TestClock) {
  const clock = { now: () => new Date(now().getTime() - 60_000) };
  const names = { organization: "Test Ltd", adminEmail: "ada@test.example" };
  const { token, ...initialised } = await createOrganization(
    database,
    { ...names, place: "first" },
    { clock, randomBytes },
  );
  return { ...initialised, adminToken: token };
}

function createSender(app: ReturnType<typeof buildApp>) {
  return async ({ method, url, headers = {}, payload, from }: TestRequest): Promise<TestAnswer> => {
    const response = await app.inject({
      method: method as "GET",
      url,
      headers: { ...headers },
      ...(from === undefined ? {} : { remoteAddress: from }),
      ...(payload === undefined ? {} : { payload }),
    });
    const answer = {
      status: response.statusCode,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
      text: response.body,
    };
    checkAnswer(findOperation(method, url), answer);
    return answer;
  };
}

/** The request of an operation, as the contract places it. */
export function toRequest(
  operationId: OperationId,
  { token, session, id, query = {}, body, header = {} }: TestCall,
): TestRequest {
  const route = contractRoutes.get(operationId);
  if (route === undefined) throw new Error(`${operationId} is not in openapi.yaml`);
  const parameters = new URLSearchParams(
    Object.entries(query).flatMap(([name, values]) => [values].flat().map((value) => [name, String(value)])),
  );
  const search = parameters.size === 0 ? "" : `?${parameters}`;
  return {
    method: route.method,
    url: route.path.replace(/\{\w+\}/, encodeURIComponent(id ?? "")) + search,
    headers: {
      ...header,
      ...(typeof token === "string" ? { "x-api-key": token } : {}),
      ...(session === undefined ? {} : { cookie: session.cookie, "x-csrf-token": session.csrfToken }),
      ...(body === undefined ? {} : { "content-type": route.bodyMediaType }),
    },
    ...(body === undefined ? {} : { payload: encodeBody(route.bodyMediaType, body) }),
  };
}

function encodeBody(mediaType: string, body: unknown): string {
  if (mediaType !== "application/x-www-form-urlencoded") return JSON.stringify(body);
  return String(new URLSearchParams(Object.entries(body ?? {}).map(([name, value]) => [name, String(value)])));
}

function findOperation(method: string, url: string): string | undefined {
  const [path = ""] = url.split("?");
  const fits = [...contractRoutes].filter(([, route]) => {
    const pattern = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, "[^/]*")}$`);
    return route.method === method && pattern.test(path);
  });
  return (fits.find(([, route]) => route.path === path) ?? fits[0])?.[0];
}
