// The one script: keys for the list of devices, and a button beside each value that copies it. Everything works without.
"use strict";

const search = document.getElementById("search");

document.addEventListener("keydown", (event) => {
  if (!document.body.dataset.keys || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey && event.key !== "/") return;
  const typing = event.target.closest("input, select, textarea, summary, [contenteditable]");
  if (event.key === "/" && search && !typing) {
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...document.querySelectorAll("#devices tbody th a")];
  const at = rows.indexOf(event.target);
  // From the page and from the search field, the way down leads into the list; elsewhere arrows do what they always do.
  const outside = event.target === search || event.target === document.body;
  if (!step || at < 0 && !(outside && step > 0)) return;
  const next = at + step < 0 ? search : rows[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// Browsers let a page copy over TLS and on the machine itself alone.
if (navigator.clipboard) {
  for (const holder of document.querySelectorAll("[data-copy]")) {
    const { copy, copied } = holder.dataset;
    for (const value of holder.querySelectorAll(".copied")) {
      const button = document.createElement("button");
      const say = (text) => {
        button.textContent = text;
        button.setAttribute("aria-label", `${text}: ${value.textContent}`);
      };
      button.type = "button";
      button.className = "copy";
      button.setAttribute("aria-live", "polite");
      say(copy);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(value.textContent);
        say(copied);
        setTimeout(say, 2000, copy);
      });
      (value.closest("pre") ?? value).after(button);
    }
  }
}
