// Says at once that a chosen file is too large: a server that refuses one while it is sent often ends the connection.

for (const field of document.querySelectorAll('input[type="file"][data-most-bytes]')) {
  field.addEventListener("change", () => {
    const [file] = field.files;
    const tooLarge = file !== undefined && file.size > Number(field.dataset.mostBytes);
    field.setCustomValidity(tooLarge ? field.dataset.tooLarge : "");
    field.reportValidity();
  });
}
