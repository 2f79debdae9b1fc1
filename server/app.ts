import { randomUUID } from "node:crypto";
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from "fastify";
import { BackgroundWork } from "./domain/background-work.ts";
import { ChangeWatch } from "./domain/change-watch.ts";
import type { Clock } from "./domain/clock.ts";
import { DeadTokenAlarm } from "./domain/dead-token-alarm.ts";
import type { GithubKeys } from "./domain/github-signature.ts";
import type { IdentityProvider } from "./domain/identity-provider.ts";
import { createIdGenerator } from "./domain/ids.ts";
import { LastUseRecorder } from "./domain/last-use-recorder.ts";
import { ProblemError } from "./domain/problem.ts";
import { type RateLimit, RateLimiter } from "./domain/rate-limiter.ts";
import { RefusalRecorder } from "./domain/refusal-recorder.ts";
import { leakReportLimit } from "./domain/report-leak.ts";
import { createSecretIssuer } from "./domain/secret-text.ts";
import { defaultSessionLimits } from "./domain/session.ts";
import type { SignInSettings } from "./domain/sign-in.ts";
import type { Database } from "./domain/stores.ts";
import { createTokenIssuer } from "./domain/token-text.ts";
import { TokenVerifier } from "./domain/token-verifier.ts";
import { bindContract } from "./http/bind-contract.ts";
import { type ContractOperation, readContract } from "./http/contract.ts";
import { acceptFormBodies } from "./http/form-body.ts";
import { acceptJsonBodies } from "./http/json-body.ts";
import { observeRequests } from "./http/observe-requests.ts";
import { handlers } from "./http/operations.ts";
import { explainProblems, problemAnswer } from "./http/problem.ts";
import { maxBodyBytes } from "./http/problem-places.ts";
import { refuseConnection } from "./http/refused-connection.ts";
import { refuseRepeatedHeaders } from "./http/repeated-headers.ts";
import { logRequests } from "./http/request-log.ts";
import { type PageOptions, servePage } from "./http/serve-page.ts";
import { serveReference } from "./http/serve-reference.ts";
import { type RequestTracer, traceRequests } from "./http/trace-requests.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { Services } from "./operations/operation.ts";
import { createReferenceFiles, referencePaths } from "./reference/reference-files.ts";

/** What the application is made of. The caller opens and closes the database. */
export type AppDependencies = {
  readonly database: Database;
  /** What `readContract` gives; read when absent. Whoever builds many applications reads and compiles it once. */
  readonly contract?: readonly ContractOperation[];
  readonly clock: Clock;
  /** How people reach this server, without a slash at the end. A function: a free port is known when it listens. */
  readonly publicUrl: () => string;
  /** Gives `size` bytes from a cryptographic source. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Where the log goes, as Fastify takes it. */
  readonly logger: FastifyServerOptions["logger"];
  /** How many refused tokens of one address are told why. No limit when undefined. */
  readonly failedAuthentications?: RateLimit | undefined;
  /** Told what there is to count and measure. */
  readonly metrics?: Pick<ServerMetrics, "observeVerification" | "observeRequest"> | undefined;
  /** GitHub's public keys by their identifiers, which sign what its secret scanning reports. None when undefined. */
  readonly githubKeys?: GithubKeys | undefined;
  /** Makes a span of each request. */
  readonly tracer?: RequestTracer | undefined;
  /** Absent for an application without the admin page. */
  readonly page?: PageOptions;
  readonly identityProvider?: IdentityProvider | undefined;
  /** Sessions end after 8 hours without a request and after 7 days in all when absent. */
  readonly signIn?: SignInSettings;
  /** Which addresses may say in `X-Forwarded-For` whom they speak for: addresses and networks as `10.0.0.0/8`. */
  readonly trustedProxies?: readonly string[];
};

/** How long a request may take to arrive, in milliseconds. */
const requestTimeoutMs = 30_000;

/**
 * Builds the application. It never listens; `close` lets requests under way finish and writes the last uses.
 * @throws Error when the handlers and the contract differ.
 */
