// Tells the server the viewer's time zone, so that days and times are theirs from the next page on.
// Once a day, after the first touch of a page: the browser loads its tables of languages for it, longer than all else here takes.
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => setTimeout(() => {
  if (!/\btz=/.test(document.cookie)) document.cookie = `tz=${Intl.DateTimeFormat().resolvedOptions().timeZone};path=/;max-age=86400;samesite=lax`;
}), { once: true });
