import type { User } from "@orgtokens/sdk";
import type { ReactNode } from "react";

const choices: readonly { readonly role: User["role"]; readonly name: string; readonly explanation: string }[] = [
  { role: "developer", name: "Developer", explanation: "Signs in and sees their own account. Sees no tokens." },
  {
    role: "admin",
    name: "Admin",
    explanation: "Generates, sees and revokes tokens, and manages members and settings.",
  },
];

type MemberRoleChoiceProps = { readonly role: User["role"]; readonly onChange: (role: User["role"]) => void };

/** What a member may do. */
export function MemberRoleChoice({ role, onChange }: MemberRoleChoiceProps): ReactNode {
  return (
    <fieldset className="field">
      <legend>Role</legend>
      <div className="choices">
        {choices.map((choice) => (
          <label key={choice.role} className="choice">
            <input
              type="radio"
              name="member-role"
              value={choice.role}
              checked={role === choice.role}
              onChange={() => onChange(choice.role)}
            />
            <span className="choice-text">
              <span className="choice-name">{choice.name}</span>
              <span className="choice-explanation">{choice.explanation}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
