// The one script: "/" puts the cursor in the search field, arrows go from it through the list and back. Everything
// works without it.
"use strict";

const step = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  const search = document.getElementById("search");
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing) return search;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  // In another field the arrows are the field's own.
  if (!by || (typing && typing !== search)) return null;
  const stops = [search, ...document.querySelectorAll(".list tbody th a")].filter(Boolean);
  const here = stops.indexOf(event.target);
  return here < 0 ? null : stops[here + by];
};

document.addEventListener("keydown", (event) => {
  const next = step(event);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select?.();
});
