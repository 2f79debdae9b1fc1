import type { User } from "@orgtokens/sdk";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSession } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { MemberProblem } from "./member-problem.tsx";
import { MemberRoleChoice } from "./member-role-choice.tsx";

type ChangeRoleDialogProps = {
  readonly user: User;
  readonly onClose: () => void;
  readonly onDone: (role: User["role"]) => void;
};

/** Changes what a member may do. */
export function ChangeRoleDialog({ user, onClose, onDone }: ChangeRoleDialogProps): ReactNode {
  const { client, state, reload } = useSession();
  const action = useAction();
  const [role, setRole] = useState(user.role);
  const isSelf = state.kind === "signed-in" && state.session.user.id === user.id;
  const change = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    action.run(async () => {
      if (role !== user.role) await client.updateUser(user.id, { role });
      onDone(role);
      if (isSelf) reload();
    });
  };
  return (
    <Dialog title="Change role" onClose={onClose}>
      <form className="dialog-form" onSubmit={change}>
        <div className="dialog-body">
          <p>
            What <strong>{user.email}</strong> may do, from the next request on.
          </p>
          <MemberRoleChoice role={role} onChange={setRole} />
          {isSelf && role !== "admin" ? (
            <Notice tone="warning">
              <p>This is you. You will not see tokens, members and activity any more.</p>
            </Notice>
          ) : null}
          {action.state === "failed" ? <MemberProblem error={action.error} user={user} /> : null}
        </div>
        <footer className="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={action.state === "busy"}>
            Change role
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
