// Flips the theme at once; the cookie for the next page is set in the background.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  document.documentElement.dataset.theme = event.submitter.value;
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
});
