import { isIP } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { RequestOrigin } from "../domain/audit-event.ts";
import type { Browser } from "../domain/browser.ts";
import { type Callers, type Principal, requireAdmin } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import type { OperationId, Services } from "../operations/operation.ts";
import { authenticate } from "./authenticate.ts";
import { chargeFailure } from "./charge-failure.ts";
import type { BodyMediaType, ContractOperation, Signer } from "./contract.ts";
import { createBrowser } from "./cookies.ts";
import { readCredentials } from "./credentials.ts";
import { jsonLines } from "./json-lines.ts";
import { noteRefusal } from "./note-refusal.ts";
import type { Handlers } from "./operations.ts";
import { requireCsrfToken, requireOwnPage } from "./own-page.ts";
import { createRequestValidator, type RawRequest } from "./request-validator.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent the request, once that is known. */
    principal: Principal | undefined;
    /** Whether its last byte had arrived when it was authenticated. */
    hasArrived: boolean;
  }
  interface FastifyContextConfig {
    operationId?: string;
    /** Whether browsers are sent through it. */
    isRedirect?: boolean;
    /** How the operation takes its body. */
    bodyMediaType?: BodyMediaType;
    /** Who must have signed the raw body. */
    signedBy?: Signer;
  }
}

/** An operation whose types are erased: the contract's validation stands in for them. */
type Run = (
  services: Services,
  call: RawRequest & { readonly principal: unknown; readonly origin: RequestOrigin; readonly browser: Browser },
) => Promise<unknown>;

type AnswerWithHeaders = { readonly headers: Readonly<Record<string, string>>; readonly body: unknown };

/**
 * Makes a route of every operation: authenticate, authorize, validate, run, serialize, each as the contract says.
 * @throws Error when handlers and contract differ.
 */
export function bindContract(
  app: FastifyInstance,
  contract: readonly ContractOperation[],
  handlers: Handlers,
  services: Services,
): void {
  refuseDifferences(contract, handlers);
  for (const operation of contract) {
    if (!isOperationId(handlers, operation.operationId)) continue;
    bindOperation(app, operation, handlers[operation.operationId].run as Run, services);
  }
  for (const path of new Set(contract.map((operation) => operation.path))) refuseOtherMethods(app, contract, path);
}

/** @throws Error that names each operation of which only the contract or only the handlers know, or whose callers differ. */
export function refuseDifferences(contract: readonly ContractOperation[], handlers: Handlers): void {
  const described = new Map(contract.map((operation) => [operation.operationId, operation.callers]));
  const differences = [
    ...[...described.keys()].filter((id) => !isOperationId(handlers, id)).map((id) => `${id} has no handler`),
    ...Object.entries(handlers).flatMap(([id, { callers }]) => {
      const expected = described.get(id);
      if (expected === undefined) return [`${id} is not in the contract`];
      return expected === callers ? [] : [`${id} is for ${expected} in the contract and for ${callers} in its handler`];
    }),
  ];
  if (differences.length > 0) throw new Error(`openapi.yaml and the handlers differ: ${differences.join("; ")}.`);
}

function bindOperation(app: FastifyInstance, operation: ContractOperation, run: Run, services: Services): void {
  const validate = createRequestValidator(operation);
  const { successStatus, successSchema, hasOwnHeaders, callers } = operation;
  const headerNames = Object.keys(operation.headerSchema["properties"] ?? {});
  const browserOf = (request: FastifyRequest, reply: FastifyReply) =>
    createBrowser(request.raw, reply, services.publicUrl().startsWith("https:"));
  const identifyCaller = (request: FastifyRequest, reply: FastifyReply) =>
    identify(services, operation, request, reply, browserOf(request, reply));
  app.route({
    method: operation.method,
    url: operation.path,
    config: {
      operationId: operation.operationId,
      bodyMediaType: operation.bodyMediaType,
      ...(operation.signedBy === undefined ? {} : { signedBy: operation.signedBy }),
      isRedirect: successStatus === 303,
    },
    ...(operation.maxBodyBytes === undefined ? {} : { bodyLimit: operation.maxBodyBytes }),
    ...(successSchema === undefined ? {} : { schema: { response: { [successStatus]: successSchema } } }),
    // Before the body is read: who may not call learns nothing about what would be valid.
    async onRequest(request: FastifyRequest, reply: FastifyReply) {
      if (operation.isOwnPageOnly) requireOwnPageWithoutToken(services, request);
      if (callers === "public") return;
      await identifyCaller(request, reply);
      request.hasArrived = request.method === "GET" || request.raw.complete;
    },
    // A body takes as long as its sender likes: whoever was revoked meanwhile must not get through with it.
    async preHandler(request: FastifyRequest, reply: FastifyReply) {
      if (callers !== "public" && !request.hasArrived) await identifyCaller(request, reply);
    },
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const valid = validate({
        path: request.params,
        query: request.query,
        header: pickHeaders(headerNames, request.headers),
        body: request.body ?? undefined,
      });
      const { principal } = request;
      const call = { ...valid, principal, origin: originOf(request), browser: browserOf(request, reply) };
      const answer = await run(services, call).catch((error: unknown) => {
        throw noteRefusal(services.refusals, operation, request, call.origin, error);
      });
      void reply.code(successStatus);
      if (operation.isStream) return reply.type("application/jsonl").send(jsonLines(answer as AsyncIterable<unknown>));
      if (successStatus === 201) void reply.header("Location", `${operation.path}/${idOf(answer)}`);
      if (!hasOwnHeaders) return answer;
      const { headers, body } = answer as AnswerWithHeaders;
      void reply.headers(headers);
      return body;
    },
  });
}

