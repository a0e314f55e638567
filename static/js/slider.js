// Ties a range to the number beside it in .slider. Only the number is sent, so without script nothing is lost.
{
  const fill = (range) => {
    const share = (range.value - range.min) / (range.max - range.min || 1);
    range.style.setProperty("--p", `${(100 * share).toFixed(1)}%`);
  };
  const other = (field) => {
    const box = field.closest(".slider");
    return box?.querySelector(field.type === "range" ? "input:not([type=range])" : "input[type=range]");
  };
  const follow = (event) => {
    const pair = other(event.target);
    if (event.target.type === "range") fill(event.target);
    if (!pair) return;
    const isNews = pair.value !== event.target.value || event.type === "change";
    pair.value = event.target.value;
    if (pair.type === "range") fill(pair);
    else if (isNews) pair.dispatchEvent(new Event(event.type, { bubbles: true }));
  };
  document.addEventListener("input", follow);
  document.addEventListener("change", follow);
  document.addEventListener("htmx:load", () => document.querySelectorAll(".slider input[type=range]").forEach(fill));
}
