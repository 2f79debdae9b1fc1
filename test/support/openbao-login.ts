import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { OpenBao } from "./openbao.ts";

/** What a machine logs in with. */
export type AppRole = { readonly name: string; readonly roleId: string; readonly secretId: string };

/** Gives the policy of an apply, which the guide shows, the name `orgtokens-apply`. */
export async function writeApplyPolicy(openBao: OpenBao): Promise<void> {
  const file = new URL("../../examples/terraform/guides/least-privilege/apply.hcl", import.meta.url);
  await openBao.request("PUT", "sys/policies/acl/orgtokens-apply", { policy: await readFile(file, "utf8") });
}

/** A fresh role of AppRole with that policy, and a secret id of it. */
export async function createAppRole(openBao: OpenBao): Promise<AppRole> {
  const name = `role-${randomBytes(4).toString("hex")}`;
  await writeApplyPolicy(openBao);
  await openBao.request("POST", "sys/auth/approle", { type: "approle" }).catch(() => undefined); // it may be there already
  await openBao.request("POST", `auth/approle/role/${name}`, { token_policies: ["orgtokens-apply"], token_ttl: "20m" });
  const role = await openBao.request("GET", `auth/approle/role/${name}/role-id`);
  const secret = await openBao.request("POST", `auth/approle/role/${name}/secret-id`, {});
  return { name, roleId: textAt(role, "role_id"), secretId: textAt(secret, "secret_id") };
}

function textAt(answer: unknown, name: string): string {
  const data: unknown = Object(answer).data;
  const value: unknown = Object(data)[name];
  if (typeof value !== "string") throw new Error(`OpenBao gave no ${name}.`);
  return value;
}
