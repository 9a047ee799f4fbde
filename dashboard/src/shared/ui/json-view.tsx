import { CopyButton } from '@/shared/ui/copy-button';

/** JSON as it is, to read and to copy. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="relative">
      <CopyButton value={text} what="JSON" className="absolute top-1 right-1" />
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md border bg-muted/50 p-3"
      >
        <pre className="font-mono text-xs leading-5">{text}</pre>
      </section>
    </div>
  );
}
