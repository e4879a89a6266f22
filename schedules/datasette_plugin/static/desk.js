/* Keys for the lists of alerts. Every key presses a button or follows a link of the page, so nothing needs this script. */
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") {
    const search = document.querySelector(".masthead input[type=search]");
    if (search) { event.preventDefault(); search.focus(); }
    return;
  }
  const alerts = [...document.querySelectorAll("[data-alert]")];
  const step = { j: 1, k: -1 }[event.key];
  const focused = document.activeElement && document.activeElement.closest("[data-alert]");
  const at = alerts.indexOf(focused || (location.hash && document.querySelector(`[data-alert]${location.hash}`)));
  if (step) {
    const next = alerts[Math.min(Math.max(at + step, 0), alerts.length - 1)];
    if (next) { next.focus({ preventScroll: true }); next.scrollIntoView({ block: "center" }); }
    return;
  }
  const part = alerts[at];
  if (!part) return;
  const wanted = { r: "[data-key=r]", n: "[data-key=n]", s: "[data-key=s]" }[event.key];
  const button = wanted && part.querySelector(wanted);
  if (button) button.click();
  const link = event.key === "o" && (part.closest("article") || part).querySelector("h3 a, a[href*='/alert/']");
  if (link) link.click();
});
