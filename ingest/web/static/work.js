// Entries of the work log wait in this browser until the service has confirmed them, whatever becomes of the network.
// Each has a key of its own, so the service stores it once, also when its answer was lost and it is sent again.

const STORE = "noroshi-work";
const CACHE = "noroshi-work";
const PATIENCE_MS = 20000;
const AGAIN_MS = 15000;

const box = document.getElementById("waiting");
const list = document.getElementById("waiting-list");
const form = document.getElementById("work-form");
const texts = box?.dataset ?? {};
let csrf = texts.csrf;
let sending = false;

function load() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}

function save(entries) {
  localStorage.setItem(STORE, JSON.stringify(entries));
}

// Another tab may have added or sent something meanwhile: always change what is stored now.
function change(key, fields) {
  try {
    save(load().map((entry) => (entry.key === key ? { ...entry, ...fields } : entry)));
  } catch {
    // no room for the longer text: the entry itself is kept, and is sent all the same
  }
  show();
}

function drop(key) {
  save(load().filter((entry) => entry.key !== key));
  show();
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // a page without https has no randomUUID
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function said(entry) {
  if (entry.login !== texts.login) return texts.somebodyElse.replace("{login}", entry.login);
  const text = texts[entry.state] ?? texts.waiting;
  return text.replace("{why}", entry.why ?? "");
}

function show() {
  const entries = load();
  box.hidden = entries.length === 0;
  document.getElementById("waiting-count").textContent = entries.length;
  list.replaceChildren(...entries.map(line));
}

// Of somebody else's entry this person sees that it waits, and can neither read, change nor delete it.
function line(entry) {
  const own = entry.login === texts.login;
  const node = document.getElementById("waiting-entry").content.cloneNode(true);
  const item = node.querySelector("li");
  item.dataset.key = entry.key;
  item.dataset.state = entry.state;
  node.querySelector(".waiting-what").textContent = own ? entry.words : "";
  node.querySelector(".waiting-said").textContent = said(entry);
  const door = node.querySelector("a");
  door.hidden = !own || entry.state !== "signedOut";
  door.href = `/sign-in?to=${encodeURIComponent(`/work/new?project=${entry.fields.project}&what=${entry.fields.what}`)}`;
  const edit = node.querySelector("[data-edit]");
  edit.hidden = !(own && entry.state === "refused" && form && form.dataset.what === entry.fields.what);
  edit.addEventListener("click", () => fill(entry));
  const remove = node.querySelector("[data-drop]");
  remove.hidden = !own;
  remove.addEventListener("click", () => confirm(texts.sure) && drop(entry.key));
  return node;
}

function fill(entry) {
  for (const [name, value] of Object.entries(entry.fields)) {
    const control = form.elements[name];
    if (control && !["csrf", "client_key"].includes(name)) control.value = value;
  }
  press();
  drop(entry.key);
  form.scrollIntoView({ block: "start" });
}

// The value of the session, from a page of now: the one of this page may be of a session that is over.
async function freshSession(entry) {
  const answer = await ask(`/work/new?project=${encodeURIComponent(entry.fields.project)}`, { headers: { Accept: "text/html" } });
  if (answer.type === "opaqueredirect" || answer.status === 401) return "signedOut";
  if (answer.status === 403 || answer.status === 404) return "notAllowed";
  if (!answer.ok) return "busy";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("waiting");
  if (!page) return "busy";
  texts.login = page.dataset.login;
  csrf = page.dataset.csrf;
  return "";
}

async function ask(address, more) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { cache: "no-store", redirect: "manual", signal: limit.signal, ...more });
  } finally {
    clearTimeout(timer);
  }
}

function post(entry) {
  const body = new URLSearchParams({ ...entry.fields, csrf, client_key: entry.key });
  return ask("/work/new", { method: "POST", body, headers: { Accept: "application/json" } });
}

async function send(entry) {
  change(entry.key, { state: "sending" });
  let answer;
  try {
    answer = await post(entry);
    if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
      const why = await freshSession(entry);
      if (why) return change(entry.key, { state: why });
      if (entry.login !== texts.login) return change(entry.key, { state: "waiting" });
      answer = await post(entry);
    }
    if (answer.ok) {
      await answer.json(); // whole, else it may not have been the service that answered
      drop(entry.key);
      return confirmSent(entry);
    }
    if (answer.status === 422) {
      const { faults = {}, detail = "" } = await answer.json();
      return change(entry.key, { state: "refused", why: Object.values(faults).join(" / ") || detail });
    }
    const settled = answer.status === 401 || answer.type === "opaqueredirect" ? "signedOut" : "notAllowed";
    return change(entry.key, { state: answer.status >= 500 || answer.status === 429 ? "busy" : settled });
  } catch {
    return change(entry.key, { state: "offline" });
  }
}

function confirmSent(entry) {
  tell(texts.sent.replace("{entry}", entry.words));
}

