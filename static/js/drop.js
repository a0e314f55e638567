// Drop zones [data-drop]: what is dropped or pasted goes into the file input as if chosen; progress; then the price.
{
  const zones = () => [...document.querySelectorAll("[data-drop]")];
  const zoneOf = (node) => node?.closest?.("[data-drop]");
  const inputOf = (zone) => zone.querySelector("input[type=file]");
  const give = (zone, files) => {
    const input = inputOf(zone), kept = new DataTransfer();
    for (const file of input.multiple ? files : files.slice(0, 1)) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!zones().length || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault(); // beside a zone, too: the browser would leave the page for the file
      const zone = zoneOf(event.target), files = [...event.dataTransfer.files];
      for (const other of zones()) other.classList.toggle("over", other === zone && name === "dragover");
      if (zone && files.length && name === "drop") give(zone, files);
    });
  }
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    const fit = zones().filter((zone) => zone.offsetParent && inputOf(zone).accept.includes(files[0]?.type));
    const zone = zoneOf(event.target) ?? fit.find((other) => !other.querySelector(".has")) ?? fit[0];
    if (!zone || !files.length) return;
    event.preventDefault();
    give(zone, files);
  });
  // Enter would press Run.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.name?.endsWith("__url")) return;
    event.preventDefault();
    event.target.blur();
  });
  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    zoneOf(target)?.style.setProperty("--p", `${(100 * detail.loaded) / (detail.total || 1)}%`);
  });
  // The price is asked without the files: they have gone ahead, or are just going.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.path.endsWith("/quote")) for (const name of [...detail.formData.keys()]) if (/__(file|url)$/.test(name)) detail.formData.delete(name);
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    const zone = document.getElementById(target.id);
    if (!zone?.matches("[data-drop]")) return;
    zone.dispatchEvent(new Event("change", { bubbles: true }));
    if (document.activeElement === document.body) (inputOf(zone) ?? zone.querySelector("button")).focus();
  });
}
