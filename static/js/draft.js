// Keeps what is typed in form[data-draft=<key>] for this tab. It comes back where the server shows plain defaults
// (data-draft-restore) or after the reload that a stale session asks for; hidden fields are the server's and stay so.
{
  const FORCED = "draft-forced";
  const key = (form) => `draft:${form.dataset.draft}`;
  const own = (form) => [...form.elements].filter((field) => field.name && !["hidden", "file", "submit", "button"].includes(field.type));
  const read = (form) => own(form).map((field) => [field.name, field.value, field.checked ?? null]);
  const restore = (form, kept) => {
    for (const field of own(form)) {
      const isChoice = field.type === "radio" || field.type === "checkbox";
      const entry = kept.find(([name, value]) => name === field.name && (!isChoice || value === field.value));
      if (!entry) continue;
      if (isChoice) field.checked = entry[2];
      else field.value = entry[1];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  let timer;
  document.addEventListener("input", (event) => {
    const form = event.target.form?.closest("[data-draft]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => sessionStorage.setItem(key(form), JSON.stringify(read(form))), 300);
  });
  document.addEventListener("app:stale", () => sessionStorage.setItem(FORCED, "1"));
  window.addEventListener("load", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      const kept = sessionStorage.getItem(key(form));
      if (kept && (form.hasAttribute("data-draft-restore") || sessionStorage.getItem(FORCED))) restore(form, JSON.parse(kept));
    }
    sessionStorage.removeItem(FORCED);
  });
}
