import { type Client, createClient, type Session } from "@orgtokens/sdk";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";

/** Whether somebody is signed in, as far as the page knows. */
export type SessionState =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly error: unknown }
  /** `hasEnded` when somebody was signed in a moment ago. */
  | { readonly kind: "signed-out"; readonly hasEnded: boolean }
  | { readonly kind: "signed-in"; readonly session: Session };

type SessionContext = {
  readonly client: Client;
  readonly state: SessionState;
  /** Takes the session of somebody who has just signed in. */
  readonly enter: (session: Session) => void;
  /** Asks the server again. */
  readonly reload: () => void;
  /** Forgets the session after signing out. */
  readonly leave: () => void;
};

const Context = createContext<SessionContext | undefined>(undefined);

/** Finds out who is signed in, and gives everything below a client that calls as that user. */
export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [state, setState] = useState<SessionState>({ kind: "loading" });
  const csrfToken = useRef<string>(undefined);
  const client = useMemo(() => createPageClient(csrfToken, () => setState(endSession)), []);
  const enter = useCallback((session: Session) => {
    csrfToken.current = session.csrfToken;
    setState({ kind: "signed-in", session });
  }, []);
  const reload = useCallback(() => {
    setState({ kind: "loading" });
    client.getSession().then(enter, (error: unknown) => setState((now) => failSession(now, error)));
  }, [client, enter]);
  const leave = useCallback(() => {
    csrfToken.current = undefined;
    setState({ kind: "signed-out", hasEnded: false });
  }, []);
  useEffect(reload, [reload]);
  const context = useMemo(() => ({ client, state, enter, reload, leave }), [client, state, enter, reload, leave]);
  return <Context value={context}>{children}</Context>;
}

/** The client, and who is signed in. */
export function useSession(): SessionContext {
  const context = use(Context);
  if (context === undefined) throw new Error("useSession needs a SessionProvider above.");
  return context;
}

/** The client of the page. */
export function useClient(): Client {
  return useSession().client;
}

/** Calls this very server as the signed-in user, and tells when it says that nobody is. */
function createPageClient(csrfToken: { readonly current: string | undefined }, onUnauthenticated: () => void): Client {
  return createClient({
    endpoint: location.origin,
    // The page came the same way.
    allowInsecureHttp: true,
    session: { csrfToken: () => csrfToken.current },
    async fetch(...request) {
      const response = await fetch(...request);
      if (response.status === 401) onUnauthenticated();
      return response;
    },
  });
}

function endSession(before: SessionState): SessionState {
  return before.kind === "signed-out" ? before : { kind: "signed-out", hasEnded: before.kind === "signed-in" };
}

function failSession(now: SessionState, error: unknown): SessionState {
  return now.kind === "signed-out" ? now : { kind: "failed", error };
}
