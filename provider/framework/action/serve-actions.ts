import { type CallRunner, find, validate } from "../provider/call-runner.ts";
import type { Action } from "./action.ts";
import type { ActionServer, PlanActionResponse } from "./action-server.ts";
import { invokeAction, planAction } from "./invoke-action.ts";

const kind = "action type";

/** The calls about actions. */
export function serveActions<Client>(
  actions: ReadonlyMap<string, Action<Client>>,
  calls: CallRunner<Client>,
): ActionServer {
  return {
    validateActionConfig: ({ actionType, config }, signal) =>
      calls.answerFor(kind, actions, actionType, { signal, failed: {} }, ({ definition, diagnostics }) => {
        validate(definition, config, false, diagnostics);
        return {};
      }),
    planAction: (request, signal) => {
      const failed: Omit<PlanActionResponse, "diagnostics"> = {};
      return calls.answerFor(kind, actions, request.actionType, { signal, failed }, (call) =>
        planAction(call, request),
      );
    },
    invokeAction: async function* (request, signal) {
      const call = calls.begin(signal, request.actionType);
      const definition = find(kind, actions, request.actionType, call);
      if (definition !== undefined) yield* invokeAction({ ...call, definition }, request);
      else yield { completed: { diagnostics: call.diagnostics.list() } };
    },
  };
}
