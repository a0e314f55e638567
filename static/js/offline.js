// Without a line: a banner, Run disabled with the reason beside it, nothing asked. All goes by itself; the price is asked again.
{
  let owed = false;
  const show = () => {
    const offline = !navigator.onLine;
    document.documentElement.classList.toggle("offline", offline);
    document.getElementById("offline")?.remove();
    if (offline) document.getElementById("notice")?.append(document.getElementById("t-offline").content.cloneNode(true));
    for (const button of document.querySelectorAll("[data-run-button]")) {
      if (offline && !button.disabled) button.disabled = button.dataset.wasOn = true;
      else if (!offline && button.dataset.wasOn) { button.disabled = false; delete button.dataset.wasOn; }
    }
    if (!offline && owed) {
      owed = false;
      htmx.trigger(document.body, "reprice");
    }
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    owed ||= event.detail.elt.matches("[data-quote]");
  });
  document.addEventListener("htmx:load", () => navigator.onLine || show());
  show();
}
