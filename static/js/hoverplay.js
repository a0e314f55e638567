// Plays [data-preview] silently under a resting mouse or the keyboard's focus, one at a time. Never on touch.
{
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  let timer, current;
  const stop = () => {
    clearTimeout(timer);
    current?.remove();
    current = undefined;
  };
  const start = (link) => {
    stop();
    timer = setTimeout(() => {
      current = Object.assign(document.createElement("video"), { src: link.dataset.preview, muted: true, loop: true, playsInline: true, className: "hover" });
      current.setAttribute("aria-hidden", "true");
      link.append(current);
      current.play().catch(stop);
    }, 150);
  };
  const linkOf = (event) => event.target.closest?.("[data-preview]");
  if (!calm) {
    document.addEventListener("pointerover", (event) => {
      const link = linkOf(event);
      if (event.pointerType !== "mouse" || link?.contains(event.relatedTarget)) return;
      if (link) start(link);
      else if (current || timer) stop();
    });
    document.addEventListener("focusin", (event) => (linkOf(event)?.matches(":focus-visible") ? start(linkOf(event)) : stop()));
  }
}
