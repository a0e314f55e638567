// "Play together": every clip of a comparison from its start, and one scrubber for all. The longest leads, the others follow.
{
  let leader;
  const each = (act) => document.querySelectorAll(".cmp video").forEach(act);
  // A jump takes a while itself, so a clip that is only a little off runs a little faster or slower instead.
  const go = (seconds, most = 0) => each((clip) => {
    const gap = seconds - clip.currentTime;
    if (gap * gap < most) clip.playbackRate = 1 + 2 * gap;
    else if (seconds < clip.duration) clip.currentTime = seconds;
  });
  const begin = () => {
    go(0);
    each((clip) => clip.play().catch(() => {}));
  };
  const listen = (name, act) => document.addEventListener(name, ({ target }) => act(target), true);
  listen("click", (target) => {
    if (!target.closest("[data-together]")) return;
    leader = null;
    each((clip) => {
      clip.loop = false;
      leader = leader?.dataset.ms - clip.dataset.ms >= 0 ? leader : clip;
    });
    begin();
  });
  listen("timeupdate", (clip) => { if (clip === leader) go(clip.currentTime, 0.1); });
  listen("pause", (clip) => { if (clip === leader) each((clip) => clip.pause()); });
  listen("ended", (clip) => { if (clip === leader) begin(); });
  listen("input", (target) => { if (leader && target.matches("[data-seek]")) go(target.closest(".frame").firstElementChild.duration * target.value / 1e3); });
}
