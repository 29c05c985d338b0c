/** The logo. */
export function Logo({ large = false }: { large?: boolean }) {
  return (
    <span className="inline-flex flex-col">
      <span
        className={`font-display leading-none font-extrabold tracking-tight text-foreground [font-stretch:75%] ${large ? 'text-5xl' : 'text-2xl'}`}
      >
        Marquee
      </span>
      <span aria-hidden="true" className={`dotted-line w-full ${large ? 'mt-2 h-2' : 'mt-1 h-1.5'}`} />
    </span>
  );
}
