"""Who somebody is, by the word of an identity provider: LINE, a My-Number-based one (mission C4).

We are a relying party of OpenID Connect Core 1.0, authorisation code flow, with PKCE (RFC 7636,
S256). `fetching` asks a provider over HTTP, `tokens` holds an ID token against the rules,
`relying_party` is the way to one provider and back, and `doors` what that is good for here:

- **Linking.** A signed-in wallet links the identity; kept is a keyed digest of issuer and subject.
  In a town an identity is one wallet's, so a second account of the same person is refused (N13).
- **Signing in** to the linked wallet, instead of password and SMS code. The PIN at each payment
  stays: no provider ever decides about money.

An attempt begins in one browser and ends there: its `state` works once, for ten minutes, and only
with the cookie of the browser that started it, so nobody is signed in to somebody else's wallet by
a link. Nonce and code verifier follow from the state by a key and are kept nowhere.
"""
