import type { ResourceServer } from "../../framework/resource/resource-server.ts";
import { decodeDynamicValue, encodeDynamicValue } from "../dynamic-value.ts";
import { attributePathMessage, diagnosticMessage } from "../schema-messages.ts";
import { clientCapabilities } from "./client-capabilities.ts";
import type { DefineMethod, NamedMethod } from "./define-method.ts";
import { decodeIdentity, identityMessage } from "./identity-methods.ts";

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
          priorIdentity: decodeIdentity(request.prior_identity),
          clientCapabilities: clientCapabilities(request),
        },
        signal,
      );
      return {
        planned_state: encodeDynamicValue(response.plannedState),
        requires_replace: response.requiresReplace.map(attributePathMessage),
        planned_private: response.plannedPrivate,
        planned_identity: identityMessage(response.plannedIdentity),
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
          plannedIdentity: decodeIdentity(request.planned_identity),
        },
        signal,
      );
      return {
        new_state: encodeDynamicValue(response.newState),
        private: response.private,
        new_identity: identityMessage(response.newIdentity),
        diagnostics: response.diagnostics.map(diagnosticMessage),
      };
    }),
  ];
}
