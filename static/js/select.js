// Selecting takes in the gallery's grid: click and Shift+click, `x` and Shift+arrows, a long press. The bar counts along.
{
  const on = (kinds, act, how) => kinds.split(" ").forEach((kind) => document.addEventListener(kind, act, how));
  const $ = (query) => document.querySelector(query);
  const boxes = () => [...document.querySelectorAll(".pick input")];
  const picked = () => boxes().filter((box) => box.checked);
  const boxOf = (element) => element.closest?.(".tile")?.querySelector(".pick input");
  const focus = (box) => box?.closest(".tile").querySelector("a").focus();
  let last, next, timer, isLong;
  const sync = () => {
    const all = picked(), count = $("[data-n]");
    if (!count) return;
    count.textContent = count.dataset.n.replace("#", all.length);
    $("[data-mb]").textContent = `${Math.ceil(all.reduce((sum, box) => sum + +box.dataset.size, 0) / 1e6)} MB`;
    const few = $("[data-few]");
    if (few) few.hidden = !all[1] || !!all[4];
  };
  // From the tile that was chosen last up to this one.
  const pick = (box, isOn, isRange) => {
    const all = boxes(), from = isRange ? all.indexOf(last) : -1, to = all.indexOf(box);
    for (const one of from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = isOn;
    last = box;
    sync();
  };
  on("click", (event) => {
    const { target } = event, box = boxOf(target), sure = $("#sure");
    if (target === box) pick(box, box.checked, event.shiftKey);
    else if (box && target.closest(".ph") && (isLong || picked()[0] || event.shiftKey)) {
      event.preventDefault();
      if (!isLong) pick(box, !box.checked || event.shiftKey, event.shiftKey);
    }
    isLong = 0;
    if (target.closest("[data-close]")) sure.close();
    if (!target.closest("[value^=delete]")) return;
    // Of one take alone by its own menu, which is there only while none is ticked.
    const all = picked()[0] ? picked() : [box], left = boxes().filter((one) => !all.includes(one));
    next = left.find((one) => all.at(-1).compareDocumentPosition(one) & 4) ?? left.at(-1);
    if (!all[1] || sure.open) return;
    // Several are asked about first.
    event.preventDefault();
    event.stopPropagation();
    sure.querySelector("span").textContent = all.length;
    sure.showModal();
  }, true);
  on("keydown", (event) => {
    const { key, target } = event, box = boxOf(target);
    if (key === "Escape" && !$(":popover-open, dialog[open]")) $("#bulk")?.reset();
    if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "x" && !localStorage["single-keys-off"]) pick(box, !box.checked);
    const step = event.shiftKey && { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    const all = boxes(), to = step && all[all.indexOf(box) + step];
    if (!to) return;
    event.preventDefault();
    pick(box, true);
    pick(to, true);
    focus(to);
  });
  on("touchstart", (event) => {
    const box = boxOf(event.target);
    isLong = 0;
    if (box) timer = setTimeout(() => { isLong = 1; pick(box, true); }, 500);
  });
  on("touchend touchmove touchcancel", () => clearTimeout(timer));
  on("contextmenu", (event) => { if (isLong) event.preventDefault(); });
  on("selection-done", () => { $("#collect")?.hidePopover(); $("#bulk").reset(); });
  on("takes-deleted", () => { $("#sure").close(); focus(next); });
  on("change reset htmx:afterSettle selection-done takes-deleted", () => setTimeout(sync));
  sync();
}
