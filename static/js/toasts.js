// Toasts leave after six seconds unless they have an action or are an error; the server speaks through events.
{
  const region = document.getElementById("toasts");
  const say = (text) => { document.getElementById("say").textContent = text; };
  const leave = (toast) => {
    if (toast.matches(":hover, :focus-within")) return void setTimeout(leave, 2000, toast);
    toast.classList.add("out");
    setTimeout(() => toast.remove(), 220);
  };
  const watch = (node) => {
    if (node.matches?.(".toast:not([data-stay])")) setTimeout(leave, node.dataset.ms ?? 6000, node);
  };
  region.childNodes.forEach(watch);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(watch))).observe(region, { childList: true });

  const toast = (templateId, text) => {
    const copy = document.getElementById(templateId).content.cloneNode(true);
    if (text) copy.querySelector(".grow").textContent = text;
    region.prepend(copy);
  };
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast, .banner").remove();
    if (event.target.closest("[data-reload]")) location.reload();
  });
  document.addEventListener("app:toast", (event) => toast(event.detail.template, event.detail.text));
  document.addEventListener("app:say", (event) => say(event.detail.text));
  // Sent by the server in HX-Trigger.
  document.addEventListener("say", (event) => say(event.detail.value));
  document.addEventListener("page-title", (event) => { document.title = event.detail.value; });
  // The old content stays. Without an answer nobody knows; a refusal stays one, whoever tries again.
  const failed = ({ detail: { elt, xhr, requestConfig } }) => {
    if (elt?.id === "pulse" || !navigator.onLine) return;
    if (xhr?.status >= 400 && xhr.status < 500) toast("t-refused");
    else toast(xhr?.status && requestConfig?.verb !== "get" ? "t-unsaved" : "t-error");
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);
}
