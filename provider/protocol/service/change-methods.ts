import type { ResourceServer } from "../../framework/resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { attributePathMessage, diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";

/** The calls that plan and make a change of a managed resource. */
export function changeMethods(server: ResourceServer, method: DefineMethod): readonly NamedMethod[] {
  return [
    method("PlanResourceChange", async (request, signal) => {
      const response = await server.planResourceChange(
        {
          typeName: request.type_name,
          priorState: decodeDynamicValue(request.prior_state),
          proposedNewState: decodeDynamicValue(request.proposed_new_state),
          config: decodeDynamicValue(request.config),
          priorPrivate: request.prior_private,
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        planned_state: encodeDynamicValue(response.plannedState),
        requires_replace: response.requiresReplace.map(attributePathMessage),
        planned_private: response.plannedPrivate,
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
    method("ApplyResourceChange", async (request, signal) => {
      const response = await server.applyResourceChange(
        {
          typeName: request.type_name,
          priorState: decodeDynamicValue(request.prior_state),
          plannedState: decodeDynamicValue(request.planned_state),
          config: decodeDynamicValue(request.config),
          plannedPrivate: request.planned_private,
        },
        signal,
      );
      return {
        new_state: encodeDynamicValue(response.newState),
        private: response.private,
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
  ];
}
