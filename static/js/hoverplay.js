// Plays [data-preview] silently under a resting mouse or the keyboard's focus, one at a time. Never on touch.
// Pictures of models are drawn at the first need: what was not ready (one pixel, an empty clip) is asked for again.
{
  const AGAIN_MS = 1500, TRIES = 8;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  let timer, current;
  const stop = () => {
    clearTimeout(timer);
    current?.remove();
    timer = current = undefined;
  };
  const start = (link, tries = TRIES, pause = 150) => {
    stop();
    timer = setTimeout(() => {
      const video = Object.assign(document.createElement("video"), { src: link.dataset.preview, muted: true, loop: true, playsInline: true, className: "hover", ariaHidden: true });
      video.ontimeupdate = () => link.style.setProperty("--p", `${(100 * video.currentTime) / video.duration}%`);
      current = video;
      (link.querySelector(".ph") ?? link).append(video);
      video.play().catch(() => { if (current === video) tries ? start(link, tries - 1, AGAIN_MS) : stop(); });
    }, pause);
  };
  const linkOf = (event) => event.target.closest?.("[data-preview]");
  if (!calm) {
    document.addEventListener("pointerover", (event) => {
      const link = linkOf(event);
      if (event.pointerType !== "mouse" || link?.contains(event.relatedTarget)) return;
      if (link) start(link);
      else if (current || timer) stop();
    });
    document.addEventListener("focusin", (event) => (linkOf(event) && event.target.matches(":focus-visible") ? start(linkOf(event)) : stop()));
  }
  // By another address: the browser would take the same one from its memory, whatever the answer's headers said.
  const again = (picture) => {
    const [url, tried = 0] = picture.src.split("&again=");
    if (picture.naturalWidth === 1 && tried < TRIES) setTimeout(() => { picture.src = `${url}&again=${+tried + 1}`; }, AGAIN_MS);
  };
  document.addEventListener("load", (event) => { if (event.target.matches?.("[data-again]")) again(event.target); }, true);
  for (const picture of document.querySelectorAll("[data-again]")) if (picture.complete) again(picture);
}
