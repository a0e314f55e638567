// Copies data-copy, or the text of the element that data-copy-from names.
{
  const write = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Plain http on another machine has no clipboard API.
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "vh" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const { copy, copyFrom, copied } = button.dataset;
    await write(copy ?? document.querySelector(copyFrom)?.textContent ?? "");
    button.dispatchEvent(new CustomEvent("app:toast", { bubbles: true, detail: { template: "t-copied", text: copied } }));
  });
}
