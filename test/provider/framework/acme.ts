/** A small provider over an in-memory world, to drive the framework as Terraform does. */
import {
  attribute,
  attributePath,
  conflicting,
  defineProvider,
  defineResource,
  defineSchema,
  exactlyOneOf,
  isUnknown,
  lengthBetween,
  type PlannedOf,
  type Provider,
  pattern,
  type Resource,
  type ResourceDefinition,
  requiresReplace,
  requiresReplaceIf,
  type StateOf,
  sameDuration,
  type UnknownValue,
  useStateForUnknown,
} from "../../../provider/framework/index.ts";

export const serverSchema = defineSchema({
  description: "A server.",
  version: 2,
  validators: [conflicting("note", "notes")],
  attributes: {
    id: attribute.string({ computed: true, description: "Id.", planModifiers: [useStateForUnknown()] }),
    name: attribute.string({ required: true, description: "Name.", validators: [lengthBetween(1, 12)] }),
    size: attribute.string({ required: true, oneOf: ["small", "large"], description: "Size." }),
    region: attribute.string({ required: true, description: "Region.", planModifiers: [requiresReplace()] }),
    disk_gb: attribute.number({
      optional: true,
      default: 10,
      description: "Disk.",
      planModifiers: [requiresReplaceIf(({ prior, planned }) => Number(planned) < Number(prior))],
    }),
    zone: attribute.string({ optional: true, computed: true, description: "Zone." }),
    note: attribute.string({ optional: true, description: "Note.", deprecated: "Use notes." }),
    notes: attribute.list({ element: "string", optional: true, description: "Notes." }),
    tags: attribute.map({ element: "string", optional: true, description: "Tags." }),
    labels: attribute.set({ element: "string", optional: true, default: ["plain"], description: "Labels." }),
    password: attribute.string({ optional: true, writeOnly: true, description: "Password." }),
    api_key: attribute.string({ optional: true, sensitive: true, description: "Key." }),
    boot: attribute.single({
      optional: true,
      description: "What to boot from.",
      validators: [exactlyOneOf("image", "volume")],
      attributes: {
        image: attribute.string({
          optional: true,
          description: "Image.",
          validators: [pattern(/^img-/, 'start with "img-"')],
        }),
        volume: attribute.single({
          optional: true,
          description: "Volume.",
          attributes: {
            path: attribute.string({ required: true, description: "Path." }),
            mode: attribute.string({ optional: true, default: "rw", description: "Mode." }),
            token: attribute.string({ optional: true, writeOnly: true, description: "Volume token." }),
          },
        }),
        checksum: attribute.string({ computed: true, description: "Checksum of what is booted." }),
      },
    }),
    ports: attribute.nestedList({
      optional: true,
      description: "Ports.",
      attributes: {
        number: attribute.number({ required: true, description: "Port." }),
        address: attribute.string({ computed: true, description: "Address.", planModifiers: [useStateForUnknown()] }),
      },
    }),
    disks: attribute.nestedMap({
      optional: true,
      description: "Disks.",
      attributes: {
        gb: attribute.number({ required: true, description: "Size.", planModifiers: [requiresReplace()] }),
        device: attribute.string({ optional: true, computed: true, description: "Device." }),
      },
    }),
    rules: attribute.nestedSet({
      optional: true,
      description: "Who may connect.",
      attributes: {
        port: attribute.number({ required: true, description: "Port." }),
        protocol: attribute.string({ optional: true, default: "tcp", description: "Protocol." }),
        idle: attribute.string({ optional: true, description: "How long idle.", equal: sameDuration }),
        note: attribute.string({ optional: true, computed: true, description: "Note." }),
        rule_id: attribute.string({ computed: true, description: "Id.", planModifiers: [useStateForUnknown()] }),
      },
    }),
    lease: attribute.string({ optional: true, description: "How long it is leased.", equal: sameDuration }),
    revision: attribute.number({ computed: true, description: "Counts changes." }),
    retired_at: attribute.string({ computed: true, nullable: true, description: "When retired." }),
  },
});

export type ServerState = StateOf<typeof serverSchema>;

/** What the provider talks to: the servers that exist and the passwords they were given. */
export interface World {
  readonly servers: Map<string, ServerState>;
  readonly passwords: (string | null)[];
}

