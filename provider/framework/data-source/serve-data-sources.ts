import { type CallRunner, validate } from "../provider/call-runner.ts";
import type { DataSource } from "./data-source.ts";
import type { DataSourceServer } from "./data-source-server.ts";
import { readDataSource } from "./read-data-source.ts";

const kind = "data source";

/** The calls about data sources. */
export function serveDataSources<Client>(
  dataSources: ReadonlyMap<string, DataSource<Client>>,
  calls: CallRunner<Client>,
): DataSourceServer {
  return {
    validateDataResourceConfig: (request, signal) =>
      calls.answerFor(kind, dataSources, request.typeName, { signal, failed: {} }, ({ definition, diagnostics }) => {
        validate(definition, request.config, false, diagnostics);
        return {};
      }),
    readDataSource: (request, signal) =>
      calls.answerFor(kind, dataSources, request.typeName, { signal, failed: { state: null } }, (call) =>
        readDataSource(call, request),
      ),
  };
}
