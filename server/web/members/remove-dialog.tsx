import type { User } from "@orgtokens/sdk";
import type { ReactNode, SubmitEvent } from "react";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Notice } from "../parts/notice.tsx";
import { useSession } from "../session.tsx";
import { useAction } from "../use-action.ts";
import { MemberProblem } from "./member-problem.tsx";

type RemoveDialogProps = { readonly user: User; readonly onClose: () => void; readonly onDone: () => void };

/** Removes a member, after saying what that means for their tokens. */
export function RemoveDialog({ user, onClose, onDone }: RemoveDialogProps): ReactNode {
  const { client, state } = useSession();
  const action = useAction();
  const isSelf = state.kind === "signed-in" && state.session.user.id === user.id;
  const remove = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    action.run(async () => {
      await client.removeUser(user.id);
      onDone();
    });
  };
  return (
    <Dialog title="Remove member" onClose={onClose}>
      <form className="dialog-form" onSubmit={remove}>
        <div className="dialog-body">
          <p>
            <strong>{user.email}</strong> is signed out everywhere and cannot sign in any more.
          </p>
          <p>
            Tokens they generated belong to the organization: they keep working, and still show who generated them.
            Revoke the ones only they knew.
          </p>
          {isSelf ? (
            <Notice tone="warning">
              <p>This is you. You will be signed out at once.</p>
            </Notice>
          ) : null}
          {action.state === "failed" ? <MemberProblem error={action.error} user={user} /> : null}
        </div>
        <footer className="dialog-footer">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" isBusy={action.state === "busy"}>
            Remove member
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
