import { type Client, iterateAuditEvents, type ListAuditEventsQuery } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { useAnnounce } from "../parts/announcement.tsx";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { useClient } from "../session.tsx";
import { useAction } from "../use-action.ts";

/** How many events one file holds at most: what a browser keeps in memory without trouble. */
const maxEvents = 20_000;

/** Downloads every event that the filters match, as JSON Lines. */
export function ExportButton({ query }: { readonly query: ListAuditEventsQuery }): ReactNode {
  const client = useClient();
  const announce = useAnnounce();
  const action = useAction();
  const download = () =>
    action.run(async () => {
      try {
        const lines = await collectLines(client, query);
        downloadFile(`activity-${new Date().toISOString().slice(0, 10)}.jsonl`, lines);
        const isCut = lines.length === maxEvents;
        announce(
          isCut
            ? `Exported the newest ${maxEvents} events. Choose days for others.`
            : `Exported ${lines.length} events.`,
        );
      } catch (error) {
        announce("The export failed. Try again.");
        throw error;
      }
    });
  return (
    <Button isBusy={action.state === "busy"} onClick={download}>
      <Icon name="download" />
      Export JSON Lines
    </Button>
  );
}

async function collectLines(client: Client, query: ListAuditEventsQuery): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const event of iterateAuditEvents(client, query)) {
    lines.push(JSON.stringify(event));
    if (lines.length === maxEvents) break;
  }
  return lines;
}

function downloadFile(name: string, lines: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([lines.map((line) => `${line}\n`).join("")], { type: "application/jsonl" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
