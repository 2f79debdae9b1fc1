import { attempt, type Call, receive } from "../provider/call.ts";
import { secretsIn } from "../schema/attribute-values.ts";
import { keepHoleTypes } from "../values/dynamic.ts";
import { isWhollyKnown } from "../values/value.ts";
import type { DataSource } from "./data-source.ts";
import type { ReadDataSourceRequest, ReadDataSourceResponse } from "./data-source-server.ts";
import { checkResult, expectedResult } from "./result.ts";

/** Reads one data source. What cannot be read yet is left for later where Terraform allows that, and otherwise refused. */
export async function readDataSource<Client>(
  call: Call<Client> & { readonly definition: DataSource<Client> },
  request: ReadDataSourceRequest,
): Promise<Omit<ReadDataSourceResponse, "diagnostics">> {
  const { definition, configuration, diagnostics, log, signal } = call;
  const { schema, typeName } = definition;
  const nothing = { state: null };
  const config = receive(schema, request.config, diagnostics);
  if (config === undefined || config === null) return nothing;
  const isUnknownProvider = configuration.current.status === "unknown";
  if (request.clientCapabilities.deferralAllowed && (isUnknownProvider || !isWhollyKnown(config))) {
    const deferred = isUnknownProvider ? "provider configuration unknown" : "resource configuration unknown";
    return { state: keepHoleTypes(schema.type, expectedResult(schema, config), request.config), deferred };
  }
  if (!isWhollyKnown(config)) {
    diagnostics.error(`Could not read ${typeName}`, "Its configuration is not wholly known yet.");
    return nothing;
  }
  if (isUnknownProvider) {
    const detail =
      "The provider block depends on values that are not known yet. Apply what they come from first, for example with -target, or name it in depends_on of the data source: it is then read during apply.";
    diagnostics.error(`Could not read ${typeName}`, detail);
    return nothing;
  }
  const configured = configuration.require(diagnostics, `read ${typeName}`);
  if (configured === undefined) return nothing;
  const handlerRequest = { config, client: configured.client, signal, diagnostics, log };
  const done = await attempt(call, `read ${typeName}`, () => definition.read(handlerRequest));
  if (done === undefined || diagnostics.hasErrors) return nothing;
  const { state, bugs } = checkResult(schema, done.result, typeName, config);
  for (const secret of secretsIn(schema.attributes, state)) diagnostics.redact(secret);
  diagnostics.add(...bugs);
  return bugs.length > 0 ? nothing : { state: keepHoleTypes(schema.type, state, request.config) };
}
