import { type Call, receive } from "../provider/call.ts";
import { identify } from "../resource/identify.ts";
import { checkNewState } from "../resource/new-state.ts";
import type { Resource } from "../resource/resource.ts";
import { joinTimeouts } from "../schema/timeouts.ts";
import { isWhollyKnown } from "../values/value.ts";
import type { ListResource } from "./list-resource.ts";
import type { ListResourceEvent, ListResourceRequest } from "./list-resource-server.ts";

/** One listing: the resources that exist, each as an event, until the limit. Throws what the handler throws. */
export async function* listResources<Client>(
  call: Call<Client> & { readonly definition: ListResource<Client>; readonly resource: Resource<Client> },
  request: ListResourceRequest,
): AsyncGenerator<Omit<ListResourceEvent, "diagnostics">> {
  const { definition, resource, configuration, diagnostics, log, signal } = call;
  const { typeName } = definition;
  // A block that was left out is one with nothing in it.
  const config = receive(definition.schema, request.config ?? {}, diagnostics);
  if (config === undefined) return;
  if (!isWhollyKnown(config)) {
    diagnostics.error(`Could not list ${typeName}`, "Its configuration is not wholly known yet.");
    return;
  }
  const configured = configuration.require(diagnostics, `list ${typeName}`);
  if (configured === undefined || request.limit <= 0) return;
  const { client } = configured;
  let count = 0;
  const found = definition.list({ config, client, signal, diagnostics, log, limit: request.limit });
  for await (const { displayName, state: raw } of found) {
    const { state, bugs } = checkNewState(definition.resourceSchema, raw, typeName);
    diagnostics.add(...bugs);
    const identity = await identify(call, state, null);
    if (diagnostics.hasErrors) return;
    const resourceObject = request.includeResourceObject ? joinTimeouts(resource, state, null) : undefined;
    yield { identity, displayName, ...(resourceObject !== undefined && { resourceObject }) };
    count += 1;
    if (count >= request.limit) return;
  }
}
