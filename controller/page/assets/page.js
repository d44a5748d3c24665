// Keeps the page up to date: fetches it again and changes only what differs, so that the focus, the
// place and what is selected stay. Without it the page is complete, and as old as it says.
"use strict";

// Time between two updates, and the longest that one may take, milliseconds.
const PERIOD = Number(document.body.dataset.period);
const PATIENCE = 10000;

const pause = document.getElementById("pause");
const stale = document.getElementById("stale");
let paused = false;
let running = false;
let timer = 0;

function sameKind(have, want) {
  return have.nodeType === want.nodeType && have.nodeName === want.nodeName && (have.id || "") === (want.id || "");
}

function attributes(have, want) {
  for (const { name, value } of want.attributes) {
    if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  for (const { name } of [...have.attributes]) {
    if (!want.hasAttribute(name)) have.removeAttribute(name);
  }
}

function children(have, want) {
  const named = new Map();
  for (const child of have.children) if (child.id) named.set(child.id, child);
  let at = have.firstChild;
  for (const wanted of [...want.childNodes]) {
    let found = wanted.id ? named.get(wanted.id) : at && sameKind(at, wanted) ? at : null;
    if (found && !sameKind(found, wanted)) found = null;
    if (found) {
      if (found === at) at = at.nextSibling;
      else move(have, found, at);
      become(found, wanted);
    } else {
      const fresh = document.importNode(wanted, true);
      if (fresh.id && fresh.classList) fresh.classList.add("fresh-one");
      have.insertBefore(fresh, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// An element that is moved the old way loses the focus.
function move(parent, child, before) {
  if (parent.moveBefore) {
    parent.moveBefore(child, before);
    return;
  }
  const focus = child.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(child, before);
  if (focus) focus.focus({ preventScroll: true });
}

function become(have, want) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  // What somebody fills in is theirs.
  if (have.hasAttribute("data-still")) return;
  attributes(have, want);
  children(have, want);
}

function late(sentence) {
  const text = sentence ? `${sentence} What you see is as it was at the time above.` : "";
  stale.hidden = !sentence;
  document.documentElement.classList.toggle("stale", Boolean(sentence));
  if (stale.textContent !== text) stale.textContent = text;
}

async function update() {
  const answer = await fetch(location.href, {
    headers: { accept: "text/html" },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  if (!answer.ok || !main) {
    const why = page.querySelector(".sentence");
    late(why ? `${page.querySelector("h1").textContent}: ${why.textContent}` : `The page is refused with ${answer.status}.`);
    return;
  }
  if (paused) return;
  late("");
  document.title = page.title;
  children(document.getElementById("updated"), page.getElementById("updated"));
  children(document.querySelector("main"), main);
}

async function round() {
  clearTimeout(timer);
  if (running || paused || document.hidden) return;
  running = true;
  try {
    await update();
  } catch {
    late("The page could not be updated: nothing answers.");
  } finally {
    running = false;
    schedule();
  }
}

function schedule() {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(round, PERIOD);
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) clearTimeout(timer);
  else round();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else round();
});
schedule();
