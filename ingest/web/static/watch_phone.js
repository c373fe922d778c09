// Turns notices on for this browser: it asks the push service of the browser for an address, and gives that to us.

const button = document.getElementById("turn-on");
const said = document.getElementById("phone-said");
const { dataset } = button;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error(dataset.denied);
  await navigator.serviceWorker.register("/watch/push_worker.js", { scope: "/watch/" });
  const registration = await navigator.serviceWorker.getRegistration("/watch/");
  const options = { userVisibleOnly: true, applicationServerKey: bytes(dataset.key) };
  const phone = await registration.pushManager.subscribe(options);
  const fields = new URLSearchParams({
    csrf: dataset.csrf, project: dataset.project, endpoint: phone.endpoint,
    p256dh: text(phone.getKey("p256dh")), auth: text(phone.getKey("auth")),
  });
  const answer = await fetch("/watch/phone", { method: "POST", body: fields });
  if (!answer.ok) throw new Error(dataset.failed);
  location.assign(`/watch/phone?project=${encodeURIComponent(dataset.project)}&done=on`);
}

if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
  said.textContent = dataset.unable;
} else {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    turnOn().catch((error) => {
      said.textContent = error.message || dataset.failed;
      button.disabled = false;
    });
  });
}
