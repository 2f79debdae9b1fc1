import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { attempt, type Call } from "../provider/call.ts";
import { type CallRunner, find, validate } from "../provider/call-runner.ts";
import type { Resource } from "../resource/resource.ts";
import type { ListResource } from "./list-resource.ts";
import type { ListResourceEvent, ListResourceServer } from "./list-resource-server.ts";
import { listResources } from "./list-resources.ts";

const kind = "list resource type";

type Found = Omit<ListResourceEvent, "diagnostics">;

/** The calls about list resources. */
export function serveListResources<Client>(
  definitions: ReadonlyMap<string, ListResource<Client>>,
  resources: ReadonlyMap<string, Resource<Client>>,
  calls: CallRunner<Client>,
): ListResourceServer {
  return {
    validateListResourceConfig: ({ typeName, config }, signal) =>
      calls.answerFor(kind, definitions, typeName, { signal, failed: {} }, ({ definition, diagnostics }) => {
        validate(definition, config ?? {}, false, diagnostics);
        return {};
      }),
    listResource: async function* (request, signal) {
      const call = calls.begin(signal, request.typeName);
      const definition = find(kind, definitions, request.typeName, call);
      const resource = resources.get(request.typeName);
      const found =
        definition === undefined || resource === undefined
          ? nothing()
          : listResources({ ...call, definition, resource }, request);
      yield* withDiagnostics(call, `list ${request.typeName}`, found);
    },
  };
}

async function* nothing(): AsyncGenerator<Found> {}

/** Each event with what was reported since the one before; what is left at the end is an event of its own. */
async function* withDiagnostics<Client>(
  call: Call<Client>,
  action: string,
  events: AsyncGenerator<Found>,
): AsyncGenerator<ListResourceEvent> {
  let told = 0;
  const news = (): readonly Diagnostic[] => {
    const all = call.diagnostics.list();
    const fresh = all.slice(told);
    told = all.length;
    return fresh;
  };
  try {
    while (true) {
      const next = await attempt(call, action, () => events.next());
      if (next === undefined || next.result.done === true) break;
      yield { ...next.result.value, diagnostics: news() };
    }
    const diagnostics = news();
    if (diagnostics.length > 0) yield { identity: null, displayName: "", diagnostics };
  } finally {
    await attempt(call, action, () => events.return(undefined));
  }
}
