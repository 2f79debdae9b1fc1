/**
 * The other end of the wire: calls the service `tfplugin6.Provider` as a host does. Messages are plain objects with the proto's own
 * names, and dynamic values in them are {@link Value}s.
 */
import type { Value } from "../framework/values/value.ts";
import { decodeDynamicValue, encodeDynamicValue } from "./dynamic-value.ts";
import { tfplugin6 } from "./messages.ts";
import { decodeMessage, encodeMessage, type Field, type Fields, type Message, type Scalar } from "./protobuf.ts";

type Tables = typeof tfplugin6;
type DynamicValue = Tables["DynamicValue"];

/** The calls of the service, such as `PlanResourceChange`. */
export type ProviderCallName = {
  [K in keyof Tables]: K extends `${infer Name}.Request`
    ? `${Name}.Response` extends keyof Tables
      ? Name
      : never
    : never;
}[keyof Tables];

/** What a call is asked with. Everything may be left out: a value is then null, text empty, a number 0. */
export type ProviderRequest<Name extends ProviderCallName> = PlainInput<Tables[`${Name}.Request`]>;

/** What a call answers. */
export type ProviderResponse<Name extends ProviderCallName> = PlainMessage<Tables[`${Name}.Response`]>;

type PlainInput<M extends Fields> = { readonly [K in keyof M]?: PlainInputField<M[K]> | undefined };
type PlainInputField<F extends Field> = Labelled<F, PlainInputType<F[1]>>;
type PlainInputType<T> = T extends Scalar
  ? ScalarValue<T>
  : T extends DynamicValue
    ? Value
    : T extends () => infer M
      ? M extends Fields
        ? PlainInput<M>
        : never
      : T extends Fields
        ? PlainInput<T>
        : never;

type PlainMessage<M extends Fields> = { readonly [K in keyof M]: PlainField<M[K]> };
type PlainField<F extends Field> = F[2] extends "repeated" | "map"
  ? Labelled<F, PlainType<F[1]>>
  : F[1] extends Scalar
    ? F[2] extends "optional"
      ? ScalarValue<F[1]> | undefined
      : ScalarValue<F[1]>
    : F[1] extends DynamicValue
      ? Value
      : PlainType<F[1]> | undefined;
type PlainType<T> = T extends Scalar
  ? ScalarValue<T>
  : T extends DynamicValue
    ? Value
    : T extends () => infer M
      ? M extends Fields
        ? PlainMessage<M>
        : never
      : T extends Fields
        ? PlainMessage<T>
        : never;

type ScalarValue<T extends Scalar> = Message<{ readonly it: readonly [1, T] }>["it"];
type Labelled<F extends Field, T> = F[2] extends "repeated"
  ? readonly T[]
  : F[2] extends "map"
    ? ReadonlyMap<string, T>
    : T;

/** The gRPC path of a call. */
export function providerCallPath(name: ProviderCallName): string {
  return `/tfplugin6.Provider/${name}`;
}

/** The bytes of a request. */
export function encodeProviderRequest<Name extends ProviderCallName>(
  name: Name,
  request: ProviderRequest<Name>,
): Uint8Array {
  const fields: Fields = tfplugin6[`${name}.Request`];
  return encodeMessage(fields, mapMessage(fields, request as Plain, encodeLeaf) as object);
}

/**
 * Reads a response.
 *
 * @throws ProtobufError or ValueError when the bytes are malformed
 */
export function decodeProviderResponse<Name extends ProviderCallName>(
  name: Name,
  bytes: Uint8Array,
): ProviderResponse<Name> {
  const fields: Fields = tfplugin6[`${name}.Response`];
  return mapMessage(fields, decodeMessage(fields, bytes) as Plain, decodeLeaf) as ProviderResponse<Name>;
}

interface Plain {
  readonly [name: string]: unknown;
}
type Leaf = (value: unknown) => unknown;

const encodeLeaf: Leaf = (value) => (value === undefined ? undefined : encodeDynamicValue(value as Value));
const decodeLeaf: Leaf = (value) => decodeDynamicValue(value as Message<DynamicValue> | undefined);

/** A copy of a message in which every dynamic value, at any depth, has passed through `leaf`. */
function mapMessage(fields: Fields, message: Plain, leaf: Leaf): Plain {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, mapField(field, message[name], leaf)] as const),
  );
}

function mapField([, type, label]: Field, value: unknown, leaf: Leaf): unknown {
  if (typeof type === "string") return value;
  const fields = typeof type === "function" ? type() : type;
  const isDynamic = fields === tfplugin6.DynamicValue;
  const map = (one: unknown) => {
    if (isDynamic) return leaf(one);
    return one === undefined ? undefined : mapMessage(fields, one as Plain, leaf);
  };
  if (label === "repeated" && Array.isArray(value)) return value.map(map);
  if (label === "map" && value instanceof Map) return new Map([...value].map(([key, one]) => [key, map(one)] as const));
  return label === "repeated" || label === "map" ? undefined : map(value);
}
