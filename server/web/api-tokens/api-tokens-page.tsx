import type { ApiToken, ApiTokenPage } from "@orgtokens/sdk";
import { type ReactNode, useState } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Button } from "../parts/button.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Icon } from "../parts/icon.tsx";
import { closeTowardsTitle, PageHeader } from "../parts/page-header.tsx";
import { Pager, useWalk, type Walk } from "../parts/pager.tsx";
import { ProblemNotice } from "../parts/problem-notice.tsx";
import { navigate, type Place, withQuery } from "../router.ts";
import { useClient } from "../session.tsx";
import { useLoaded } from "../use-loaded.ts";
import { ApiTokensTable } from "./api-tokens-table.tsx";
import { ApiTokensToolbar, type TokenFilter } from "./api-tokens-toolbar.tsx";
import { GenerateDialog } from "./generate-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { RotateDialog } from "./rotate-dialog.tsx";

const pageSize = 20;

type Opened =
  | { readonly kind: "generate" }
  | { readonly kind: "rotate"; readonly token: ApiToken }
  | { readonly kind: "revoke"; readonly token: ApiToken };

/** The organization's tokens: find, generate, rotate, revoke. */
export function ApiTokensPage({ place }: { readonly place: Place }): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const filter = parseFilter(place.query);
  const filterKey = JSON.stringify(filter);
  const walk = useWalk(filterKey);
  const tokens = useLoaded(`${filterKey} ${walk.cursor}`, (signal) =>
    client.listApiTokens(
      {
        limit: pageSize,
        status: filter.status,
        ...(filter.search === "" ? {} : { search: filter.search }),
        ...(walk.cursor === undefined ? {} : { cursor: walk.cursor }),
      },
      { signal },
    ),
  );
  const [opened, open] = useState<Opened>();
  const close = () => open(undefined);
  const finish = (text: string) => {
    close();
    announce(text);
    tokens.reload();
  };
  const generate = (
    <Button look="primary" onClick={() => open({ kind: "generate" })}>
      <Icon name="plus" />
      Generate API token
    </Button>
  );
  const isFresh = filter.search === "" && filter.status === "live";
  return (
    <>
      <PageHeader title="API tokens" actions={generate}>
        Tokens belong to the organization and keep working when the person who generated them leaves.
      </PageHeader>
      <ApiTokensToolbar filter={filter} onChange={(changes) => navigate(withQuery(place, changes), "replace")} />
      {tokens.state === "failed" ? (
        <ProblemNotice error={tokens.error} onRetry={tokens.reload} />
      ) : tokens.value?.total === 0 ? (
        <NoTokens isFresh={isFresh} generate={generate} onClear={() => navigate(place.path, "replace")} />
      ) : (
        <>
          <ApiTokensTable
            tokens={tokens.value?.tokens}
            isStale={tokens.state === "loading"}
            onRotate={(token) => open({ kind: "rotate", token })}
            onRevoke={(token) => open({ kind: "revoke", token })}
          />
          <Pager walk={walk} nextCursor={tokens.value?.nextCursor} summary={summarize(tokens.value, walk)} />
        </>
      )}
      {opened?.kind === "generate" ? (
        <GenerateDialog onClose={close} onDone={(label) => finish(`Generated ${label}.`)} />
      ) : null}
      {opened?.kind === "rotate" ? (
        <RotateDialog token={opened.token} onClose={close} onDone={() => finish(`Rotated ${opened.token.label}.`)} />
      ) : null}
      {opened?.kind === "revoke" ? (
        <RevokeDialog
          token={opened.token}
          onClose={close}
          onDone={() => {
            closeTowardsTitle(close);
            finish(`Revoked ${opened.token.label}. No request with it is accepted any more.`);
          }}
        />
      ) : null}
    </>
  );
}

type NoTokensProps = { readonly isFresh: boolean; readonly generate: ReactNode; readonly onClear: () => void };

function NoTokens({ isFresh, generate, onClear }: NoTokensProps): ReactNode {
  if (isFresh) {
    return (
      <EmptyState icon="key" title="No API tokens yet" action={generate}>
        A token lets a script, a pipeline or a service call the API for your organization.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="search"
      title="No token matches"
      action={<Button onClick={onClear}>Clear search and filter</Button>}
    >
      Look for another part of the label, or among tokens of another status.
    </EmptyState>
  );
}

function summarize(page: ApiTokenPage | undefined, walk: Walk): string {
  if (page === undefined) return "";
  const first = walk.pagesBefore * pageSize + 1;
  const last = first + page.tokens.length - 1;
  return page.total === 1 ? "1 token" : `${first}–${last} of ${page.total} tokens`;
}

const statuses = ["live", "active", "pending", "expired", "revoked", "all"] as const;

function parseFilter(query: URLSearchParams): TokenFilter {
  const status = statuses.find((candidate) => candidate === query.get("status")) ?? "live";
  return { search: (query.get("search") ?? "").trim().slice(0, 100), status };
}
