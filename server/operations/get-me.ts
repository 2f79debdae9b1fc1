import type { TokenPrincipal } from "../domain/principal.ts";
import { meAnswer } from "./api-token-answer.ts";
import type { Operation } from "./operation.ts";

/** Gets the caller. */
export const getMe: Operation<"getMe", TokenPrincipal> = async (services, { principal }) =>
  meAnswer(principal, services.clock.now());
