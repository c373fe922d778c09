// The page of reviews has a form for each key figure. What is written into one stays in this tab, also while another
// is sent or the reader has to sign in again, until the server shows the same text.

const forms = [...document.querySelectorAll("form.written[data-who]")];

function nameOf(field) {
  const of = (name) => field.form.elements[name].value;
  return ["noroshi-written", field.form.dataset.who, of("project"), of("kind"), of("first"), of("kpi"), field.name].join(" ");
}

const plain = (text) => text.replaceAll("\r\n", "\n").trim();
const differs = (field) => plain(field.value) !== plain(field.defaultValue);

function mark(form) {
  const open = [...form.querySelectorAll("textarea")].some(differs);
  form.querySelector(".unsaved").hidden = !open;
}

// Nothing can be written after a review is closed: what is not saved would be lost.
document.getElementById("close-review")?.addEventListener("submit", (event) => {
  const open = forms.find((form) => [...form.querySelectorAll("textarea")].some(differs));
  const said = document.getElementById("unsaved-first");
  said.hidden = !open;
  if (!open) return;
  event.preventDefault();
  open.scrollIntoView({ block: "center" });
  open.querySelector("button").focus({ preventScroll: true });
});

for (const form of forms) {
  for (const field of form.querySelectorAll("textarea")) {
    const kept = sessionStorage.getItem(nameOf(field));
    if (kept !== null) field.value = kept;
    field.addEventListener("input", () => {
      sessionStorage.setItem(nameOf(field), field.value);
      mark(form);
    });
    if (!differs(field)) sessionStorage.removeItem(nameOf(field));
  }
  mark(form);
}
