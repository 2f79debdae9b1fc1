/** The calls about actions. */
import { clientCapabilities, deferred, diagnostics, dynamicValue, schema } from "./values.ts";

export const actionSchema = { schema: [1, schema] } as const;
const progress = { message: [1, "string"] } as const;
const completed = { diagnostics: [1, ...diagnostics] } as const;

export const actionMessages = {
  ActionSchema: actionSchema,
  "ValidateActionConfig.Request": { action_type: [1, "string"], config: [2, dynamicValue] },
  "ValidateActionConfig.Response": { diagnostics: [1, ...diagnostics] },
  "PlanAction.Request": {
    action_type: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "PlanAction.Response": { diagnostics: [1, ...diagnostics], deferred: [2, deferred] },
  "InvokeAction.Request": {
    action_type: [1, "string"],
    config: [2, dynamicValue],
    client_capabilities: [3, clientCapabilities],
  },
  "InvokeAction.Event": { progress: [1, progress, "optional"], completed: [2, completed, "optional"] },
  "InvokeAction.Event.Progress": progress,
  "InvokeAction.Event.Completed": completed,
} as const;
