// Runs before the page is drawn. A file of its own, since the content security policy allows no inline script.
(() => {
  // The colour scheme that was chosen last, so that a dark page does not flash white.
  let mode = 'system';
  try {
    mode = globalThis.localStorage.getItem('almanac-mode') || 'system';
  } catch {
    // Storage may be forbidden; then the system's scheme is the answer.
  }
  const systemIsDark = globalThis.matchMedia('(prefers-color-scheme: dark)').matches;
  const dark = mode === 'dark' || (mode === 'system' && systemIsDark);
  globalThis.document.documentElement.setAttribute('data-color-scheme', dark ? 'dark' : 'light');
  // zod would compile its parsers with `new Function`, which the policy refuses.
  globalThis.__zod_globalConfig = { jitless: true };
})();
