import { attempt, type Call, receive } from "../provider/call.ts";
import { isWhollyKnown } from "../values/value.ts";
import type { Action } from "./action.ts";
import type { InvokeActionEvent, InvokeActionRequest, PlanActionRequest, PlanActionResponse } from "./action-server.ts";
import { EventQueue } from "./event-queue.ts";

/** One call about an action. */
export interface ActionCall<Client> extends Call<Client> {
  readonly definition: Action<Client>;
}

/** Lets an action look ahead. While the provider block is not known that is left out, or left for later where Terraform allows it. */
export async function planAction<Client>(
  call: ActionCall<Client>,
  request: PlanActionRequest,
): Promise<Omit<PlanActionResponse, "diagnostics">> {
  const { definition, configuration, diagnostics, log, signal } = call;
  const { schema, typeName, plan } = definition;
  const config = receive(schema, request.config, diagnostics);
  if (config === undefined) return {};
  if (configuration.current.status === "unknown") {
    return request.clientCapabilities.deferralAllowed ? { deferred: "provider configuration unknown" } : {};
  }
  const configured = configuration.require(diagnostics, `plan ${typeName}`);
  if (configured === undefined || plan === undefined) return {};
  await attempt(call, `plan ${typeName}`, () => plan({ config, client: configured.client, signal, diagnostics, log }));
  return {};
}

/** Does what an action does: its progress as it comes, then its end. */
export async function* invokeAction<Client>(
  call: ActionCall<Client>,
  request: InvokeActionRequest,
): AsyncGenerator<InvokeActionEvent> {
  const { diagnostics } = call;
  const messages = new EventQueue<string>();
  const progress = (message: string): void => messages.add(diagnostics.clean(message));
  const invoked = invoke(call, request, progress).finally(() => messages.end());
  try {
    for await (const message of messages) yield { progress: message };
  } finally {
    // Whoever stops listening has not ended the action: the process waits for what is under way.
    await invoked;
  }
  yield { completed: { diagnostics: diagnostics.list() } };
}

async function invoke<Client>(
  call: ActionCall<Client>,
  request: InvokeActionRequest,
  progress: (message: string) => void,
): Promise<void> {
  const { definition, configuration, diagnostics, log, signal } = call;
  const { schema, typeName } = definition;
  const config = receive(schema, request.config, diagnostics);
  if (config === undefined) return;
  if (!isWhollyKnown(config)) {
    diagnostics.error(`Could not invoke ${typeName}`, "Its configuration is not wholly known yet.");
    return;
  }
  const configured = configuration.require(diagnostics, `invoke ${typeName}`);
  if (configured === undefined) return;
  await attempt(call, `invoke ${typeName}`, () =>
    definition.invoke({ config, client: configured.client, signal, diagnostics, log, progress }),
  );
}
