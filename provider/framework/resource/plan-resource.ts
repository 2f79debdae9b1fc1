import { attempt, type ResourceCall, receiveFor } from "../provider/call.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { type AttributePath, formatPath } from "../values/attribute-path.ts";
import { conform } from "../values/conform.ts";
import { keepHoleTypes } from "../values/dynamic.ts";
import type { Value } from "../values/value.ts";
import { PlanEditor } from "./plan-editor.ts";
import { planState } from "./plan-state.ts";
import { StoredPrivateState } from "./private-state.ts";
import type { PlanResourceChangeRequest, PlanResourceChangeResponse } from "./resource-server.ts";

type Plan = Pick<PlanResourceChangeResponse, "plannedState" | "requiresReplace">;

/** Plans a create, update or destroy of one resource. */
export async function planResource<Client>(
  call: ResourceCall<Client>,
  request: PlanResourceChangeRequest,
): Promise<Omit<PlanResourceChangeResponse, "diagnostics">> {
  const { priorPrivate: plannedPrivate, priorIdentity: plannedIdentity = null } = request;
  const prior = receiveFor(call, request.priorState);
  const proposed = receiveFor(call, request.proposedNewState);
  const config = receiveFor(call, request.config);
  if (prior === undefined || proposed === undefined || config === undefined) {
    return { plannedState: request.priorState, requiresReplace: [], plannedPrivate, plannedIdentity };
  }
  const privateState = new StoredPrivateState(request.priorPrivate);
  const made =
    proposed.own === null
      ? await planDelete(call, prior.own, privateState)
      : await planChange(call, { prior: prior.own, planned: proposed.own, config: config.own }, privateState);
  if (made === undefined) {
    return { plannedState: request.priorState, requiresReplace: [], plannedPrivate, plannedIdentity };
  }
  const joined = joinTimeouts(call.resource, made.plannedState, proposed.timeouts);
  const plannedState = keepHoleTypes(call.resource.schema.type, joined, request.config);
  // Of a resource that is to be created nothing is known, and Terraform refuses an identity with unknown parts.
  return { ...made, plannedState, plannedPrivate, plannedIdentity: prior.own === null ? null : plannedIdentity };
}

async function planDelete<Client>(
  call: ResourceCall<Client>,
  prior: Value,
  privateState: StoredPrivateState,
): Promise<Plan | undefined> {
  const refuse = (): never => {
    throw new TypeError("The plan of a destroy cannot be changed.");
  };
  const request = {
    action: "delete",
    config: null,
    state: prior,
    plan: null,
    ...planContext(call, privateState),
    markUnknown: refuse,
    setPlanned: refuse,
    requireReplace: refuse,
  };
  const run = (): void | Promise<void> => call.resource.modifyPlan?.(request);
  await attempt(call, `plan the destruction of ${call.resource.typeName}`, run);
  return { plannedState: null, requiresReplace: [] };
}

async function planChange<Client>(
  call: ResourceCall<Client>,
  input: { readonly prior: Value; readonly planned: Value; readonly config: Value },
  privateState: StoredPrivateState,
): Promise<Plan | undefined> {
  const { handlerSchema: schema, typeName, modifyPlan } = call.resource;
  const { prior, config } = input;
  const action = `plan ${typeName}`;
  const fromSchema = await attempt(call, action, () => planState(schema, input));
  if (fromSchema === undefined) return undefined;
  const { planned, requiresReplace } = fromSchema.result;
  const editor = new PlanEditor(schema, config, planned, requiresReplace);
  const { markUnknown, setPlanned, requireReplace } = editor;
  const request = {
    action: prior === null ? "create" : "update",
    config,
    state: prior,
    plan: planned,
    ...planContext(call, privateState),
    markUnknown,
    setPlanned,
    requireReplace,
  };
  if ((await attempt(call, action, () => modifyPlan?.(request))) === undefined) return undefined;
  reportMismatches(call, editor.planned);
  return { plannedState: editor.planned, requiresReplace: prior === null ? [] : unique(editor.requiresReplace) };
}

function planContext<Client>(call: ResourceCall<Client>, privateState: StoredPrivateState): object {
  const { current } = call.configuration;
  return {
    client: current.status === "configured" ? current.client : undefined,
    signal: call.signal,
    diagnostics: call.diagnostics,
    log: call.log,
    privateState,
  };
}

/** A plan modifier of the provider's own may have planned anything. */
function reportMismatches<Client>(call: ResourceCall<Client>, planned: Value): void {
  for (const { path, message } of conform(call.resource.handlerSchema.type, planned, "handler").mismatches) {
    const detail = `${formatPath(path)}: ${message} This is a bug in the provider; please report it.`;
    call.diagnostics.error(`Invalid plan of ${call.resource.typeName}`, detail, path);
  }
}

function unique(paths: readonly AttributePath[]): readonly AttributePath[] {
  return [...new Map(paths.map((path) => [formatPath(path), path])).values()];
}
