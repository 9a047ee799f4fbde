/** Into the clipboard; rejects where the browser forbids it. */
export async function copyText(text: string): Promise<void> {
  // Only where the page is secure: from another host over plain HTTP there is no clipboard.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    // A dialog's trap for the focus, say, has no part in this.
    event.stopImmediatePropagation();
  };
  document.addEventListener('copy', put, { capture: true });
  const isCopied = document.execCommand('copy');
  document.removeEventListener('copy', put, { capture: true });
  if (!isCopied) throw new Error('the browser did not copy');
}
