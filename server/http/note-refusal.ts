import type { FastifyRequest } from "fastify";
import type { RequestOrigin } from "../domain/audit-event.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { by } from "../domain/principal.ts";
import { type ProblemCode, ProblemError } from "../domain/problem.ts";
import type { RefusalRecorder } from "../domain/refusal-recorder.ts";
import type { ContractOperation } from "./contract.ts";

/** Refusals of what somebody may not do, whatever the operation. */
const notAllowed: ReadonlySet<ProblemCode> = new Set([
  "role_insufficient",
  "csrf_token_invalid",
  "last_admin",
  "label_confirmation_mismatch",
  "label_confirmation_missing",
  "label_in_use",
  "policy_refused",
  "tokens_may_not_generate",
  "last_admin",
  "session_required",
  "csrf_token_invalid",
]);
/** Refusals of tokens of somebody known: of an administrative operation, an attempt; elsewhere at most an alarm. */
const notAccepted: ReadonlySet<ProblemCode> = new Set([
  "authentication_revoked",
  "authentication_expired",
  "authentication_retired",
  "authentication_network_not_allowed",
]);

/**
 * Hands a refused administrative attempt of somebody known to the recorder. Returns at once, and gives the error back.
 * @param error what the request is refused with; anything that is no such refusal is left alone.
 */
export function noteRefusal(
  refusals: RefusalRecorder,
  { operationId, callers, path }: ContractOperation,
  request: Pick<FastifyRequest, "principal" | "params">,
  origin: RequestOrigin,
  error: unknown,
): unknown {
  if (!(error instanceof ProblemError)) return error;
  const isAdministrative = callers === "admin" || callers === "user";
  if (!notAllowed.has(error.code) && !(isAdministrative && notAccepted.has(error.code))) return error;
  const sender = request.principal === undefined ? error.sender : by({ principal: request.principal, origin });
  if (sender === undefined) return error;
  const { organizationId, actor } = sender;
  const apiTokenId = path.startsWith("/v2/api-tokens/:id") ? idIn(request.params) : null;
  refusals.record({ organizationId, actor, origin, operationId, code: error.code, apiTokenId });
  return error;
}

/** The id of the path; null when it is none, for the request may be refused before it is validated. */
function idIn(params: unknown): ApiTokenId | null {
  const id = typeof params === "object" && params !== null && "id" in params ? params.id : undefined;
  return typeof id === "string" && /^[0-9a-f]{24}$/.test(id) ? parseId<ApiTokenId>(id) : null;
}
