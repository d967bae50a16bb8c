// Who may look: asks the server how one signs in, does so, and gets the tickets that open the feed.

const RENEW_BEFORE_MS = 60_000;
const FIELDS = { cognito: "identity_pool_id", token: "token" };

/** A refusal, with a message that is fit to be shown. */
export class Refused extends Error {}

export class Session {
  constructor() {
    this.mode = "none";
    this.isSignedIn = true;
  }

  /** Asks how one signs in, and whether one is in already. */
  async look() {
    const { mode, signed_in: isSignedIn } = await answered(await fetch("auth"));
    this.mode = mode;
    this.isSignedIn = mode === "none" || isSignedIn;
  }

  /** Signs in with an identity pool id or a token. Throws Refused. */
  async signIn(secret) {
    const body = JSON.stringify({ [FIELDS[this.mode]]: secret });
    const headers = { "Content-Type": "application/json" };
    const { expires_in_s: expiresInS } = await answered(await fetch("auth", { method: "POST", headers, body }));
    this.isSignedIn = true;
    clearTimeout(this.renewal);
    if (!expiresInS) return;
    const delayMs = Math.max(RENEW_BEFORE_MS / 4, expiresInS * 1_000 - RENEW_BEFORE_MS);
    // A renewal that fails is made up for when the feed closes.
    this.renewal = setTimeout(() => this.signIn(secret).catch(() => {}), delayMs);
  }

  async signOut() {
    clearTimeout(this.renewal);
    this.isSignedIn = false;
    await fetch("auth", { method: "DELETE" });
  }

  /** What opens the feed once: "" where no ticket is needed, null for one who has to sign in first. */
  async ticket() {
    if (this.mode === "none") return "";
    const response = await fetch("auth/ticket", { method: "POST" });
    if (response.status === 401) {
      this.isSignedIn = false;
      return null;
    }
    return (await answered(response)).ticket;
  }
}

async function answered(response) {
  if (response.ok) return response.json();
  const { message } = await response.json().catch(() => ({}));
  throw new Refused(message ?? `The server answers ${response.status}. Try again.`);
}
