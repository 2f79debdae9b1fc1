import type { User } from "@orgtokens/sdk";
import { type ReactNode, useState } from "react";
import { RoleBadge } from "../api-tokens/status-badge.tsx";
import { useAnnounce } from "../parts/announcement.tsx";
import { Badge } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { closeTowardsTitle, PageHeader } from "../parts/page-header.tsx";
import { Pager, useWalk } from "../parts/pager.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, SkeletonRows, Table } from "../parts/table.tsx";
import { useClient, useSession } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";
import { ChangeRoleDialog } from "./change-role-dialog.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";

const pageSize = 20;
const headings = ["Member", "Role", "Status", "Last signed in", "Invited by", ""];

type Opened =
  | { readonly kind: "invite" }
  | { readonly kind: "change-role"; readonly user: User }
  | { readonly kind: "remove"; readonly user: User };

/** The organization's people: invite, change a role, remove. */
export function MembersPage(): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const walk = useWalk("members");
  const users = useLoaded(`members ${walk.cursor}`, (signal) =>
    client.listUsers({ limit: pageSize, ...(walk.cursor === undefined ? {} : { cursor: walk.cursor }) }, { signal }),
  );
  const [opened, open] = useState<Opened>();
  const close = () => open(undefined);
  const finish = (text: string) => {
    close();
    announce(text);
    users.reload();
  };
  const invite = (
    <Button look="primary" onClick={() => open({ kind: "invite" })}>
      <Icon name="plus" />
      Invite member
    </Button>
  );
  return (
    <>
      <PageHeader title="Members" actions={invite}>
        Admins generate, see and revoke tokens. Developers see their own account only.
      </PageHeader>
      {users.state === "failed" ? (
        <ProblemNotice error={users.error} onRetry={users.reload} />
      ) : (
        <>
          <Table name="members" caption="Members" headings={headings} isStale={users.state === "loading"}>
            {users.value === undefined ? (
              <SkeletonRows columns={headings.length} rows={3} />
            ) : (
              users.value.users.map((user) => <MemberRow key={user.id} user={user} onOpen={open} />)
            )}
          </Table>
          <Pager walk={walk} nextCursor={users.value?.nextCursor} summary={summarize(users.value?.total)} />
        </>
      )}
      {opened?.kind === "invite" ? (
        <InviteDialog onClose={close} onDone={(email) => finish(`Invited ${email}.`)} />
      ) : null}
      {opened?.kind === "change-role" ? (
        <ChangeRoleDialog
          user={opened.user}
          onClose={close}
          onDone={(role) => finish(`${opened.user.email} is now ${role === "admin" ? "an Admin" : "a Developer"}.`)}
        />
      ) : null}
      {opened?.kind === "remove" ? (
        <RemoveDialog
          user={opened.user}
          onClose={close}
          onDone={() => {
            closeTowardsTitle(close);
            finish(`Removed ${opened.user.email}.`);
          }}
        />
      ) : null}
    </>
  );
}

type MemberRowProps = { readonly user: User; readonly onOpen: (opened: Opened) => void };

function MemberRow({ user, onOpen }: MemberRowProps): ReactNode {
  const { state } = useSession();
  const isSelf = state.kind === "signed-in" && state.session.user.id === user.id;
  return (
    <Row>
      <Cell heading="Member">
        <span className="member-email">{user.email}</span> {isSelf ? <span className="muted">(you)</span> : null}
      </Cell>
      <Cell heading="Role">
        <RoleBadge role={user.role} />
      </Cell>
      <Cell heading="Status">
        {user.status === "invited" ? <Badge tone="caution">Invited</Badge> : <Badge tone="positive">Active</Badge>}
      </Cell>
      <Cell heading="Last signed in">
        <RelativeTime at={user.lastSignedIn} />
      </Cell>
      <Cell heading="Invited by">
        {user.invitedBy === null ? (
          <span className="muted">Nobody: the first admin</span>
        ) : (
          <span className="clipped" title={user.invitedBy}>
            {user.invitedBy}
          </span>
        )}
      </Cell>
      <Cell heading="">
        <span className="row-actions">
          <Button
            look="icon"
            aria-label={`Change the role of ${user.email}`}
            title="Change role"
            onClick={() => onOpen({ kind: "change-role", user })}
          >
            <Icon name="pencil" />
          </Button>
          <Button
            look="icon"
            aria-label={`Remove ${user.email}`}
            title="Remove"
            onClick={() => onOpen({ kind: "remove", user })}
          >
            <Icon name="bin" />
          </Button>
        </span>
      </Cell>
    </Row>
  );
}

function summarize(total: number | undefined): string {
  if (total === undefined) return "";
  return total === 1 ? "1 member" : `${total} members`;
}
