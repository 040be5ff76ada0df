// Runs before the first paint: without it a dark console would flash white. It is a file, not inline, because of the content policy.
(function () {
  var theme = null;
  try { theme = localStorage.getItem('nacre.theme'); } catch (e) { /* private mode: the system's choice stands */ }
  if (theme !== 'dark' && theme !== 'light') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
  document.documentElement.style.background = theme === 'dark' ? '#12171d' : '#f7f5f0';
})();