/** The fields that an operation takes, under the contract's names. */
function pickHeaders(names: readonly string[], headers: FastifyRequest["headers"]): Readonly<Record<string, unknown>> {
  const given = names.map((name) => [name, headers[name.toLowerCase()]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Finds out who sends a request, and refuses whom the operation is not for. */
async function identify(
  services: Services,
  operation: ContractOperation,
  request: FastifyRequest,
  reply: FastifyReply,
  browser: Browser,
): Promise<void> {
  const origin = originOf(request);
  const { callers, limitsFailures } = operation;
  const presented = { message: request.raw, browser, origin };
  const sessions = callers === "any-token" ? "ignored" : "accepted";
  const principal = await authenticate(services, presented, sessions).catch((error: unknown) => {
    // Kept any longer, it would stand in the way of a token.
    if (error instanceof ProblemError && error.code === "session_ended") browser.forgetSession();
    noteRefusal(services.refusals, operation, request, origin, error);
    throw limitsFailures ? chargeFailure(services.failedAuthentications, error, origin.ip ?? "", reply) : error;
  });
  request.principal = principal;
  try {
    if (principal.type === "user" && request.method !== "GET" && request.method !== "HEAD") {
      requireOwnPage(request.headers, services.publicUrl());
      requireCsrfToken(request.headers, principal);
    }
    requireCaller(callers, principal);
  } catch (error) {
    throw noteRefusal(services.refusals, operation, request, origin, error);
  }
}

function requireCaller(callers: Callers, principal: Principal): void {
  if (callers === "admin") requireAdmin(principal);
  if (callers === "user" && principal.type !== "user") {
    throw new ProblemError("session_required", "Sign in at /sign-in. A token cannot do this.");
  }
}

/** A token never becomes a session, and another site never signs anybody in. */
function requireOwnPageWithoutToken(services: Services, request: FastifyRequest): void {
  if (readCredentials(request.raw) !== undefined) {
    throw new ProblemError("credentials_ambiguous", "Sign in without a token: a token never becomes a session.");
  }
  requireOwnPage(request.headers, services.publicUrl());
}

/** How much of a `User-Agent` is kept, in characters. */
const maxUserAgentLength = 256;

/** What a trusted proxy passes on unread may be no address; then the proxy's own counts. */
function originOf({ ip, socket, headers, id }: FastifyRequest): RequestOrigin {
  const userAgent = headers["user-agent"]?.slice(0, maxUserAgentLength) ?? null;
  return { ip: isIP(ip) === 0 ? (socket.remoteAddress ?? null) : ip, userAgent, requestId: id };
}

const allMethods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/** A known path answers 405 to methods that it does not have. */
function refuseOtherMethods(app: FastifyInstance, contract: readonly ContractOperation[], path: string): void {
  const known: HTTPMethods[] = contract
    .filter((operation) => operation.path === path)
    .map((operation) => operation.method);
  if (known.includes("GET")) known.push("HEAD");
  const allowed = known.join(", ");
  app.route({
    method: allMethods.filter((method) => !known.includes(method)),
    url: path,
    async onRequest(_request, reply) {
      void reply.header("Allow", allowed);
      throw new ProblemError("method_not_allowed", `Use one of ${allowed}.`);
    },
    handler: async () => undefined,
  });
}

function isOperationId(handlers: Handlers, id: string): id is OperationId {
  return Object.hasOwn(handlers, id);
}

function idOf(answer: unknown): string {
  return typeof answer === "object" && answer !== null && "id" in answer ? String(answer.id) : "";
}
