// The playground's own: result tabs that keep the video where it is, the last edit, and asking before edits are lost.
{
  const show = (name, link) => {
    for (const pane of document.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== name;
    for (const tab of document.querySelectorAll("[data-tab]")) {
      if (tab.dataset.shows === name) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    const url = new URL(location.href);
    url.searchParams.set("tab", name);
    const take = new URL(link.href).searchParams.get("take");
    if (take && !url.searchParams.has("from")) url.searchParams.set("take", take);
    history.replaceState(history.state, "", url);
  };
  const isEdited = (form) => [...form.elements].some((field) => {
    if (!field.name || field.type === "hidden") return false;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected && option.defaultSelected);
    return field.value !== field.defaultValue;
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const tab = event.target.closest("[data-shows]");
    if (tab && document.querySelector(`[data-pane="${tab.dataset.shows}"]`)) {
      event.preventDefault();
      show(tab.dataset.shows, tab);
      return;
    }
    const form = document.getElementById("f");
    const words = event.target.closest("[data-asks]")?.dataset.asks;
    if (words && form && isEdited(form) && !confirm(words)) event.preventDefault();
  });
  // A field that was edited after the price was asked keeps what was typed, whatever the answer says about it.
  const touched = new Set();
  const note = ({ target: field }) => {
    const mark = field.closest("form")?.querySelector("[data-edited]");
    const name = field.dataset.drop ?? (field.form && field.name);
    if (mark && name && field !== mark) mark.value = name;
    for (let box = field; (box = box.parentElement?.closest("[id^=field-]"));) touched.add(box.id);
  };
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (touched.has(event.detail.target.id)) event.detail.shouldSwap = false;
  });
  // A price that arrives while a button is being pressed would take the button away under the finger, and one that
  // arrives while Run is under way would be the older one. Such answers are dropped and the price is asked again.
  let busy = 0, isPressed = false, owed = false;
  const replacesForm = ({ elt, target }) => elt.id !== "pulse" && /^(stage|cmp|f|field-.*)$/.test(target?.id);
  const ask = () => {
    if (busy || isPressed || !owed) return;
    owed = false;
    document.getElementById("f")?.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = event.detail.requestConfig;
    const isQuote = elt.matches("[data-quote]");
    if (isQuote) touched.clear();
    if (replacesForm(event.detail.requestConfig)) busy += 1;
    target?.addEventListener("htmx:beforeSwap", (swap) => {
      const isLate = isQuote && (busy || isPressed);
      owed ||= isLate;
      // What asked may itself be gone: then the parts beside it would find no place either.
      if (isLate || !target.isConnected || !elt.isConnected) swap.detail.shouldSwap = false;
    }, { once: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.requestConfig || !replacesForm(event.detail.requestConfig)) return;
    busy = Math.max(0, busy - 1);
    setTimeout(ask, 50);
  });
  document.addEventListener("pointerdown", () => { isPressed = true; });
  for (const name of ["pointerup", "pointercancel"]) {
    // After the click that follows it.
    document.addEventListener(name, () => setTimeout(() => { isPressed = false; ask(); }, 50));
  }
  document.addEventListener("input", note, true);
  document.addEventListener("change", note, true);
}
