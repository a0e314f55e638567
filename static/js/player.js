// Our controls in place of the browser's: play, timecode, seek, frame step, speed, loop, sound, full screen.
{
  const NEXT_RATE = { 1: 2, 2: 0.25, 0.25: 0.5, 0.5: 1 };
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
  const fpsOf = (video) => Number(video.dataset.fps) || 24;
  // A clip shows frame n from n/fps on; what is a hair before that is a rounded number and no earlier frame.
  const frameOf = (video, seconds) => Math.floor((seconds || 0) * fpsOf(video) + 0.01);
  // Minutes, seconds, frames.
  const timecode = (video, seconds) => {
    const rate = Math.round(fpsOf(video));
    const frame = frameOf(video, seconds);
    const whole = Math.floor(frame / rate);
    return [Math.floor(whole / 60), whole % 60, frame % rate].map((number) => String(number).padStart(2, "0")).join(":");
  };
  const playerOf = (target) => target.closest?.("[data-player]");
  const videoOf = (player) => player.querySelector("video");
  // Nothing is loaded before the first play; until then the page says how long the clip is.
  const secondsOf = (video) => video.duration || (video.dataset.ms || 0) / 1000;

  const draw = (player) => {
    const video = videoOf(player);
    const seconds = secondsOf(video);
    const share = seconds ? video.currentTime / seconds : 0;
    const seek = player.querySelector("[data-seek]");
    seek.value = Math.round(1000 * share);
    seek.style.setProperty("--p", `${(100 * share).toFixed(2)}%`);
    seek.ariaValueText = seek.dataset.seek.replace("##", seconds.toFixed(1)).replace("#", video.currentTime.toFixed(1));
    player.querySelector("[data-now]").textContent = timecode(video, video.currentTime);
    player.querySelector("[data-total]").textContent = `/ ${timecode(video, seconds)}`;
    player.querySelector("[data-rate]").textContent = `${video.playbackRate}×`;
    player.classList.toggle("playing", !video.paused);
    player.classList.toggle("quiet", !video.paused);
    player.classList.toggle("sound", !video.muted);
    const play = player.querySelector("[data-do=play]");
    play.ariaLabel = play.dataset[video.paused ? "play" : "pause"];
    player.querySelector("[data-do=mute]").ariaPressed = !video.muted;
    player.querySelector("[data-do=loop]").ariaPressed = video.loop;
  };
  const follow = (player) => {
    draw(player);
    if (player.isConnected && !videoOf(player).paused) requestAnimationFrame(() => follow(player));
  };
  const goTo = (video, seconds) => { video.currentTime = Math.min(secondsOf(video), Math.max(0, seconds)); };
  const step = (video, frames) => {
    video.pause();
    // Into the middle of the frame, where no rounding leads to its neighbour.
    goTo(video, (frameOf(video, video.currentTime) + frames + 0.5) / fpsOf(video));
  };
  const actions = {
    play: (video) => (video.paused ? video.play().catch(() => {}) : video.pause()),
    loop: (video) => { video.loop = !video.loop; },
    mute: (video) => { video.muted = !video.muted; },
    full: (video, player) => (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen?.() ?? video.webkitEnterFullscreen?.()),
    rate: (video) => { video.playbackRate = NEXT_RATE[video.playbackRate] ?? 1; },
    back: (video) => goTo(video, video.currentTime - 1),
    on: (video) => goTo(video, video.currentTime + 1),
    frameBack: (video) => step(video, -1),
    frameOn: (video) => step(video, 1),
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
    // On a take's own page the player hears its keys from anywhere, except the arrows, which lead to the takes beside it.
    const isAnywhere = event.target === document.body && !event.key.startsWith("Arrow") && !localStorage["single-keys-off"];
    const player = playerOf(event.target) ?? (isAnywhere ? document.querySelector(".dt [data-player]") : null);
    const isButtonPress = event.key === " " && event.target.matches("button");
    if (!player || !keys[event.key] || isButtonPress || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run(player, keys[event.key]);
  });
  document.addEventListener("htmx:load", adopt);
  adopt();
}
