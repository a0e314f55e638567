// Search: what carries data-search (and "/", see keys.js) opens the dialog; arrows move through what was found.
{
  const dialog = document.getElementById("search");
  document.addEventListener("click", (event) => {
    if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey || !event.target.closest("[data-search]")) return;
    event.preventDefault();
    dialog.showModal();
  });
  dialog?.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [...dialog.querySelectorAll("[name=q], #found a")];
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
}
