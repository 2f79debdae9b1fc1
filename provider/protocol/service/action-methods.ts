import type { ActionServer } from "../../framework/action/action-server.ts";
import { decodeDynamicValue } from "../dynamic-value.ts";
import { diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import { deferredMessage } from "./deferred-message.ts";
import type { DefineMethod, DefineStream, NamedMethod } from "./define-method.ts";

/** The calls about actions. */
export function actionMethods(
  server: ActionServer,
  method: DefineMethod,
  stream: DefineStream,
): readonly NamedMethod[] {
  return [
    method("ValidateActionConfig", async (request, signal) => {
      const { diagnostics } = await server.validateActionConfig(
        { actionType: request.action_type, config: decodeDynamicValue(request.config) },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage) };
    }),
    method("PlanAction", async (request, signal) => {
      const { deferred, diagnostics } = await server.planAction(
        {
          actionType: request.action_type,
          config: decodeDynamicValue(request.config),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return { diagnostics: diagnostics.map(diagnosticMessage), deferred: deferredMessage(deferred) };
    }),
    stream("InvokeAction", async function* (request, signal) {
      const invocation = { actionType: request.action_type, config: decodeDynamicValue(request.config) };
      for await (const event of server.invokeAction(invocation, signal)) {
        yield "progress" in event
          ? { progress: { message: event.progress } }
          : { completed: { diagnostics: event.completed.diagnostics.map(diagnosticMessage) } };
      }
    }),
  ];
}
