import type { ApiToken } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, SkeletonRows, Table } from "../parts/table.tsx";
import { SecretPlace } from "./secret-place.tsx";
import { RoleBadge, StatusBadge } from "./status-badge.tsx";

const headings = ["Label", "Token", "Last used", "Created by", "Role", "Status", "Secret kept in", ""];

type ApiTokensTableProps = {
  /** Undefined while they are asked for. */
  readonly tokens: readonly ApiToken[] | undefined;
  readonly isStale: boolean;
  readonly onRotate: (token: ApiToken) => void;
  readonly onRevoke: (token: ApiToken) => void;
};

/** One page of tokens. */
export function ApiTokensTable({ tokens, isStale, onRotate, onRevoke }: ApiTokensTableProps): ReactNode {
  return (
    <Table name="tokens" caption="API tokens" headings={headings} isStale={isStale}>
      {tokens === undefined ? (
        <SkeletonRows columns={headings.length} rows={5} />
      ) : (
        tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRotate={() => onRotate(token)} onRevoke={() => onRevoke(token)} />
        ))
      )}
    </Table>
  );
}

type TokenRowProps = { readonly token: ApiToken; readonly onRotate: () => void; readonly onRevoke: () => void };

function TokenRow({ token, onRotate, onRevoke }: TokenRowProps): ReactNode {
  const isLive = token.status === "active" || token.status === "pending";
  return (
    <Row>
      <Cell heading="Label">
        <Link className="row-title" href={`/organization/api-tokens/${token.id}`}>
          {token.label}
        </Link>
      </Cell>
      <Cell heading="Token">
        <code>{token.obfuscatedToken}</code>
      </Cell>
      <Cell heading="Last used">
        <RelativeTime at={token.lastUsed} />
      </Cell>
      <Cell heading="Created by">
        <span className="clipped" title={token.createdBy}>
          {token.createdBy}
        </span>
      </Cell>
      <Cell heading="Role">
        <RoleBadge role={token.role} />
      </Cell>
      <Cell heading="Status">
        <StatusBadge status={token.status} />
      </Cell>
      <Cell heading="Secret kept in">
        <SecretPlace destination={token.destination} />
      </Cell>
      <Cell heading="">
        {isLive ? (
          <span className="row-actions">
            {token.status === "active" ? (
              <Button look="icon" aria-label={`Rotate ${token.label}`} title="Rotate" onClick={onRotate}>
                <Icon name="rotate" />
              </Button>
            ) : null}
            <Button look="icon" aria-label={`Revoke ${token.label}`} title="Revoke" onClick={onRevoke}>
              <Icon name="bin" />
            </Button>
          </span>
        ) : null}
      </Cell>
    </Row>
  );
}
