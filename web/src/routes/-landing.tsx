import { Link } from '@tanstack/react-router';
import { Clapperboard, Play, ShieldCheck } from 'lucide-react';
import { buttonStyle } from '@/ui/button-style';
import { Logo } from '@/ui/logo';
import { usePageTitle } from '@/ui/page-title';

const benefits = [
  {
    Icon: Play,
    title: 'Continue where you stopped',
    text: 'Films play in the best quality that your connection carries. Stop on one device, and continue on another.',
  },
  {
    Icon: Clapperboard,
    title: 'Publish your own',
    text: 'Follow every step from upload to publication, and see what it costs. If a step fails, you see why.',
  },
  {
    Icon: ShieldCheck,
    title: 'Checked before it goes live',
    text: 'A film is published only after all of it has been checked, in every quality.',
  },
];

/** The home page for signed-out users. */
export function Landing() {
  usePageTitle(undefined);
  return (
    <div className="relative isolate overflow-hidden">
      <BackgroundGlow />
      <header className="gutter flex h-20 items-center justify-between">
        <Logo />
        <Link to="/sign-in" className={buttonStyle('secondary')}>
          Sign in
        </Link>
      </header>
      <main>
        <section className="gutter flex min-h-[calc(92dvh-5rem)] flex-col items-center justify-center gap-10 pb-16 text-center">
          <Banner />
          <p className="max-w-xl animate-rise text-xl text-foreground/85">
            Films from the people who made them. Find one for tonight, or publish your own.
          </p>
          <div className="flex flex-wrap justify-center gap-4">
            <Link to="/sign-up" className={buttonStyle('primary', 'large')}>
              Create an account
            </Link>
            <Link to="/sign-in" className={buttonStyle('secondary', 'large')}>
              Sign in
            </Link>
          </div>
        </section>
        <section
          aria-label="What you get"
          className="gutter grid gap-10 border-t border-foreground/10 py-20 md:grid-cols-3"
        >
          {benefits.map(({ Icon, title, text }) => (
            <div key={title} className="max-w-sm">
              <Icon aria-hidden="true" className="mb-4 size-8 text-accent-400" />
              <h2 className="mb-2 text-2xl">{title}</h2>
              <p className="text-secondary">{text}</p>
            </div>
          ))}
        </section>
      </main>
    </div>
  );
}

/** The headline, framed by dotted lines. */
function Banner() {
  return (
    <div className="relative w-full max-w-4xl animate-rise rounded-4xl border border-accent-400/30 bg-linear-to-b from-brand-900 to-surface-950 px-6 py-14 shadow-[0_0_120px_-20px_rgb(255_169_31/0.35)] sm:px-14 sm:py-20">
      <DottedEdge position="top-3 inset-x-8 h-2 dotted-line" />
      <DottedEdge position="bottom-3 inset-x-8 h-2 dotted-line" />
      <DottedEdge position="left-3 inset-y-8 w-2 dotted-line-vertical" />
      <DottedEdge position="right-3 inset-y-8 w-2 dotted-line-vertical" />
      <p className="font-display text-lg font-bold tracking-[0.2em] text-accent-400 uppercase">Tonight</p>
      <h1 className="mt-3 text-[clamp(3rem,10vw,7.5rem)] leading-[0.88] font-extrabold uppercase [font-stretch:75%]">
        Your film, in lights
      </h1>
    </div>
  );
}

/** A dotted line with a blinking glow. */
function DottedEdge({ position }: { position: string }) {
  return (
    <>
      <span aria-hidden="true" className={`absolute ${position}`} />
      <span aria-hidden="true" className={`absolute animate-blink blur-[3px] ${position}`} />
    </>
  );
}

function BackgroundGlow() {
  return (
    <div
      aria-hidden="true"
      className="absolute inset-0 -z-10 bg-[radial-gradient(60%_50%_at_50%_38%,var(--color-brand-700),transparent_70%),radial-gradient(40%_60%_at_0%_0%,var(--color-accent-900),transparent_70%),radial-gradient(40%_60%_at_100%_0%,var(--color-accent-900),transparent_70%)]"
    />
  );
}
