// The heartbeat rests while nobody looks (and without a line, see offline.js), and beats once on return.
{
  const isPulse = (event) => event.detail.elt?.id === "pulse";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isPulse(event) && document.hidden) event.preventDefault();
  });
  const awake = () => {
    const pulse = document.getElementById("pulse");
    if (!pulse?.hasAttribute("hx-get") || !window.htmx) return;
    if (!document.hidden) htmx.trigger(document.body, "pulse");
  };
  document.addEventListener("visibilitychange", awake);
  addEventListener("online", awake);
}
