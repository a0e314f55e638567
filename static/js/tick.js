// Moves every timer and bar once a second: data-start (ms), data-typ (s), data-progress (0..1, if the upstream says), data-late (s).
{
  // Counted by the server's clock as it was at load: the two machines may disagree by hours.
  const skew = Date.now() - (document.documentElement.dataset.now || Date.now());
  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const rest = two(Math.floor(seconds % 60));
    return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
  };
  const bar = (seconds, typical) => {
    const share = seconds / typical;
    return share <= 1 ? 0.9 * share : 0.9 + 0.07 * (1 - Math.exp(1 - share));
  };
  const tick = () => {
    for (const element of document.querySelectorAll("[data-start]")) {
      const seconds = Math.max(0, (Date.now() - skew - element.dataset.start) / 1000);
      const typical = +element.dataset.typ || 120;
      const told = element.dataset.progress;
      const share = told ? +told : bar(seconds, typical);
      for (const text of element.querySelectorAll("[data-clock]")) text.textContent = clock(seconds);
      for (const progress of element.querySelectorAll(".prog")) {
        progress.style.setProperty("--p", `${(100 * share).toFixed(1)}%`);
        progress.ariaValueText = progress.dataset.words.replace("#", Math.round(seconds));
      }
      if (element.dataset.late) element.classList.toggle("late", seconds > element.dataset.late);
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("htmx:load", tick);
}
