// Tells the server the viewer's time zone, so that days and times are theirs from the next page on.
document.cookie = `tz=${Intl.DateTimeFormat().resolvedOptions().timeZone};path=/;max-age=31536000;samesite=lax`;
