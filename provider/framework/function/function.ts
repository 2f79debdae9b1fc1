import type { CtyType, KnownOf } from "../values/cty-type.ts";
import type { UnknownValue } from "../values/value.ts";
import type { Parameter } from "./parameter.ts";

/** An error a function throws to refuse its arguments. Its text reaches the practitioner as it is: it must hold no secret. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
  /** The argument at fault, from 0; those of a variadic parameter are counted on. Undefined: no single one. */
  readonly argumentIndex: number | undefined;

  constructor(text: string, argumentIndex?: number, options?: { readonly cause?: unknown }) {
    super(text, options);
    this.argumentIndex = argumentIndex;
  }
}

type Simplify<T> = { readonly [K in keyof T]: T[K] };
type Positional<P extends readonly Parameter[]> = {
  readonly [One in P[number] as One["name"]]: ArgumentOf<One>;
};
type Variadic<V> = V extends Parameter ? { readonly [K in V["name"]]: readonly ArgumentOf<V>[] } : unknown;
type ArgumentOf<P extends Parameter> = P extends Parameter<string, infer T> ? T : never;

/** The arguments of a function under their parameters' names; that of a variadic parameter is an array. */
export type ArgumentsOf<P extends readonly Parameter[], V extends Parameter | undefined> = Simplify<
  Positional<P> & Variadic<V>
>;
/** The result of a function that returns the type `R`. Unknown is for functions that let unknown arguments through. */
export type ResultOf<R extends CtyType> = KnownOf<R> | null | UnknownValue;

export interface FunctionDefinition<
  P extends readonly Parameter[],
  V extends Parameter | undefined,
  R extends CtyType,
> {
  /** As in `provider::orgtokens::NAME(...)`: lower-case letters, digits and underscores. */
  readonly name: string;
  /** One line: what it gives. */
  readonly summary: string;
  /** Markdown: what it gives, for which arguments, and what it refuses. */
  readonly description: string;
  /** Why it is deprecated and what to use instead. */
  readonly deprecated?: string;
  /** In order. `[]` for none. */
  readonly parameters: P;
  /** Takes any number of further arguments. */
  readonly variadic?: V;
  /** The type of the result. */
  readonly returns: R;
  /**
   * Computes the result: from its arguments alone, so that the same arguments always give the same result (Terraform checks it), and
   * without provider configuration, network or clock. Throw {@link FunctionError} to refuse the arguments.
   */
  run(args: ArgumentsOf<P, V>): ResultOf<R> | Promise<ResultOf<R>>;
}

/** A function as a provider holds it: without the types of its parameters. */
export interface ProviderFunction {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly deprecated: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly variadic: Parameter | undefined;
  readonly returns: CtyType;
  readonly run: (args: object) => Promise<unknown>;
}

/**
 * Defines a function.
 *
 * @example
 * const initials = defineFunction({
 *   name: "initials",
 *   summary: "The initials of a name",
 *   description: "The first letters of the words of a name.",
 *   parameters: [parameter.string({ name: "full_name", description: "Words with spaces between them." })],
 *   returns: "string",
 *   run: ({ full_name }) => full_name.split(" ").map((word) => word.charAt(0)).join(""),
 * });
 * @throws TypeError when Terraform would refuse the function: its name, or two parameters of one name.
 */
export function defineFunction<
  const P extends readonly Parameter[],
  const R extends CtyType,
  const V extends Parameter | undefined = undefined,
>(definition: FunctionDefinition<P, V, R>): ProviderFunction {
  const { name, parameters, variadic } = definition;
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) {
    throw new TypeError(`Function ${name}: a name has lower-case letters, digits and underscores.`);
  }
  const names = [...parameters, ...(variadic === undefined ? [] : [variadic])].map((one) => one.name);
  if (new Set(names).size < names.length) throw new TypeError(`Function ${name}: two parameters have the same name.`);
  return {
    name,
    summary: definition.summary,
    description: definition.description,
    deprecated: definition.deprecated,
    parameters,
    variadic,
    returns: definition.returns,
    run: async (args) => definition.run(args as ArgumentsOf<P, V>),
  };
}
