// A form from an earlier session is refused; say so, keep the draft, offer the reload.
document.addEventListener("csrf-stale", () => {
  document.dispatchEvent(new Event("app:stale"));
  if (document.getElementById("stale")) return;
  document.getElementById("notice")?.append(document.getElementById("t-stale").content.cloneNode(true));
});
