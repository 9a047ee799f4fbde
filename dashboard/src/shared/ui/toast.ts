/** Says something in passing. What shows it is loaded with the frame, not with the page that says it. */
export function toast(kind: 'success' | 'error', text: string): void {
  import('sonner').then(
    (sonner) => sonner.toast[kind](text),
    () => undefined, // its code did not come, as from a server that is away
  );
}
