import { ApiToken as ApiTokenBinding, type ApiTokenConfig } from "@orgtokens/cdktn/bindings";
import type { Construct } from "constructs";
import { checkApiToken } from "./check-api-token.ts";
import type { RotationSchedule } from "./rotation-schedule.ts";
import type { SecretStore } from "./secret-store.ts";

type Rotation = "rotateAfter" | "rotateWhenChanged" | "rotationGracePeriod";

/** What every token is declared by. */
type CommonProps = Omit<ApiTokenConfig, "role" | "secretStore" | Rotation> & {
  readonly secretStore: SecretStore;
  /** Default: the secret stays as it is. */
  readonly rotation?: RotationSchedule;
};

/** A token that authenticates to services. */
type DeveloperProps = CommonProps & {
  readonly role: "developer";
  readonly reason?: string;
};

/** A token that may do everything to the tokens of the organization. */
type AdminProps = CommonProps & {
  readonly role: "admin";
  /** Why it must be one. It is the token's description where there is no other. */
  readonly reason: string;
};

/** How a token is declared. */
export type ApiTokenProps = DeveloperProps | AdminProps;

/**
 * A token of the organization, with its secret in a store.
 *
 * When the app is synthesized, a stack is refused in which two tokens share a label or a place, or an Admin token has no reason; the
 * message names both constructs.
 */
export class ApiToken extends ApiTokenBinding {
  /** Why the token has its role; undefined when nothing was said. */
  readonly reason: string | undefined;

  constructor(scope: Construct, id: string, props: ApiTokenProps) {
    const { rotation, reason, ...config } = props;
    const description = config.description ?? reason;
    super(scope, id, { ...config, ...rotation?.toConfig(), ...(description === undefined ? {} : { description }) });
    this.reason = reason;
    this.node.addValidation({ validate: () => checkApiToken(this) });
  }
}
