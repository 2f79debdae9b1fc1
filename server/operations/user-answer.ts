import { statusOf, type User } from "../domain/user.ts";
import type { Schema } from "./operation.ts";

/** A user as the contract shows it. */
export function userAnswer(user: User): Schema<"User"> {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    status: statusOf(user),
    created: user.createdAt.toISOString(),
    invitedBy: user.invitedBy,
    lastSignedIn: user.lastSignedInAt?.toISOString() ?? null,
  };
}
