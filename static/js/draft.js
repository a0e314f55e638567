// Keeps what stands in form[data-draft] for this tab, with its rows and files. It comes back where the server shows plain
// defaults (data-draft-restore) or after the reload that a stale session asks for; the server makes the form anew.
{
  const FORCED = "draft-forced";
  const edited = new Set();
  let timer;
  const forms = () => document.querySelectorAll("form[data-draft]");
  const keep = () => {
    for (const form of forms()) {
      if (!edited.has(form.dataset.draft)) continue;
      const typed = [...new FormData(form)].filter(([name, value]) => !value.name && !/^(csrf|nonce|_said|_edited)/.test(name));
      sessionStorage.setItem(`draft:${form.dataset.draft}`, JSON.stringify(typed));
    }
  };
  const note = (event) => {
    const form = event.target.form?.closest("[data-draft]");
    if (!form) return;
    edited.add(form.dataset.draft);
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  addEventListener("pagehide", keep);
  document.addEventListener("app:stale", () => sessionStorage.setItem(FORCED, "1"));
  addEventListener("load", () => {
    for (const form of forms()) {
      const kept = sessionStorage.getItem(`draft:${form.dataset.draft}`);
      if (!kept || !(form.hasAttribute("data-draft-restore") || sessionStorage.getItem(FORCED))) continue;
      const values = new FormData();
      for (const [name, value] of [...JSON.parse(kept), ["_draft", "1"]]) values.append(name, value);
      const path = form.querySelector("[data-quote]").getAttribute("hx-post");
      htmx.ajax("POST", path, { source: document.body, target: form, swap: "outerHTML", values });
    }
    sessionStorage.removeItem(FORCED);
  });
}
