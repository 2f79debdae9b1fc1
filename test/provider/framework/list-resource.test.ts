import { describe, expect, test } from "vitest";
import {
  attribute,
  defineIdentity,
  defineListResource,
  defineResource,
  defineSchema,
  type ListResourceDefinition,
  type ListResourceEvent,
  type ProviderServer,
  type Resource,
  unknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured, readAll, unconfigured } from "./single-provider.ts";
import { errorsOf } from "./terraform-rules.ts";

const noteSchema = defineSchema({
  description: "A note.",
  attributes: {
    id: attribute.string({ computed: true, description: "Id." }),
    text: attribute.string({ required: true, description: "Text." }),
    color: attribute.string({ optional: true, default: "yellow", description: "Color." }),
    shade: attribute.string({ optional: true, deprecated: "Use color.", description: "Shade." }),
    pin: attribute.string({ optional: true, writeOnly: true, description: "Pin." }),
    size: attribute.single({
      optional: true,
      description: "Size.",
      attributes: {
        width: attribute.number({ required: true, description: "Width." }),
        area: attribute.number({ computed: true, description: "Area." }),
      },
    }),
  },
});
const filterSchema = defineSchema({
  description: "Which notes.",
  attributes: { contains: attribute.string({ optional: true, description: "Part of the text." }) },
});
type Notes = readonly string[];
type Listing = ListResourceDefinition<typeof filterSchema, typeof noteSchema, Notes>;

const { signal } = new AbortController();
const typeName = "acme_note";

function note(identified = true): Resource<Notes> {
  return defineResource<typeof noteSchema, Notes>({
    typeName,
    schema: noteSchema,
    create: async () => expect.unreachable(),
    read: async () => null,
    update: async () => expect.unreachable(),
    delete: async () => {},
    timeouts: { create: "10m" },
    ...(identified && {
      identity: defineIdentity({
        schema: noteSchema,
        attributes: { id: { type: "string", requiredForImport: true, description: "Id." } },
        of: ({ id }) => ({ id }),
        importId: ({ id }) => id,
      }),
    }),
  });
}

const stateOf = (text: string) => ({ id: `id-${text}`, text, color: "yellow", shade: null, pin: null, size: null });

const list: Listing["list"] = async function* ({ config, client }) {
  for (const text of client) {
    if (config.contains === null || text.includes(config.contains)) {
      yield { displayName: `Note ${text}`, state: stateOf(text) };
    }
  }
};

function definitions(handlers: Partial<Listing> = {}, identified = true) {
  const listing = defineListResource<typeof filterSchema, typeof noteSchema, Notes>({
    typeName,
    schema: filterSchema,
    resourceSchema: noteSchema,
    list,
    ...handlers,
  });
  return { resources: [note(identified)], listResources: [listing] };
}

async function collect(
  server: ProviderServer,
  config: Value = null,
  options: { readonly limit?: number; readonly includeResourceObject?: boolean } = {},
): Promise<readonly ListResourceEvent[]> {
  const request = { typeName, config, limit: 100, includeResourceObject: false, ...options };
  return readAll(server.listResource(request, signal));
}

