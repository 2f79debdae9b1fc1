import { ApiError, ConnectionError } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

type ProblemNoticeProps = {
  readonly error: unknown;
  readonly onRetry?: () => void;
};

/** Why something did not work, what to do about it, and what to tell whoever can help. */
export function ProblemNotice({ error, onRetry }: ProblemNoticeProps): ReactNode {
  const { title, detail, places, requestId } = describeError(error);
  return (
    <div className="notice notice-danger" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <p className="notice-title">{title}</p>
        <p>{detail}</p>
        {places.length === 0 ? null : (
          <ul>
            {places.map((place) => (
              <li key={place}>{place}</li>
            ))}
          </ul>
        )}
        {requestId === "" ? null : (
          <p className="request-id">
            Request <code>{requestId}</code>
          </p>
        )}
      </div>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** The message of a problem about one place of the request, such as `/body/label`. */
export function messageAt(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const message = error.errors.find((place) => place.pointer === pointer)?.message;
  return message === undefined ? undefined : `This ${message}.`;
}

type Description = {
  readonly title: string;
  readonly detail: string;
  readonly places: readonly string[];
  readonly requestId: string;
};

function describeError(error: unknown): Description {
  if (error instanceof ApiError) {
    const places = error.errors.map(({ pointer, message }) => `${pointer.split("/").at(-1)} ${message}.`);
    return { title: error.title, detail: error.detail, places, requestId: error.requestId };
  }
  if (error instanceof ConnectionError) {
    return {
      title: "The server does not answer",
      detail: "Check your connection, or whether the server runs. Nothing is known to have changed.",
      places: [],
      requestId: "",
    };
  }
  return {
    title: "The page made a mistake",
    detail: "Load it again. If that does not help, tell whoever runs this server.",
    places: [],
    requestId: "",
  };
}
