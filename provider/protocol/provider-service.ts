/** The service `tfplugin6.Provider` over a {@link ProviderServer}: protobuf and msgpack on one side, plain objects on the other. */
import type { Log } from "../framework/diagnostics/log.ts";
import type { ProviderServer } from "../framework/provider/provider-server.ts";
import type { GrpcMethod } from "./grpc-server.ts";
import { actionMethods } from "./service/action-methods.ts";
import { changeMethods } from "./service/change-methods.ts";
import { dataSourceMethods } from "./service/data-source-methods.ts";
import { methodsLoggedTo, streamsLoggedTo } from "./service/define-method.ts";
import { ephemeralResourceMethods } from "./service/ephemeral-resource-methods.ts";
import { functionMethods } from "./service/function-methods.ts";
import { identityMethods } from "./service/identity-methods.ts";
import { listResourceMethods } from "./service/list-resource-methods.ts";
import { providerMethods } from "./service/provider-methods.ts";
import { resourceMethods } from "./service/resource-methods.ts";

/** The methods that `server` answers, by their gRPC paths. All others of the service are to be answered UNIMPLEMENTED. */
export function providerService(server: ProviderServer, log: Log): ReadonlyMap<string, GrpcMethod> {
  const method = methodsLoggedTo(log);
  const stream = streamsLoggedTo(log);
  return new Map([
    ...providerMethods(server, method),
    ...resourceMethods(server, method),
    ...changeMethods(server, method),
    ...identityMethods(server, method),
    ...dataSourceMethods(server, method),
    ...ephemeralResourceMethods(server, method),
    ...functionMethods(server, method),
    ...listResourceMethods(server, method, stream),
    ...actionMethods(server, method, stream),
  ]);
}
