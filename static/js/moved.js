// The person is in another team or mode by now: this page stays what it said it was, asks nothing more, and offers the reload.
document.addEventListener("page-moved", (event) => {
  document.dispatchEvent(new Event("app:stale"));
  document.getElementById("pulse")?.remove();
  if (document.getElementById("moved")) return;
  const banner = document.getElementById("t-moved").content.cloneNode(true);
  banner.querySelector("[data-words]").textContent = event.detail.value;
  document.getElementById("notice")?.append(banner);
  document.getElementById("moved")?.scrollIntoView({ block: "nearest" });
});