describe("a list resource", () => {
  const notes = ["milk", "eggs", "more milk"];

  test("tells what exists by identity and display name, and by state only when asked", async () => {
    const server = await configured(notes, definitions());
    expect(await collect(server, { contains: "milk" })).toEqual([
      { identity: { id: "id-milk" }, displayName: "Note milk", diagnostics: [] },
      { identity: { id: "id-more milk" }, displayName: "Note more milk", diagnostics: [] },
    ]);
    const [first] = await collect(server, null, { includeResourceObject: true });
    expect(first?.resourceObject).toEqual({ ...stateOf("milk"), timeouts: null });
  });

  test("stops at the limit, and lets its handler end there", async () => {
    const ended: string[] = [];
    const endless: Listing["list"] = async function* () {
      try {
        for (let count = 0; ; count += 1) yield { displayName: "n", state: stateOf(String(count)) };
      } finally {
        ended.push("ended");
      }
    };
    const server = await configured<Notes>([], definitions({ list: endless }));
    expect(await collect(server, null, { limit: 3 })).toHaveLength(3);
    expect(ended).toEqual(["ended"]);
    for await (const _ of server.listResource(
      { typeName, config: null, limit: 9, includeResourceObject: false },
      signal,
    )) {
      break;
    }
    expect(ended).toEqual(["ended", "ended"]);
  });

  test("is told with the warnings of its way, each once, and ends with an error", async () => {
    const failing: Listing["list"] = async function* (request) {
      request.diagnostics.warn("Slow", "The list is long.");
      yield* list(request);
      throw new Error("The line was cut.");
    };
    const server = await configured(["milk", "eggs"], definitions({ list: failing }));
    const events = await collect(server);
    expect(events.map(({ identity, diagnostics }) => [identity, diagnostics.map(({ detail }) => detail)])).toEqual([
      [{ id: "id-milk" }, ["The list is long."]],
      [{ id: "id-eggs" }, []],
      [null, ["The line was cut."]],
    ]);
  });

  test("whose state does not fit is a bug of the provider", async () => {
    const wrong = {
      async *list(): AsyncGenerator<{ displayName: string; state: object }> {
        yield { displayName: "n", state: { text: "milk" } };
      },
    };
    const { resources, listResources } = definitions();
    const server = await configured<Notes>([], {
      resources,
      listResources: listResources.map((one) => ({ ...one, ...wrong })),
    });
    const events = await collect(server);
    expect(events.map(({ identity }) => identity)).toEqual([null]);
    expect(events[0]?.diagnostics[0]?.detail).toContain("bug in the provider");
  });

  test("is validated, also when its block was left out", async () => {
    const validate: Listing["validate"] = ({ config, diagnostics }) => {
      if (config.contains === "") diagnostics.error("Empty", "Leave it out.");
    };
    const server = unconfigured(notes, definitions({ validate }));
    const check = (config: Value) => server.validateListResourceConfig({ typeName, config }, signal);
    expect(errorsOf(await check(null))).toEqual([]);
    expect(errorsOf(await check({ contains: "" }))).toEqual([": Empty"]);
  });

  test("is not listed without a configured provider, nor by what is not known", async () => {
    const summaries = (events: readonly ListResourceEvent[]) => events.flatMap(errorsOf);
    const server = await configured(notes, definitions(), unknown);
    expect(summaries(await collect(server))).toEqual([": Could not list acme_note"]);
    const ready = await configured(notes, definitions());
    expect(summaries(await collect(ready, { contains: unknown }))).toEqual([": Could not list acme_note"]);
    const other = ready.listResource(
      { typeName: "acme_other", config: null, limit: 1, includeResourceObject: false },
      signal,
    );
    expect(summaries(await readAll(other))).toEqual([": Unknown list resource type"]);
  });

  test("of a resource type without identity is refused", () => {
    expect(() => unconfigured(notes, definitions({}, false))).toThrow("with an identity");
  });
});

describe("a generated configuration", () => {
  test("has what was written, and neither what the provider decides nor defaults, deprecated and write-only values", async () => {
    const server = await configured<Notes>([], definitions());
    const state = {
      ...stateOf("milk"),
      shade: "dark",
      size: { width: 2, area: 4 },
      timeouts: { create: "5m" },
    };
    expect(await server.generateResourceConfig({ typeName, state }, signal)).toEqual({
      config: {
        id: null,
        text: "milk",
        color: null,
        shade: null,
        pin: null,
        size: { width: 2, area: null },
        timeouts: { create: "5m" },
      },
      diagnostics: [],
    });
    const pink = await server.generateResourceConfig({ typeName, state: { ...state, color: "pink" } }, signal);
    expect(pink.config).toMatchObject({ color: "pink" });
    expect(
      errorsOf(
        await server.validateResourceConfig(
          {
            typeName,
            config: pink.config,
            clientCapabilities: { deferralAllowed: false, writeOnlyAttributesAllowed: true },
          },
          signal,
        ),
      ),
    ).toEqual([]);
  });
});
