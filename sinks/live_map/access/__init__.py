"""Who may look at the live map. docs/security.md lists every way in, and what each needs.

door.py        how one is admitted: everybody, a shared token, or a Cognito identity pool
cognito.py     the identity pool's door
open_id.py     the signature and the claims of a pool's tokens
sessions.py    what an admitted browser holds: sealed sessions, and tickets for one websocket each
attempts.py    how often one may be wrong
gate.py        stands before every request: headers, host, origin, session
routes.py      /auth: the page signs in here
settings.py    which door, from the command line
"""
