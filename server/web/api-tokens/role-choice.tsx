import type { ApiToken } from "@orgtokens/sdk";
import type { ReactNode } from "react";

type Role = ApiToken["role"];

const choices: readonly { readonly role: Role; readonly name: string; readonly explanation: string }[] = [
  {
    role: "developer",
    name: "Developer",
    explanation: "Authenticates to services and verifies tokens. Cannot see or change any token.",
  },
  {
    role: "admin",
    name: "Admin",
    explanation: "Also generates, sees, rotates and revokes every token of the organization.",
  },
];

type RoleChoiceProps = {
  readonly role: Role;
  /** What the organization's policy lets tokens be. */
  readonly allowed: readonly Role[];
  readonly onChange: (role: Role) => void;
};

/** What a token may do, each with one sentence. */
export function RoleChoice({ role, allowed, onChange }: RoleChoiceProps): ReactNode {
  return (
    <fieldset className="field">
      <legend>Role</legend>
      <p className="hint">
        Give a token no more than its task needs. Most need Developer. A role cannot be changed later.
      </p>
      <div className="choices">
        {choices.map((choice) => (
          <label key={choice.role} className="choice">
            <input
              type="radio"
              name="role"
              value={choice.role}
              checked={role === choice.role}
              disabled={!allowed.includes(choice.role)}
              onChange={() => onChange(choice.role)}
            />
            <span className="choice-text">
              <span className="choice-name">{choice.name}</span>
              <span className="choice-explanation">
                {allowed.includes(choice.role) ? choice.explanation : "Your organization's policy does not allow it."}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
