import { createContext, type ReactNode, use, useEffect, useState } from "react";

/** How long a message stays, in milliseconds. */
const shownForMs = 6000;

const Context = createContext<(text: string) => void>(() => undefined);

/** Shows short messages about what was done, and has screen readers say them. */
export function AnnouncementProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [message, setMessage] = useState({ text: "" });
  useEffect(() => {
    if (message.text === "") return;
    const timer = setTimeout(() => setMessage({ text: "" }), shownForMs);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <Context value={(text) => setMessage({ text })}>
      {children}
      <div className="announcement" role="status">
        {message.text === "" ? null : <p>{message.text}</p>}
      </div>
    </Context>
  );
}

/** Gives the function that announces. */
export function useAnnounce(): (text: string) => void {
  return use(Context);
}
