// Our controls in place of the browser's: play, timecode, seek, frame step, loop, sound, full screen.
{
  const FRAME_SECONDS = 1 / 24;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  const timecode = (seconds) => {
    const hundredths = Math.floor((seconds || 0) * 100);
    const two = (number) => String(number).padStart(2, "0");
    return `${two(Math.floor(hundredths / 6000))}:${two(Math.floor(hundredths / 100) % 60)}.${two(hundredths % 100)}`;
  };
  const playerOf = (target) => target.closest?.("[data-player]");
  const videoOf = (player) => player.querySelector("video");
  // Nothing is loaded before the first play; until then the page says how long the clip is.
  const secondsOf = (video) => video.duration || Number(video.dataset.ms || 0) / 1000;

  const draw = (player) => {
    const video = videoOf(player);
    const seconds = secondsOf(video);
    const share = seconds ? video.currentTime / seconds : 0;
    const seek = player.querySelector("[data-seek]");
    seek.value = Math.round(1000 * share);
    seek.style.setProperty("--p", `${(100 * share).toFixed(2)}%`);
    seek.setAttribute("aria-valuetext", `${video.currentTime.toFixed(1)} of ${seconds.toFixed(1)} seconds`);
    player.querySelector("[data-now]").textContent = timecode(video.currentTime);
    player.querySelector("[data-total]").textContent = `/ ${timecode(seconds)}`;
    player.classList.toggle("playing", !video.paused);
    player.classList.toggle("quiet", !video.paused);
    player.classList.toggle("sound", !video.muted);
    player.querySelector("[data-do=play]").setAttribute("aria-label", video.paused ? "Play" : "Pause");
    player.querySelector("[data-do=mute]").setAttribute("aria-pressed", String(!video.muted));
    player.querySelector("[data-do=loop]").setAttribute("aria-pressed", String(video.loop));
  };
  const follow = (player) => {
    draw(player);
    if (player.isConnected && !videoOf(player).paused) requestAnimationFrame(() => follow(player));
  };
  const step = (video, seconds) => { video.currentTime = Math.min(secondsOf(video), Math.max(0, video.currentTime + seconds)); };
  const actions = {
    play: (video) => (video.paused ? video.play().catch(() => {}) : video.pause()),
    loop: (video) => { video.loop = !video.loop; },
    mute: (video) => { video.muted = !video.muted; },
    full: (video, player) => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.() ?? video.webkitEnterFullscreen?.()),
    back: (video) => step(video, -1),
    on: (video) => step(video, 1),
    frameBack: (video) => { video.pause(); step(video, -FRAME_SECONDS); },
    frameOn: (video) => { video.pause(); step(video, FRAME_SECONDS); },
  };
  const keys = { " ": "play", k: "play", l: "loop", m: "mute", f: "full", ArrowLeft: "back", ArrowRight: "on", ",": "frameBack", ".": "frameOn" };
  const run = (player, name) => { actions[name](videoOf(player), player); draw(player); };

  const adopt = () => {
    for (const player of document.querySelectorAll("[data-player]:not(.ready)")) {
      player.classList.add("ready");
      const video = videoOf(player);
      video.controls = false;
      player.querySelector(".ctl").hidden = false;
      draw(player);
      if ("autoplay" in video.dataset && !calm) video.play().catch(() => {});
    }
  };
  // Media events do not bubble, but they can be caught on the way down.
  for (const name of ["play", "pause", "seeked", "loadedmetadata", "volumechange"]) {
    document.addEventListener(name, (event) => { const player = playerOf(event.target); if (player) follow(player); }, true);
  }
  document.addEventListener("click", (event) => {
    const player = playerOf(event.target);
    const button = event.target.closest("[data-do]");
    if (player && (button || event.target.matches("video"))) run(player, button?.dataset.do ?? "play");
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-seek]")) return;
    const video = videoOf(playerOf(event.target));
    video.currentTime = (event.target.value / 1000) * secondsOf(video);
  });
  document.addEventListener("keydown", (event) => {
    const player = playerOf(event.target);
    const isButtonPress = event.key === " " && event.target.matches("button");
    if (!player || !keys[event.key] || isButtonPress || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run(player, keys[event.key]);
  });
  document.addEventListener("htmx:load", adopt);
  adopt();
}
