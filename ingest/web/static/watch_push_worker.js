// Shows a notice of the watch on this phone, and opens its page when it is touched. It keeps nothing and answers nothing else.

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  let notice = {};
  try {
    notice = event.data?.json() ?? {};
  } catch {
    // something is up all the same: the page says what
  }
  const { title = "狼煙 監視", body = "監視のページを見てください", url = "/watch", tag, drill = false } = notice;
  event.waitUntil(
    registration.showNotification(title, { body, tag, data: { url }, requireInteraction: !drill, icon: "/static/logo.svg" }),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.url ?? "/watch", location.origin);
  // Whatever the notice says, it leads to this service alone.
  const path = wanted.origin === location.origin ? wanted.href : new URL(wanted.pathname, location.origin).href;
  event.waitUntil(clients.openWindow(path));
});
