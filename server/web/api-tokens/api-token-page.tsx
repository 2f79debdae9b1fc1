import type { ApiToken } from "@orgtokens/sdk";
import { type ReactNode, useState } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { closeTowardsTitle, PageHeader } from "../parts/page-header.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { useClient } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";
import { ApiTokenFacts } from "./api-token-facts.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { RotateDialog } from "./rotate-dialog.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { TokenActivity } from "./token-activity.tsx";
import { TokenMail } from "./token-mail.tsx";

type Opened = "edit" | "rotate" | "revoke";

/** One token: what is known of it, what happened to it, and who was told. */
export function ApiTokenPage({ id }: { readonly id: string }): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const loaded = useLoaded(id, (signal) => client.getApiToken(id, { signal }));
  const [opened, open] = useState<Opened>();
  const [changes, countChange] = useState(0);
  const close = () => open(undefined);
  const finish = (text: string) => {
    close();
    announce(text);
    countChange(changes + 1);
    loaded.reload();
  };
  const token = loaded.value;
  return (
    <>
      <PageHeader
        title={token?.label ?? "API token"}
        above={
          <Link className="back-link" href="/organization/api-tokens">
            API tokens
          </Link>
        }
        badge={token === undefined ? null : <StatusBadge status={token.status} />}
        actions={token === undefined ? undefined : <TokenActions token={token} onOpen={open} />}
      />
      {loaded.state === "failed" ? <ProblemNotice error={loaded.error} onRetry={loaded.reload} /> : null}
      {token === undefined && loaded.state === "loading" ? <span className="skeleton skeleton-block" /> : null}
      {token === undefined ? null : (
        <div className="token-page">
          <ApiTokenFacts token={token} />
          <TokenActivity id={id} changes={changes} />
          <TokenMail id={id} changes={changes} />
        </div>
      )}
      {token !== undefined && opened === "edit" ? (
        <EditDialog token={token} onClose={close} onDone={() => finish("Saved.")} />
      ) : null}
      {token !== undefined && opened === "rotate" ? (
        <RotateDialog token={token} onClose={close} onDone={() => finish(`Rotated ${token.label}.`)} />
      ) : null}
      {token !== undefined && opened === "revoke" ? (
        <RevokeDialog
          token={token}
          onClose={close}
          onDone={() => {
            closeTowardsTitle(close);
            finish(`Revoked ${token.label}. No request with it is accepted any more.`);
          }}
        />
      ) : null}
    </>
  );
}

type TokenActionsProps = { readonly token: ApiToken; readonly onOpen: (opened: Opened) => void };

function TokenActions({ token, onOpen }: TokenActionsProps): ReactNode {
  if (token.status !== "active" && token.status !== "pending") return null;
  return (
    <>
      {token.status === "active" ? (
        <>
          <Button onClick={() => onOpen("edit")}>
            <Icon name="pencil" />
            Edit
          </Button>
          <Button onClick={() => onOpen("rotate")}>
            <Icon name="rotate" />
            Rotate
          </Button>
        </>
      ) : null}
      <Button look="danger" onClick={() => onOpen("revoke")}>
        <Icon name="bin" />
        Revoke
      </Button>
    </>
  );
}
