// What was ticked to be compared stays ticked from one page of results to the next. Without this, one page at a time.
(() => {
  const form = document.getElementById("compare");
  if (!form) return;
  const KEY = "compare",
    most = Number(form.dataset.most),
    told = form.querySelector("[data-chosen]"),
    boxes = [...document.querySelectorAll('input[name="code"][form="compare"]')];
  let kept = [];
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY)) || [];
  } catch {
    // no storage, no memory: the ticks of this page still work
  }
  kept = Array.isArray(kept) ? kept.filter((code) => /^[A-Z]{2}-\d{4}-\d{4,}$/.test(code)).slice(0, most) : [];
  const show = () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // as above
    }
    form.querySelectorAll("input[type=hidden]").forEach((field) => field.remove());
    for (const code of kept) {
      if (boxes.some((box) => box.value === code)) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "code", value: code });
      form.append(field);
    }
    for (const box of boxes) {
      box.checked = kept.includes(box.value);
      box.disabled = !box.checked && kept.length >= most;
    }
    told.textContent = kept.length ? told.dataset.chosen.replace("{n}", kept.length) : told.dataset.none;
    form.classList.toggle("is-kept", kept.length > 0);
    form.querySelector("[data-clear]").hidden = !kept.length;
  };
  for (const box of boxes)
    box.addEventListener("change", () => {
      kept = box.checked ? [...kept, box.value] : kept.filter((code) => code !== box.value);
      show();
    });
  form.querySelector("[data-clear]").addEventListener("click", () => {
    kept = [];
    show();
  });
  addEventListener("pageshow", show); // also after going back, when browsers restore ticks of their own
})();
