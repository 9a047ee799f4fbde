// Before the first paint, so that it has the right colours. A file, as the policy allows no inline script.
(() => {
  let theme = 'system';
  try {
    theme = JSON.parse(localStorage.getItem('conveyor.preferences') || '{}').theme || 'system';
  } catch {}
  const dark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
})();