function tell(text) {
  const note = document.getElementById("sent");
  note.textContent = text;
  note.hidden = false;
}

// Nothing can be kept here: it is sent now or not at all, and what was written stays in the form until it is stored.
async function sendUnkept(entry) {
  let answer;
  try {
    answer = await post(entry);
    if (answer.ok) await answer.json();
  } catch {
    return tell(texts.full);
  }
  if (answer.status === 422) return form.submit(); // the service says what is wrong, in a page
  if (!answer.ok) return tell(texts.full);
  form.elements.client_key.value = newKey();
  clear();
  confirmSent(entry);
}

function clear() {
  for (const name of ["note", "photo", "km_before", "km_after"]) if (form.elements[name]) form.elements[name].value = "";
  if (form.elements.starts && form.dataset.what === "work") form.elements.starts.value = now();
}

// What only a person can mend is tried again when somebody opens a page or presses the button, not every few seconds.
async function sendAll({ everything }) {
  if (sending) return;
  sending = true;
  try {
    const run = async () => {
      for (const entry of load()) {
        const settled = ["refused", "notAllowed", "signedOut"].includes(entry.state);
        if (entry.login !== texts.login || entry.state === "refused" || (settled && !everything)) continue;
        await send(entry);
      }
    };
    // One tab at a time. Without locks (no https) two tabs may send the same entry, which is stored once all the same.
    if (navigator.locks) await navigator.locks.request(STORE, { ifAvailable: true }, (lock) => (lock ? run() : undefined));
    else await run();
  } finally {
    sending = false;
  }
}

function words() {
  const kind = form.querySelector("input[type=radio]:checked + span")?.textContent ?? "";
  const value = (name) => form.elements[name]?.value ?? "";
  const when = (value("starts") || value("first_day")).replace("T", " ");
  const rest = [value("device"), value("place"), value("code"), value("value"), value("reason"), value("note")];
  return [when, kind, ...rest].filter(Boolean).join(" ").slice(0, 120);
}

function press() {
  for (const steps of document.querySelectorAll(".big-steps")) {
    const target = form.elements[steps.dataset.into];
    for (const button of steps.children) button.setAttribute("aria-pressed", String(button.value === target.value));
  }
}

// A thumb that trembles presses twice: with nothing written in between that is one entry.
const ONE_TAP_MS = 1000;
// All times of the service are those of Japan, whatever the phone or computer is set to.
const JST_MS = 9 * 3600 * 1000;

// A page from the cache may be days old: it begins now.
function now() {
  return new Date(Date.now() + JST_MS).toISOString().slice(0, 16);
}

function begin() {
  if (form.dataset.what === "work" && !form.querySelector(".is-wrong")) form.elements.starts.value = now();
  for (const steps of document.querySelectorAll(".big-steps")) {
    steps.hidden = false;
    steps.addEventListener("click", (event) => {
      if (!event.target.value) return;
      form.elements[steps.dataset.into].value = event.target.value;
      touched = true;
      press();
    });
  }
  let [touched, sentAt] = [true, -Infinity];
  form.addEventListener("input", press);
  form.addEventListener("input", () => (touched = true));
  press();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!touched && event.timeStamp - sentAt < ONE_TAP_MS) return;
    [touched, sentAt] = [false, event.timeStamp];
    const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !["csrf", "client_key"].includes(name)));
    const entry = { key: newKey(), login: texts.login, state: "waiting", words: words(), fields };
    try {
      save([...load(), entry]);
    } catch {
      touched = true; // nothing is kept yet: pressed again it is sent again, under the same key
      sendUnkept({ ...entry, key: form.elements.client_key.value });
      return;
    }
    document.getElementById("sent").hidden = true;
    clear();
    show();
    box.scrollIntoView({ block: "start" });
    sendAll({ everything: false });
  });
}

// Lets the form open without a network: the page as it is now, and what it needs.
async function keep() {
  if (!navigator.serviceWorker || !window.caches) return;
  await navigator.serviceWorker.register("/work/worker.js", { scope: "/work/" });
  const cache = await caches.open(CACHE);
  await cache.addAll(["/static/app.css", "/static/work.css", "/static/work.js", "/static/nav.js", "/static/logo.svg"]);
  const page = await ask(location.href, {});
  if (page.ok && page.type === "basic") await cache.put(location.href, page);
}

if (box) {
  show();
  if (form) begin();
  document.getElementById("waiting-send").addEventListener("click", () => sendAll({ everything: true }));
  addEventListener("online", () => sendAll({ everything: false }));
  addEventListener("storage", show);
  document.addEventListener("visibilitychange", () => document.hidden || sendAll({ everything: false }));
  setInterval(() => document.hidden || sendAll({ everything: false }), AGAIN_MS);
  sendAll({ everything: true });
  if (form) keep().catch(() => {}); // the network went away meanwhile, or the browser keeps nothing
}
