// A short tone when the watch has something new, for whoever turned it on. Made here: no file comes from anywhere.
// Browsers let a page sound only after somebody has touched it; until then the button says that it waits for that.

const STORE = "noroshi-watch-sound";
const button = document.getElementById("sound");
let context = null;
let known = null;

// A wall has no hand to press a button: `?sound=on` in its address says so.
function wanted() {
  return localStorage.getItem(STORE) === "on" || new URLSearchParams(location.search).get("sound") === "on";
}

// Whether somebody wants to hear it and this browser does not let it sound.
export function whySilent() {
  return wanted() && !ready();
}

function ready() {
  return context?.state === "running";
}

function show() {
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(wanted()));
  button.textContent = !wanted() ? button.dataset.off : ready() ? button.dataset.on : button.dataset.touch;
}

async function wake() {
  if (!wanted()) return;
  context ??= new AudioContext();
  if (context.state !== "running") await context.resume().catch(() => {});
  show();
}

// Three short notes that rise; four seconds at most, so that it cannot be taken for the siren of a town.
export function sound() {
  if (!wanted() || !ready()) return false;
  const begin = context.currentTime + 0.05;
  [660, 880, 1100].forEach((frequency, number) => {
    const note = context.createOscillator();
    const loudness = context.createGain();
    const at = begin + number * 0.28;
    note.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.3, at + 0.02);
    loudness.gain.linearRampToValueAtTime(0, at + 0.24);
    note.connect(loudness).connect(context.destination);
    note.start(at);
    note.stop(at + 0.26);
  });
  document.dispatchEvent(new Event("noroshi:sounded"));
  return true;
}

// Everything that calls for somebody, with its rank: new, or higher than before, sounds. What ends does not.
function calls() {
  return new Map([...document.querySelectorAll("[data-incident]")].map((item) => [item.dataset.incident, Number(item.dataset.rank)]));
}

export function listen() {
  const now = calls();
  const isNew = known && [...now].some(([number, rank]) => rank > (known.get(number) ?? 0));
  known = now;
  if (isNew) sound();
}

button?.addEventListener("click", async () => {
  const turned = wanted() && ready() ? "off" : "on";
  localStorage.setItem(STORE, turned);
  await wake();
  if (turned === "on") sound();
  show();
});
document.addEventListener("pointerdown", wake);
document.addEventListener("keydown", wake);
document.addEventListener("noroshi:fresh", listen);
listen();
wake().finally(show);
