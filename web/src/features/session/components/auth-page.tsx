import type { ReactNode } from 'react';
import { Logo } from '@/ui/logo';

interface AuthPageProps {
  title: string;
  lead: string;
  children: ReactNode;
  /** Below the form: links to the other forms. */
  foot: ReactNode;
}

/** The layout of the pages for signing up and signing in. */
export function AuthPage({ title, lead, children, foot }: AuthPageProps) {
  return (
    <main className="relative grid min-h-dvh place-items-center overflow-hidden px-4 py-10">
      <div
        aria-hidden="true"
        className="absolute inset-0 bg-[radial-gradient(90%_60%_at_50%_-10%,var(--color-brand-700),transparent_70%),radial-gradient(50%_40%_at_90%_100%,var(--color-accent-900),transparent_70%)]"
      />
      <div className="relative w-full max-w-md animate-rise">
        <div className="mb-8 flex justify-center">
          <Logo large />
        </div>
        <div className="rounded-3xl border border-foreground/10 bg-surface-950/80 p-6 shadow-card backdrop-blur-md sm:p-8">
          <h1 className="text-3xl">{title}</h1>
          <p className="mt-2 mb-6 text-secondary">{lead}</p>
          {children}
        </div>
        <div className="mt-6 text-center text-secondary">{foot}</div>
      </div>
    </main>
  );
}

export const footLink = 'font-semibold text-accent-400 underline-offset-4 hover:underline';
