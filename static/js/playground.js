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
    if (event.target.closest("[data-asks]") && form && isEdited(form) && !confirm("Replace what you typed?")) event.preventDefault();
  });
  const note = (event) => {
    const field = event.target;
    const mark = field.form?.querySelector("[data-edited]");
    if (mark && field.name && field !== mark) mark.value = field.name;
  };
  document.addEventListener("input", note, true);
  document.addEventListener("change", note, true);
}
