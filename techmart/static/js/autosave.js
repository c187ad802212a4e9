// Saves a form by itself: every 20 s and when a field is left, if something changed. Without it the buttons do the same.
(() => {
  const form = document.querySelector("form[data-leave]");
  if (!form) return;
  const url = form.dataset.autosave;
  const status = document.querySelector("[data-autosave-status]");
  const fingerprint = () => {
    const data = new FormData(form);
    data.delete("version");
    data.delete("csrf_token");
    return new URLSearchParams(data).toString();
  };
  // A page that came back with errors or a conflict shows what is not stored yet.
  let stored = "unsaved" in form.dataset ? null : fingerprint();
  let busy = false;
  let stopped = !url || !!document.getElementById("conflict");
  const say = (text) => {
    if (status && text) status.textContent = text;
  };
  const save = async () => {
    const now = fingerprint();
    if (busy || stopped || now === stored) return;
    busy = true;
    try {
      const answer = await fetch(url, { method: "POST", body: new FormData(form), redirect: "error", headers: { Accept: "application/json" } });
      const result = await answer.json();
      say(result.text);
      if (answer.ok) {
        stored = now;
        form.elements.version.value = result.version;
        const meter = document.querySelector("[data-meter]");
        if (meter && result.meter) meter.innerHTML = result.meter;
      } else if (answer.status === 409) {
        stopped = true; // saving again would meet the same conflict; the text stays, the button shows what differs
      }
    } catch {
      say(form.dataset.failed);
    }
    busy = false;
  };
  setInterval(save, 20000);
  form.addEventListener("focusout", () => setTimeout(save, 300));
  let leaving = false;
  form.addEventListener("submit", (event) => {
    stopped = leaving = true;
    if (!busy) return;
    // An autosave under way would make the posted version stale: let it finish first.
    event.preventDefault();
    const button = event.submitter;
    const wait = setInterval(() => {
      if (busy) return;
      clearInterval(wait);
      form.requestSubmit(button);
    }, 50);
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && fingerprint() !== stored) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // the version in a page from the back/forward cache is old
  });
})();
