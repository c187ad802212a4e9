// Beside the editor of a demand: asks for the meter, the first matches and hints anew when typing pauses.
(() => {
  const form = document.querySelector("form[data-advise]");
  const box = document.querySelector("[data-advice]");
  if (!form || !box) return;
  const status = document.querySelector("[data-advice-status]");
  const PAUSE = 800;
  let timer = 0;
  let asked = null;
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const body = new FormData(form);
    body.delete("version");
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.advise, { method: "POST", body, redirect: "error", signal: asked.signal });
      if (answer.ok) {
        const open = document.activeElement;
        box.innerHTML = await answer.text();
        if (open && box.contains(open)) box.querySelector("a")?.focus();
        // One short sentence for those who hear the page; the panels themselves are not read out at every pause.
        if (status) status.textContent = box.querySelector("[data-advice-text]")?.textContent ?? "";
      }
    } catch {
      // Typing on, or no network: what stands there is of a moment ago, and the next pause asks again.
    }
    box.removeAttribute("aria-busy");
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
})();