export type ServerDefinition = ResourceDefinition<typeof serverSchema, World>;

/** The state a plan leads to when everything left open is decided. */
export function settle(plan: PlannedOf<typeof serverSchema>, id: string, revision: number): ServerState {
  const { boot, ports, disks, rules } = plan;
  return {
    ...plan,
    id,
    revision,
    zone: decided(plan.zone, "zone-a"),
    retired_at: decided(plan.retired_at, null),
    boot: boot && { ...boot, checksum: decided(boot.checksum, "c0ffee") },
    ports: ports?.map((port) => ({ ...port, address: decided(port.address, `10.0.0.${port.number}`) })) ?? null,
    rules: rules?.map((rule) => settleRule(rule)) ?? null,
    disks: disks && mapValues(disks, (disk, key) => ({ ...disk, device: decided(disk.device, `/dev/${key}`) })),
  };
}

type Rule = NonNullable<PlannedOf<typeof serverSchema>["rules"]>[number];

function settleRule(rule: Rule) {
  return { ...rule, note: decided(rule.note, "none"), rule_id: decided(rule.rule_id, `rule-${crypto.randomUUID()}`) };
}

function decided<T extends string | null>(value: T | UnknownValue, otherwise: T): T {
  return isUnknown(value) ? otherwise : value;
}

function mapValues<T, U>(
  object: { readonly [key: string]: T },
  change: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** A server resource that does what it says, but for the handlers given. */
export function serverResource(handlers: Partial<ServerDefinition> = {}): Resource<World> {
  return defineResource<typeof serverSchema, World>({
    typeName: "acme_server",
    schema: serverSchema,
    create: async ({ plan, config, client }) => {
      const id = `server-${client.servers.size + 1}`;
      client.passwords.push(config.password);
      const state = settle(plan, id, 1);
      client.servers.set(id, state);
      return state;
    },
    read: async ({ state, client }) => client.servers.get(state.id) ?? null,
    update: async ({ plan, state, client }) => {
      const updated = settle(plan, state.id, state.revision + 1);
      client.servers.set(state.id, updated);
      return updated;
    },
    delete: async ({ state, client }) => {
      client.servers.delete(state.id);
    },
    importState: async ({ id, client }) => client.servers.get(id) ?? null,
    upgraders: [
      { from: 0, upgrade: ({ title, ...state }) => ({ ...state, name: title ?? null }) },
      { from: 1, upgrade: (state) => ({ ...state, size: state["size"] === "big" ? "large" : "small" }) },
    ],
    ...handlers,
  });
}

const providerSchema = defineSchema({
  description: "The Acme cloud.",
  attributes: {
    endpoint: attribute.string({
      optional: true,
      description: "Where.",
      validators: [pattern(/^https:/, "be an https URL")],
    }),
    api_token: attribute.string({ optional: true, sensitive: true, description: "Token." }),
  },
});

/** The Acme provider with one resource type. */
export function acme(world: World, resource: Resource<World> = serverResource()): Provider<World> {
  return defineProvider({
    name: "acme",
    version: "1.2.3",
    schema: providerSchema,
    validate: ({ config, diagnostics }) => {
      if (config.endpoint === null && config.api_token !== null) {
        diagnostics.error("Missing endpoint", "A token needs an endpoint.", attributePath("endpoint"));
      }
    },
    configure: ({ config, diagnostics }): World | undefined => {
      if (isUnknown(config.endpoint) || isUnknown(config.api_token)) return undefined;
      if (config.endpoint === "https://down") diagnostics.error("No answer", `Refused ${config.api_token}.`);
      return world;
    },
    explainError: (error) =>
      error instanceof AcmeError
        ? { summary: `Acme says ${error.status}`, detail: "Ask Acme.", attribute: attributePath("zone") }
        : undefined,
    resources: [resource],
  });
}

/** An error of the Acme API, which the provider knows how to explain. */
export class AcmeError extends Error {
  readonly status: number;

  constructor(status: number) {
    super("An internal text nobody should see.");
    this.status = status;
  }
}

/** A world without servers. */
export function emptyWorld(): World {
  return { servers: new Map(), passwords: [] };
}
