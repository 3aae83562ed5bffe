"use strict";
// Everything works without this; it adds the keyboard.
const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select");
const go = (selector) => { const link = document.querySelector(selector); if (link) link.click(); };
const opened = () => document.querySelector("dialog[open]");
const openKeys = () => document.getElementById("keys").showModal();

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || opened()) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && event.target.matches("textarea") && event.shiftKey) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    return;
  }
  if (event.key === "j") return go("a[rel=next]");
  if (event.key === "k") return go("a[rel=prev]");
  if (event.key === "?") return openKeys();
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
  if (!target) return;
  event.preventDefault();
  if (target.matches("a")) target.click();
  else { target.focus(); if (target.select) target.select(); }
});
for (const button of document.querySelectorAll("[data-opens]")) button.addEventListener("click", openKeys);
