import type { User } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { messageAt, ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { MemberRoleChoice } from "./member-role-choice.tsx";

type InviteDialogProps = { readonly onClose: () => void; readonly onDone: (email: string) => void };

/** Invites somebody by e-mail. */
export function InviteDialog({ onClose, onDone }: InviteDialogProps): ReactNode {
  const client = useClient();
  const action = useAction();
  const input = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<User["role"]>("developer");
  const [isMissing, setMissing] = useState(false);
  const invite = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    setMissing(email.trim() === "");
    if (email.trim() === "") return input.current?.focus();
    action.run(async () => {
      await client.inviteUser({ email: email.trim(), role });
      onDone(email.trim());
    });
  };
  const error = isMissing ? "Type an e-mail address." : messageAt(action.error, "/body/email");
  return (
    <Dialog title="Invite member" onClose={onClose}>
      <form className="dialog-form" onSubmit={invite} noValidate>
        <div className="dialog-body">
          <Field label="E-mail address" hint="An invitation is mailed, with a link that signs in once." error={error}>
            {(control) => (
              <input
                {...control}
                ref={input}
                type="email"
                autoComplete="off"
                required
                maxLength={254}
                value={email}
                onChange={({ target }) => setEmail(target.value)}
              />
            )}
          </Field>
          <MemberRoleChoice role={role} onChange={setRole} />
          {action.state === "failed" && error === undefined ? <ProblemNotice error={action.error} /> : null}
        </div>
        <footer className="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={action.state === "busy"}>
            Send invitation
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
