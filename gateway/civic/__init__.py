"""Outside civic platforms (A2), which citizens link by their consent and which give them points.

We are the provider of OAuth 2.0 (RFC 6749 as RFC 9700 would have it): authorisation code with PKCE
(RFC 7636, S256 alone), clients that the office registers (``koban clients``), and nothing else.
oauthlib knows the protocol; it knows no database, so each request is judged in three steps: what it
may speak of is read and held (`desk`), the library judges it against that, without input or output
(`judge`), and what follows is written in the same transaction.

    /api/{town}/oauth/authorise   the page on which the citizen allows it or not (http/consent.py)
    /{town}/oauth/token           a code, or a refresh token, becomes tokens     (http/oauth.py)
    /{town}/oauth/revoke          the client gives a token back (RFC 7009)
    /.well-known/oauth-authorization-server/{town}/oauth      all of it, for programs (RFC 8414)

- **A link** is one citizen's consent to one client: to scopes (`scopes`), for a year. Only with an
  access token of it does anything open (``/api/{town}/civic/…``, http/civic.py). Citizens see their
  links and end them (``/wallet/links``); an end holds from the next request on.
- **A code** lives a minute and works once, an access token ten minutes, a refresh token one step;
  what comes a second time ends the link, because somebody has a copy.
- **A grant** is asked for under the client's own Idempotency-Key, for an activity of a programme
  that the office allowed the client (``koban programmes allow``), within that programme's budget,
  and decided at the counter as every grant. What is unspent of it can be taken back.
- **Webhooks** tell the client of grants given and taken back and of links ended, signed as
  acquirers sign (`gateway.protocol.signing`), with the client's own secret: `deliveries` makes and
  sends them, `gateway.jobs.civic` at its time, `dead_letters` is ``koban webhooks``. Of what
  citizens spend no platform is told anything.
"""
