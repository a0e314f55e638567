// Without a line: a banner, and Run disabled with the reason beside it; both go by themselves.
{
  const show = () => {
    const offline = !navigator.onLine;
    document.documentElement.classList.toggle("offline", offline);
    document.getElementById("offline")?.remove();
    if (offline) document.getElementById("notice")?.append(document.getElementById("t-offline").content.cloneNode(true));
    for (const button of document.querySelectorAll("[data-run-button]")) {
      if (offline && !button.disabled) button.disabled = button.dataset.wasOn = true;
      else if (!offline && button.dataset.wasOn) { button.disabled = false; delete button.dataset.wasOn; }
    }
  };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  document.addEventListener("htmx:load", () => navigator.onLine || show());
  show();
}
