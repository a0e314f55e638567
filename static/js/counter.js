// Counts a text as it is typed: data-counter names the output, data-max is the limit. Spoken only from 90 % on.
{
  const count = (area, speak) => {
    const output = document.getElementById(area.dataset.counter);
    const maximum = Number(area.dataset.max);
    if (!output || !maximum) return;
    const length = [...area.value].length;
    output.textContent = `${length.toLocaleString("en")} / ${maximum.toLocaleString("en")}`;
    output.classList.toggle("warn", length >= 0.9 * maximum && length <= maximum);
    output.classList.toggle("bad", length > maximum);
    if (speak && length >= 0.9 * maximum) area.dispatchEvent(new CustomEvent("app:say", { bubbles: true, detail: { text: output.textContent } }));
  };
  document.addEventListener("input", (event) => { if (event.target.dataset.counter) count(event.target, true); });
  // The server has counted what it sent; only what the browser has put back is counted here.
  document.addEventListener("htmx:load", () => document.querySelectorAll("[data-counter]").forEach((area) => {
    if (area.value !== area.defaultValue) count(area, false);
  }));
}
