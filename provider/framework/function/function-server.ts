import type { WithDiagnostics } from "../provider/provider-server.ts";
import type { CtyType } from "../values/cty-type.ts";
import type { Value } from "../values/value.ts";

/** A parameter as the plugin protocol describes it. */
export interface WireParameter {
  readonly name: string;
  readonly type: CtyType;
  readonly allowNullValue: boolean;
  readonly allowUnknownValues: boolean;
  /** Always Markdown. */
  readonly description: string;
}

/** A function as the plugin protocol describes it. */
export interface WireFunction {
  readonly parameters: readonly WireParameter[];
  readonly variadicParameter?: WireParameter;
  readonly returns: CtyType;
  readonly summary: string;
  /** Always Markdown. */
  readonly description: string;
  readonly deprecationMessage?: string;
}

export interface GetFunctionsResponse extends WithDiagnostics {
  /** By name. */
  readonly functions: { readonly [name: string]: WireFunction };
}

export interface CallFunctionRequest {
  readonly name: string;
  readonly arguments: readonly Value[];
}

/** A result, or why there is none. */
export type CallFunctionResponse =
  | { readonly result: Value }
  | {
      readonly error: {
        readonly text: string;
        /** The argument at fault, from 0. */
        readonly argumentIndex?: number;
      };
    };

/** The calls about functions; see `ProviderServer`. They need no configuration. */
export interface FunctionServer {
  getFunctions(signal: AbortSignal): Promise<GetFunctionsResponse>;
  callFunction(request: CallFunctionRequest, signal: AbortSignal): Promise<CallFunctionResponse>;
}
