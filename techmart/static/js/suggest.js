// Suggestions under a search field: a combobox with a list, after the ARIA Authoring Practices (list, manual selection).
// Input methods own the field while they compose: its value is never rewritten then, and their keys are left alone.
(() => {
  const DELAY_MS = 80;
  const RECENT = "techmart-recent-sectors";
  const RECENT_KEPT = 3;

  // Sectors looked at last, kept by the browser alone: [{text, url}], newest first.
  const recent = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
      return kept.filter((row) => typeof row.text === "string" && String(row.url).startsWith("/search?")).slice(0, RECENT_KEPT);
    } catch {
      return []; // no storage, or something else's
    }
  };
  const remember = () => {
    const seen = [...document.querySelectorAll("input[type=checkbox][name=sector]:checked")].map((box) => ({
      text: box.nextElementSibling?.textContent.trim() ?? "",
      url: `/search?sector=${encodeURIComponent(box.value)}`,
    }));
    if (!seen.length) return;
    const urls = new Set(seen.map((row) => row.url));
    try {
      localStorage.setItem(RECENT, JSON.stringify([...seen, ...recent().filter((row) => !urls.has(row.url))].slice(0, RECENT_KEPT)));
    } catch {
      // No storage: nothing is remembered.
    }
  };

  const attach = (input) => {
    const list = document.createElement("ul");
    const status = document.createElement("div");
    list.id = `${input.id}-suggestions`;
    list.className = "listbox";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggestName);
    status.className = "vh";
    status.setAttribute("role", "status");
    input.after(list, status);
    for (const [name, value] of [
      ["role", "combobox"],
      ["aria-autocomplete", "list"],
      ["aria-expanded", "false"],
      ["aria-controls", list.id],
      ["aria-haspopup", "listbox"],
    ])
      input.setAttribute(name, value);

    let rows = [];
    let active = -1;
    let timer = 0;
    let request = null;

    const mark = (place) => {
      active = place;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
      if (place < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[place].id);
        list.children[place].scrollIntoView({ block: "nearest" });
      }
    };

    const close = () => {
      clearTimeout(timer);
      request?.abort();
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    };

    const choose = (row) => {
      const isComposing = input.dataset.composing === "yes";
      close();
      if (row.kind === "term" && !isComposing) {
        input.value = row.text;
        input.form.requestSubmit();
      } else location.assign(row.url);
    };

    const show = (found) => {
      rows = found;
      list.replaceChildren(
        ...rows.map((row, i) => {
          const option = document.createElement("li");
          const text = document.createElement("span");
          option.id = `${list.id}-${i}`;
          option.setAttribute("role", "option");
          text.textContent = row.text;
          option.append(text);
          if (row.note) {
            const note = document.createElement("small");
            note.textContent = row.note;
            option.append(" ", note);
          }
          return option;
        }),
      );
      mark(-1);
      list.hidden = !rows.length;
      input.setAttribute("aria-expanded", String(rows.length > 0));
      status.textContent = rows.length ? input.dataset.suggestSome.replace("{count}", rows.length) : input.dataset.suggestNone;
    };

    const ask = async () => {
      request?.abort();
      const typed = input.value;
      if (!typed.trim()) {
        status.textContent = "";
        close();
        const known = recent().map((row) => ({ ...row, kind: "sector", note: input.dataset.suggestRecent }));
        if (known.length && document.activeElement === input) show(known);
        return;
      }
      const mine = new AbortController();
      request = mine;
      try {
        const response = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed.slice(0, 300))}`, {
          signal: mine.signal,
          headers: { Accept: "application/json" },
        });
        const found = response.ok ? await response.json() : [];
        // A later key, or leaving the field, has made this answer old.
        if (request === mine && !mine.signal.aborted && document.activeElement === input) show(found);
      } catch (problem) {
        if (problem.name !== "AbortError") close(); // no suggestions is no failure of the search
      }
    };

    const askSoon = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, DELAY_MS);
    };

    input.addEventListener("input", askSoon);
    input.addEventListener("focus", () => {
      if (!input.value.trim()) askSoon();
    });
    input.addEventListener("compositionstart", () => {
      input.dataset.composing = "yes";
    });
    input.addEventListener("compositionend", () => {
      delete input.dataset.composing;
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
      const isOpen = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!isOpen) return askSoon();
        // Whoever walks through the list keeps it: an answer on its way would take the place away.
        clearTimeout(timer);
        request?.abort();
        const down = event.key === "ArrowDown";
        // One step beyond either end is the field itself.
        const next = down ? active + 1 : active < 0 ? rows.length - 1 : active - 1;
        mark(next >= rows.length ? -1 : next);
      } else if (event.key === "Enter" && isOpen && active >= 0) {
        event.preventDefault();
        choose(rows[active]);
      } else if (event.key === "Enter") close();
      else if (event.key === "Escape" && isOpen) {
        event.preventDefault(); // the first Escape closes the list, the next one clears the field
        close();
      } else if (event.key === "Tab") close();
    });
    input.addEventListener("blur", close);
    input.form.addEventListener("submit", close);
    // Pressing must not take the focus (and the composition) out of the field.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const place = [...list.children].indexOf(event.target.closest("[role=option]"));
      if (place >= 0) choose(rows[place]);
    });
  };

  remember();
  document.querySelectorAll("input[data-suggest]").forEach(attach);
})();
