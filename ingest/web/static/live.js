// Keeps a page fresh: fetches its own address again and changes only what differs, so that nothing
// flickers and scroll, focus and search stay. Pauses while nobody looks; says so when nobody answers.

const pulse = document.getElementById("pulse");
const word = document.getElementById("pulse-word");
const lost = document.getElementById("lost");
let timer = 0;
let current = null;

function sync(old, fresh) {
  const keep = old.nodeName === "DETAILS" ? ["open"] : (old.dataset?.keep ?? "").split(" ");
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !keep.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !keep.includes(name)) old.setAttribute(name, value);
  }
}

function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.ELEMENT_NODE) {
    sync(old, fresh);
    morphChildren(old, fresh);
  } else {
    old.nodeValue = fresh.nodeValue;
  }
}

function morphChildren(old, fresh) {
  const mine = [...old.childNodes];
  const theirs = [...fresh.childNodes];
  theirs.forEach((node, index) => (mine[index] ? morph(mine[index], node) : old.append(node)));
  mine.slice(theirs.length).forEach((node) => node.remove());
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const region of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(region.id);
    if (next) morph(region, next);
  }
  document.body.dataset.refresh = fresh.body.dataset.refresh;
  document.dispatchEvent(new Event("noroshi:fresh"));
}

// A page that cannot be made still says what is wrong with the service.
function showHealth(html) {
  const next = new DOMParser().parseFromString(html, "text/html").getElementById("health");
  if (next) morph(document.getElementById("health"), next);
}

function answered() {
  lost.hidden = true;
  pulse.classList.remove("lost", "beat");
  void pulse.offsetWidth; // restarts the animation
  pulse.classList.add("beat");
}

function unanswered(text) {
  lost.textContent = text.replace("{time}", document.getElementById("updated").textContent);
  lost.hidden = false;
  pulse.classList.add("lost");
}

export async function refresh() {
  clearTimeout(timer);
  current?.abort();
  const mine = (current = new AbortController());
  const limit = setTimeout(() => mine.abort(), 10000);
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store", signal: mine.signal });
    const html = await answer.text();
    if (mine !== current) return; // somebody searched on meanwhile
    if (answer.status === 401 || answer.status === 403) {
      location.reload(); // signed out, or not allowed any more: the page itself says so
      return;
    }
    if (answer.ok) {
      show(html);
      answered();
    } else {
      showHealth(html);
      unanswered(lost.dataset.stale);
    }
  } catch {
    if (mine !== current) return;
    unanswered(lost.dataset.text);
  } finally {
    clearTimeout(limit);
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, Number(document.body.dataset.refresh) * 1000);
}

function look() {
  pulse.classList.toggle("paused", document.hidden);
  word.textContent = document.hidden ? pulse.dataset.paused : pulse.dataset.updated;
  if (document.hidden) clearTimeout(timer);
  else refresh();
}

function visit(address, { push }) {
  history[push ? "pushState" : "replaceState"](null, "", address);
  fillFinder();
  refresh();
}

// The search box: what is typed becomes part of the address.
const finder = document.querySelector("[data-finder]");

function fillFinder() {
  if (!finder) return;
  const query = new URLSearchParams(location.search);
  for (const name of ["q", "state"]) {
    if (document.activeElement !== finder.elements[name]) finder.elements[name].value = query.get(name) ?? "";
  }
}

function typed() {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of new FormData(finder)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  query.delete("page");
  const text = query.toString();
  visit(location.pathname + (text ? `?${text}` : ""), { push: false });
}

if (finder) {
  let pause = 0;
  let composing = false; // a kana-kanji conversion is under way: its letters are not yet a word
  finder.addEventListener("compositionstart", () => (composing = true));
  finder.addEventListener("compositionend", () => {
    composing = false;
    finder.dispatchEvent(new Event("input"));
  });
  finder.addEventListener("input", () => {
    clearTimeout(pause);
    if (!composing) pause = setTimeout(typed, 250);
  });
  finder.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(pause);
    typed();
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-soft]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  visit(link.href, { push: true });
  if (link.hash) document.querySelector(link.hash)?.scrollIntoView({ block: "start" });
});
addEventListener("popstate", () => {
  fillFinder();
  refresh();
});
document.addEventListener("visibilitychange", look);
schedule();
