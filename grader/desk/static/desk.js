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
  const folded = target.closest("details");
  if (folded) folded.open = true;
  if (target.matches("a")) target.click();
  else { target.focus(); if (target.select) target.select(); }
});
for (const button of document.querySelectorAll("[data-opens]")) button.addEventListener("click", openKeys);

// While a file is graded the page asks whether it is done, and loads itself anew then: what was typed is kept for that.
const place = `typed ${location.pathname}`;
const fields = () => [...document.querySelectorAll("main form:is(#decide, #whose) :is(input:not([type=hidden]), select, textarea)")];
const called = (field) => `${field.form.id} ${field.name}`;
const isTyped = (field) => {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.matches("select") ? field.value !== "" : field.value !== field.defaultValue;
};
const keep = () => {
  const typed = fields().filter(isTyped).map((field) => [called(field), field.type === "checkbox" ? field.checked : field.value]);
  const focused = fields().find((field) => field === document.activeElement);
  sessionStorage.setItem(place, JSON.stringify({ typed, focused: focused ? called(focused) : "", at: focused?.selectionStart ?? null }));
};
const giveBack = () => {
  const { typed, focused, at } = JSON.parse(sessionStorage.getItem(place) || '{"typed": [], "focused": ""}');
  sessionStorage.removeItem(place);
  const byName = new Map(fields().map((field) => [called(field), field]));
  for (const [name, value] of typed) {
    const field = byName.get(name);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
    document.getElementById("kept").hidden = false;
  }
  const field = byName.get(focused);
  if (!field) return;
  field.focus();
  if (at !== null) field.setSelectionRange(at, at);
};
const ask = async (running) => {
  const answer = await fetch(running.dataset.asks).then((reply) => reply.text(), () => "yes");
  if (answer === "no") {
    keep();
    location.replace(location.pathname + location.search);
  } else setTimeout(ask, 1000, running);
};
if (document.getElementById("kept")) giveBack();
for (const form of document.querySelectorAll("form[data-keeps]")) form.addEventListener("submit", keep);
for (const running of document.querySelectorAll("[data-asks]")) ask(running);
