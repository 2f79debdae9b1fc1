import type { Principal } from "../domain/principal.ts";
import { meAnswer } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";

/** Gets the caller. */
export const getMe: Operation<"getMe", Principal> = async (services, { principal }) => {
  if (principal.type === "api_token") return meAnswer(principal, services.clock.now());
  const { userId: id, email, role } = principal;
  return { type: "user", user: { id, email, role } };
};
