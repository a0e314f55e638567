// Ctrl+Enter runs anywhere. Single keys work outside of fields, and can be switched off under "?".
{
  const OFF = "single-keys-off";
  const dialog = document.getElementById("keys");
  const typing = (target) => target.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
  let afterG = false;
  const act = (event) => {
    if (afterG) return document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (event.key === "/") return document.querySelector("[data-search]");
    if (event.key === "p") return document.querySelector("[data-prompt]");
    // A player has arrows of its own; what a page's buttons are pressed by stands in their data-key.
    if (event.target.closest("[data-player]") && event.key.startsWith("Arrow")) return null;
    // Escape closes what is open on top first.
    if (document.fullscreenElement || document.querySelector(":popover-open")) return null;
    return document.querySelector(`[data-tab="${CSS.escape(event.key)}"], [data-key="${CSS.escape(event.key)}"]`);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = document.querySelector("[data-run-button]:not([disabled])");
      if (button?.form) { event.preventDefault(); button.form.requestSubmit(button); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?" && dialog) return void dialog.showModal();
    if (localStorage[OFF]) return;
    const element = act(event);
    afterG = event.key === "g" && !afterG;
    if (!element) return;
    event.preventDefault();
    if (element.matches("[data-prompt]")) element.focus();
    else element.click();
  });
  const box = dialog?.querySelector("[data-single-keys]");
  if (box) {
    box.checked = !localStorage[OFF];
    box.addEventListener("change", () => (box.checked ? delete localStorage[OFF] : (localStorage[OFF] = 1)));
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-open-keys]")) dialog?.showModal(); });
}
