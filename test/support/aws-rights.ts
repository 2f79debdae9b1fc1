import type { Verb } from "@orgtokens/sdk/secret-stores/conformance";
import type { AwsKey, Moto } from "./moto.ts";

/** Access keys of one service. */
export type AwsRights = {
  /** May do everything. */
  readonly all: AwsKey;
  /** May do everything but the action of a verb. */
  readonly without: Readonly<Record<Verb, AwsKey>>;
};

/** Makes access keys; from then on moto checks each call. */
export async function grantAwsRights(moto: Moto, actions: Readonly<Record<Verb, string>>): Promise<AwsRights> {
  const allow = { Effect: "Allow", Action: "*", Resource: "*" };
  const keyFor = (...more: readonly object[]) => moto.keyWith({ Version: "2012-10-17", Statement: [allow, ...more] });
  const without = (verb: Verb) => keyFor({ Effect: "Deny", Action: actions[verb], Resource: "*" });
  const rights = {
    all: await keyFor(),
    without: {
      describe: await without("describe"),
      write: await without("write"),
      delete: await without("delete"),
      read: await without("read"),
    },
  };
  await moto.checkPolicies();
  return rights;
}
