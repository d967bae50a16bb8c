// The dialog that asks for the identity pool id, or for the shared token.

import { recall, remember } from "../settings.js";

const element = (id) => document.getElementById(id);

const TEXTS = {
  cognito: {
    label: "Identity pool ID",
    hint: "The Amazon Cognito identity pool that may see this map, like us-east-1:1a2b3c4d-…",
    kind: "text",
  },
  token: { label: "Access token", hint: "Whoever runs the map has it.", kind: "password" },
};

/** Signs in through `session`; `onDone()` is called when that has worked. */
export class SignIn {
  constructor(session, onDone) {
    Object.assign(this, { session, onDone });
    this.dialog = element("sign-in");
    // There is nothing behind it to go back to.
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    element("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(element("sign-in-secret").value.trim());
    });
  }

  /** Signs in with what is remembered, or else asks. `isAsked` asks in any case. */
  async open(isAsked = false) {
    const known = recall(this.key());
    if (known && !isAsked) {
      try {
        await this.session.signIn(known);
        this.onDone();
        return;
      } catch (error) {
        this.ask(known, error.message);
        return;
      }
    }
    this.ask(known ?? "", "");
  }

  key() {
    return `secret.${this.session.mode}`;
  }

  ask(value, message) {
    const { label, hint, kind } = TEXTS[this.session.mode];
    element("sign-in-label").textContent = label;
    element("sign-in-hint").textContent = hint;
    Object.assign(element("sign-in-secret"), { type: kind, value });
    element("sign-in-remember").checked = this.session.mode === "cognito" || value !== "";
    this.complain(message);
    if (!this.dialog.open) this.dialog.showModal();
    element("sign-in-secret").select();
  }

  async submit(secret) {
    element("sign-in-submit").disabled = true;
    this.complain("");
    try {
      await this.session.signIn(secret);
    } catch (error) {
      this.complain(error.message);
      element("sign-in-secret").select();
      return;
    } finally {
      element("sign-in-submit").disabled = false;
    }
    remember(this.key(), element("sign-in-remember").checked ? secret : undefined);
    this.dialog.close();
    this.onDone();
  }

  complain(message) {
    element("sign-in-error").textContent = message;
    element("sign-in-secret").setAttribute("aria-invalid", String(message !== ""));
  }
}