export function buildApp(dependencies: AppDependencies): FastifyInstance {
  const { trustedProxies = [] } = dependencies;
  const app = Fastify({
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    logger: dependencies.logger ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    // Node's own answers to these are no problems.
    http: { requireHostHeader: false },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, app.log),
    // A request that was on its way when the end began is answered like any other.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1000 },
    genReqId: () => randomUUID(),
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply),
  });
  const work = createBackgroundWork(app);
  const services = createServices(dependencies, app, work);
  app.decorateRequest("principal", undefined);
  app.decorateRequest("hasArrived", false);
  if (dependencies.tracer !== undefined) traceRequests(app, dependencies.tracer);
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers({
      "X-Request-Id": request.id,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    // Before the body is read: no fault of the body is more to the point.
    if (request.raw.httpVersion === "1.1" && request.raw.headers.host === undefined) throw hostMissing();
    if (request.is404) throw routeNotFound();
    refuseRepeatedHeaders(request.raw);
  });
  closeConnectionsAtTheEnd(app);
  // Requests that wait for something to happen would hold up the end.
  app.addHook("preClose", async () => services.changes.close());
  logRequests(app);
  if (dependencies.metrics !== undefined) observeRequests(app, dependencies.metrics.observeRequest);
  app.removeAllContentTypeParsers();
  acceptJsonBodies(app, dependencies.githubKeys ?? new Map());
  acceptFormBodies(app);
  app.setErrorHandler(answerProblem);
  bindContract(app, dependencies.contract ?? readContract(), handlers, services);
  serveReference(app, referencePaths, () => createReferenceFiles(explainProblems()));
  if (dependencies.page !== undefined) servePage(app, dependencies.page);
  app.addHook("onClose", async () => {
    services.refusals.close();
    await Promise.all([work.close(), services.lastUses.close()]);
  });
  return app;
}

/** A request under way when the end begins is the last one of its connection: kept open, it would hold up the end. */
function closeConnectionsAtTheEnd(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    if (isClosing) void reply.header("Connection", "close");
  });
}

function createBackgroundWork(app: FastifyInstance): BackgroundWork {
  return new BackgroundWork({
    onError: (error, isFinal) =>
      app.log.error(
        { err: error },
        isFinal ? "background work was given up" : "background work failed; it is tried again",
      ),
  });
}

/** How many sign-in links may be asked for, from one network and for one address. */
const linksPerNetwork: RateLimit = { name: "sign-in-links", quota: 20, windowSeconds: 900 };
const linksPerEmail: RateLimit = { name: "sign-in-links", quota: 5, windowSeconds: 900 };
/** How many refusals of one link are recorded. */
const refusalsPerLink: RateLimit = { name: "link-refusals", quota: 3, windowSeconds: 3600 };

function createServices(dependencies: AppDependencies, app: FastifyInstance, work: BackgroundWork): Services {
  const { database, clock, publicUrl, randomBytes, failedAuthentications, metrics } = dependencies;
  const newId = createIdGenerator(clock, randomBytes);
  const alarming = { database, clock, newId, work };
  return {
    database,
    clock,
    publicUrl,
    newId,
    leakReports: new RateLimiter(leakReportLimit, clock),
    deadTokens: new DeadTokenAlarm(alarming),
    refusals: new RefusalRecorder({
      ...alarming,
      onOverflow: ({ organizationId, actor, operationId, code }) =>
        app.log.warn({ organizationId, actor, operationId, code }, "too many refusals to record this one as an event"),
    }),
    issueToken: createTokenIssuer(randomBytes),
    changes: new ChangeWatch({ auditEvents: database.stores.auditEvents, monotonicMs: () => performance.now() }),
    verifier: new TokenVerifier(database.stores.secrets, clock, metrics?.observeVerification),
    failedAuthentications:
      failedAuthentications === undefined ? undefined : new RateLimiter(failedAuthentications, clock),
    issueSecret: createSecretIssuer(randomBytes),
    identityProvider: dependencies.identityProvider,
    signIn: dependencies.signIn ?? { sessions: defaultSessionLimits },
    linkRequests: {
      byAddress: new RateLimiter(linksPerNetwork, clock),
      byEmail: new RateLimiter(linksPerEmail, clock),
    },
    linkRefusals: new RateLimiter(refusalsPerLink, clock),
    work,
    lastUses: new LastUseRecorder({
      write: (uses) => database.transact((stores) => stores.apiTokens.updateLastUses(uses)),
      onError: (error) =>
        app.log.error({ err: error }, "last uses could not be written; they are kept and tried again"),
    }),
  };
}

/** RFC 9112 section 3.2. */
function hostMissing(): ProblemError {
  return new ProblemError("http_malformed", "Send a Host header, as HTTP/1.1 requires.");
}

function routeNotFound(): ProblemError {
  return new ProblemError("route_not_found", "Check method and path against openapi.yaml.");
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, headers } = problemAnswer(error, {
    id: request.id,
    bodyMediaType: request.routeOptions?.config.bodyMediaType ?? "application/json",
    maxBodyBytes: request.routeOptions?.bodyLimit ?? maxBodyBytes,
    authorization: request.headers.authorization,
    isSignedIn: request.principal?.type === "user",
  });
  if (problem.status >= 500) request.log.error({ err: error, requestId: request.id }, "request failed");
  if (request.routeOptions?.config.isRedirect === true && request.headers.accept?.includes("text/html") === true) {
    // A person sits before it: the sign-in page explains the code.
    return reply.code(303).header("Location", `/sign-in?problem=${problem.code}`).send();
  }
  return reply
    .code(problem.status)
    .headers({
      "X-Request-Id": request.id,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    })
    .type("application/problem+json")
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}
