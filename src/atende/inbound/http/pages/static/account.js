// One page for each link in mail. Nothing happens before a button is pressed: programs that look at mail open its links too.
"use strict";
const texts = JSON.parse(document.getElementById("texts").textContent);
const page = document.querySelector("main").dataset.page;
const status = document.getElementById("status");
const token = new URLSearchParams(location.search).get("token");
history.replaceState(null, "", location.pathname); // not for the next visitor, the history, or a screenshot

const lead = document.getElementById("lead");
const forms = [...document.querySelectorAll("form")];
const again = forms.some((one) => one.id === "again") ? "again" : "";

function show(name) {
  for (const one of forms) one.hidden = one.id !== name;
  lead.hidden = name !== forms[0].id;
}

function say(text, kind) {
  status.textContent = text;
  status.className = kind;
  status.hidden = false;
  status.focus();
}

async function call(path, body, bearer) {
  const headers = { "Content-Type": "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const answer = await fetch(`/api/v1/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw Object.assign(new Error(told.detail || ""), { code: told.code, status: answer.status, wait: told.retryAfter });
}

function trouble(error) {
  if (error.status === 429) return texts.tooMany.replace("{seconds}", error.wait || 60);
  if (error.code === "LINK_NOT_VALID" && texts.gone) return texts.gone;
  if (error.code && texts.codes[error.code]) return texts.codes[error.code];
  if (error.status === 400 || error.status === 422) return texts.notTaken;
  return texts.later;
}

function done(text) {
  show("");
  say(text, "good");
}

const steps = {
  verify: async () => {
    await call("verify-email", { token });
    done(texts.done);
  },
  reset: async (given) => {
    await call("reset-password", { token, password: given.password });
    done(texts.done);
  },
  join: async (given) => {
    const joined = await call("invitations/accept", { token, ...given });
    done(welcome(joined));
  },
  signin: async (given) => {
    const signedIn = await call("login", { email: given.email, password: given.password });
    done(welcome(await call("invitations/accept", { token }, signedIn.accessToken)));
  },
  again: async (given) => {
    await call(page === "verify-email" ? "verify-email/send" : "forgot-password", { email: given.email });
    done(texts.sent);
  },
};

function welcome(joined) {
  return (joined.status === "pending" ? texts.waits : texts.done).replace("{organization}", joined.organization.name);
}

function failed(error, name) {
  if (error.code === "LINK_NOT_VALID") show(again);
  if (name === "join" && error.status === 401) show("signin");
  say(name === "join" && error.status === 401 ? texts.known : trouble(error), "bad");
}

for (const one of forms) {
  one.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = one.querySelector("button");
    const given = Object.fromEntries(new FormData(one));
    delete given.shown;
    button.disabled = true;
    status.hidden = true;
    try {
      await steps[one.id](given);
    } catch (error) {
      failed(error, one.id);
    } finally {
      button.disabled = false;
    }
  });
}
for (const box of document.querySelectorAll("input[name=shown]")) {
  box.addEventListener("change", () => {
    box.form.elements.password.type = box.checked ? "text" : "password";
  });
}
for (const button of document.querySelectorAll("button[data-show]")) {
  button.addEventListener("click", () => {
    status.hidden = true;
    show(button.dataset.show);
  });
}
if (!token) {
  show(again);
  if (page !== "reset-password") say(texts.incomplete, "bad");
}
