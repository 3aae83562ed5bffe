"use strict";
// Everything works without this; it adds the keyboard.
const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select");
const go = (selector) => { const link = document.querySelector(selector); if (link) link.click(); };
const opened = () => document.querySelector("dialog[open]");
const keys = document.getElementById("keys");
const openKeys = () => keys.showModal();
// In the list `j` and `k` go from student to student, and on to the next page; Enter opens.
const step = (by) => {
  const rows = [...document.querySelectorAll("table.reports tbody th a")];
  const at = rows.indexOf(document.activeElement);
  const row = rows[at < 0 && by > 0 ? 0 : at + by];
  if (row) row.focus();
  else go(by > 0 ? "a[rel=next]" : "a[rel=prev]");
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (opened()) {
    if (event.key === "?") keys.close();
    return;
  }
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && event.target.matches("textarea") && event.shiftKey) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    return;
  }
  if (event.key === "j") return step(1);
  if (event.key === "k") return step(-1);
  if (event.key === "?") return openKeys();
  const target = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
  if (!target) return;
  event.preventDefault();
  if (target.matches("a")) target.click();
  else { target.focus(); if (target.select) target.select(); }
});
for (const button of document.querySelectorAll("[data-opens]")) button.addEventListener("click", openKeys);
