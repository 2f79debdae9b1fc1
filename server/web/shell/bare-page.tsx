import { type ReactNode, useEffect } from "react";
import { Logo } from "./logo.tsx";

type BarePageProps = { readonly title: string; readonly children: ReactNode };

/** A page with nothing around it, for who is not signed in. */
export function BarePage({ title, children }: BarePageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · orgtokens`;
  }, [title]);
  return (
    <main className="bare-page">
      <div className="bare-card">
        <Logo />
        <h1 tabIndex={-1}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
