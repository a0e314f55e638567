// Ctrl+Enter runs anywhere. Single keys work outside of fields, and can be switched off under "?".
{
  const OFF = "single-keys-off";
  const dialog = document.getElementById("keys");
  const typing = (target) => target.closest("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
  let afterG = false;
  const act = (event) => {
    if (afterG) return document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (event.key === "p") return document.querySelector("[data-prompt]");
    return /^[1-9]$/.test(event.key) ? document.querySelector(`[data-tab="${event.key}"]`) : null;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = document.querySelector("[data-run-button]:not([disabled])");
      if (button?.form) { event.preventDefault(); button.form.requestSubmit(button); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?" && dialog) return void dialog.showModal();
    if (localStorage.getItem(OFF)) return;
    const element = act(event);
    afterG = event.key === "g" && !afterG;
    if (!element) return;
    event.preventDefault();
    if (element.matches("[data-prompt]")) element.focus();
    else element.click();
  });
  const box = dialog?.querySelector("[data-single-keys]");
  if (box) {
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  }
  document.addEventListener("click", (event) => { if (event.target.closest("[data-open-keys]")) dialog?.showModal(); });
}
