import { Construct } from "constructs";
import { ApiToken, type ApiTokenProps } from "./api-token.ts";

/** Whose token one of a set is. */
export type TokenSetMember = { readonly service: string; readonly environment: string };

/** How the tokens of a set are declared. */
export type TokenSetProps = {
  /** Small letters, digits and hyphens, at most 40 of them, starting with a letter. Each once. */
  readonly services: readonly string[];
  /** The same. */
  readonly environments: readonly string[];
  /** Everything of a token but its label, such as its role and its store. */
  readonly token: (member: TokenSetMember) => DistributiveOmit<ApiTokenProps, "label">;
  /** Default: `billing (production)`. */
  readonly label?: (member: TokenSetMember) => string;
};

type DistributiveOmit<Type, Member extends PropertyKey> = Type extends unknown ? Omit<Type, Member> : never;

const nameForm = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * One token per service and environment, labelled alike.
 *
 * @example
 * const tokens = new TokenSet(this, "tokens", {
 *   services: ["billing", "search"],
 *   environments: ["staging", "production"],
 *   token: ({ service, environment }) => ({
 *     role: "developer",
 *     secretStore: SecretStore.vault({ mount: "kv", path: `${environment}/${service}`, key: "token" }),
 *   }),
 * });
 * tokens.get("billing", "production").fingerprint;
 */
export class TokenSet extends Construct {
  readonly #tokens = new Map<string, ApiToken>();

  /** @throws RangeError when a name is none, or is there twice; the message names the construct. */
  constructor(scope: Construct, id: string, props: TokenSetProps) {
    super(scope, id);
    this.#requireNames("service", props.services);
    this.#requireNames("environment", props.environments);
    const label = props.label ?? (({ service, environment }) => `${service} (${environment})`);
    for (const service of props.services) {
      const tokens = new Construct(this, service);
      for (const environment of props.environments) {
        const member = { service, environment };
        const token = new ApiToken(tokens, environment, { ...props.token(member), label: label(member) });
        this.#tokens.set(keyOf(member), token);
      }
    }
  }

  /**
   * The token of a service in an environment.
   * @throws RangeError when the set has none.
   */
  get(service: string, environment: string): ApiToken {
    const token = this.#tokens.get(keyOf({ service, environment }));
    if (token === undefined) throw new RangeError(`${this.node.path} has no token for ${service} in ${environment}.`);
    return token;
  }

  /** Every token, in the order of services and environments. */
  get tokens(): readonly ApiToken[] {
    return [...this.#tokens.values()];
  }

  #requireNames(kind: keyof TokenSetMember, names: readonly string[]): void {
    for (const [index, name] of names.entries()) {
      const problem = problemOf(name, names.indexOf(name) < index);
      if (problem !== undefined) throw new RangeError(`${this.node.path}: the ${kind} "${name}" ${problem}.`);
    }
  }
}

function problemOf(name: string, isRepeated: boolean): string | undefined {
  if (isRepeated) return "is there twice";
  return nameForm.test(name)
    ? undefined
    : "must be small letters, digits and hyphens, at most 40 of them, starting with a letter";
}

/** A slash is in no name. */
function keyOf({ service, environment }: TokenSetMember): string {
  return `${service}/${environment}`;
}
