"""The published documents as pages to read: plain HTML, one style sheet, no script.

`gateway.documents` makes the documents; this only lays them out. All text is escaped before it is
laid out, so that nothing in a docstring is ever markup.
"""

import html
import re
from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]

STYLE = """\
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
nav { columns: 18rem; border-block: 1px solid var(--line); padding: .5rem 0; margin: 1rem 0 }
nav a { display: block; text-decoration: none; padding: .1rem 0; overflow-wrap: anywhere }
td p, td ul { margin: 0; padding: 0 } td ul { list-style: none }
h1 { line-height: 1.2 } h2 { margin-top: 3rem; border-bottom: 2px solid } h3 { margin-top: 2rem }
code, .type { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0 }
tr { border-top: 1px solid var(--line) }
.wide { overflow-x: auto } .quiet { opacity: .75 }
.method { font-weight: bold; display: inline-block; min-width: 4rem }
"""


def http_page(document: Document) -> str:
    """The OpenAPI document as a page."""
    groups: dict[str, list[str]] = {}
    links = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":  # Those of the whole address: the town.
                continue
            name = operation["operationId"]
            links.append((name, f"{method.upper()} {path.removeprefix('/api/{town}/')}"))
            section = _endpoint(method, path, operation)
            groups.setdefault(operation["tags"][0], []).append(section)
    body = "".join(f"<h2>{_escape(tag)}</h2>{''.join(parts)}" for tag, parts in groups.items())
    return _page(document, "openapi.json", ("websocket", "the websocket"), links, body)


def websocket_page(document: Document) -> str:
    """The AsyncAPI document as a page."""
    actions = {name: operation["action"] for name, operation in document["operations"].items()}
    messages = document["components"]["messages"]
    schemas = document["components"]["schemas"]
    body = ""
    for action, title in (("receive", "From a screen"), ("send", "From the gateway")):
        body += f"<h2>{title}</h2>"
        for name, message in messages.items():
            if actions[name] == action:
                body += _message(name, message, schemas)
    channel = document["channels"]["screen"]
    errors = (
        (f"<code>{_escape(one['code'])}</code>", one["retry"], _inline(one["description"]))
        for one in channel["x-error-codes"]
    )
    body += "<h2 id='error-codes'>Error codes</h2>"
    body += _table(("code", "try again", ""), errors)
    closes = (
        (
            f"<code>{one['code']}</code>",
            _escape(one["name"]),
            "yes, after a while" if one["comeBack"] else "no",
            _inline(one["description"]),
        )
        for one in channel["x-close-codes"]
    )
    body += "<h2 id='close-codes'>Close codes</h2>"
    body += _table(("code", "name", "comes back by itself", ""), closes)
    links = [(f"message-{name}", name) for name in messages]
    links += [("error-codes", "error codes"), ("close-codes", "close codes")]
    return _page(document, "asyncapi.json", ("http", "the HTTP API"), links, body)


def _page(
    document: Document,
    source: str,
    other: tuple[str, str],
    links: list[tuple[str, str]],
    body: str,
) -> str:
    info = document["info"]
    contents = "".join(f"<a href='#{_escape(to)}'>{_escape(text)}</a>" for to, text in links)
    types = "".join(
        _schema(name, schema) for name, schema in document["components"]["schemas"].items()
    )
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{_escape(info['title'])}</title><link rel='stylesheet' href='/docs/style.css'>"
        f"<h1>{_escape(info['title'])}</h1>"
        f"<p class='quiet'>Version {_escape(info['version'])} · "
        f"<a href='/docs/{source}'>{source}</a> · see also <a href='/docs/{other[0]}'>"
        f"{other[1]}</a></p>"
        f"{_prose(info['description'])}<nav>{contents}</nav>{body}<h2>Types</h2>{types}</html>"
    )


def _endpoint(method: str, path: str, operation: Document) -> str:
    anchor, address = _escape(operation["operationId"]), _escape(path)
    verb = f"<span class='method'>{method.upper()}</span>"
    text = operation["summary"] + "\n\n" + operation.get("description", "")
    parts = [f"<h3 id='{anchor}'>{verb} <code>{address}</code></h3>", _prose(text)]
    if needs := [name for entry in operation.get("security", ()) for name in entry]:
        parts.append(f"<p class='quiet'>Signed in: {_escape(', '.join(dict.fromkeys(needs)))}</p>")
    rows = [
        (
            f"<code>{_escape(one['name'])}</code>",
            one["in"],
            _type(one["schema"]),
            "" if one.get("required") else "optional",
            _inline(one.get("description", "")),
        )
        for one in operation.get("parameters", ())
        if "$ref" not in one
    ]
    if rows:
        parts.append(_table(("parameter", "in", "type", "", ""), rows))
    if body := operation.get("requestBody"):
        parts.append(f"<p>Body: {_type(_content(body))}</p>")
    answers = (
        (
            f"<code>{_escape(status)}</code>",
            _type(_content(answer)),
            _prose(answer.get("description", "")),
        )
        for status, answer in operation["responses"].items()
    )
    parts.append(_table(("answer", "type", ""), answers))
    return "".join(parts)


def _content(body: Document) -> Document:
    """The schema of a body; nothing where it is no JSON."""
    schema: Document = body.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _message(name: str, message: Document, schemas: Document) -> str:
    schema = schemas[message["title"]]
    parts = [f"<h3 id='message-{_escape(name)}'><code>{_escape(name)}</code></h3>"]
    parts.append(_prose(message["summary"] + "\n\n" + message.get("description", "")))
    if roles := message.get("x-roles"):
        parts.append(f"<p class='quiet'>From: {_escape(', '.join(roles))}</p>")
    parts.append(_fields(schema))
    if result := message.get("x-result"):
        parts.append(f"<p>Its <code>result</code>: {_type(result)}</p>")
    return "".join(parts)


def _schema(name: str, schema: Document) -> str:
    body = _fields(schema) if "properties" in schema else f"<p>{_type(schema)}</p>"
    text = _prose(schema.get("description", ""))
    return f"<h3 id='type-{_escape(name)}'>{_escape(name)}</h3>{text}{body}"


def _fields(schema: Document) -> str:
    required = schema.get("required", ())
    rows = (
        (
            f"<code>{_escape(name)}</code>",
            _type(field),
            "" if name in required else "optional",
            _inline(field.get("description", "")),
        )
        for name, field in schema.get("properties", {}).items()
    )
    return _table(("field", "type", "", ""), rows)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML already."""
    head = "".join(f"<th>{_escape(text)}</th>" for text in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class='wide'><table><tr>{head}</tr>{body}</table></div>" if body else ""


def _type(schema: Document) -> str:
    """A schema in a few words, with links to named types."""
    return f"<span class='type'>{_words(schema)}</span>"


def _words(schema: Document) -> str:
    if "$ref" in schema:
        name = _escape(schema["$ref"].rsplit("/", 1)[-1])
        return f"<a href='#type-{name}'>{name}</a>"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(_words(part) for part in schema[key])
    if "enum" in schema:
        return " | ".join(_escape(repr(value).replace("'", '"')) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_words(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_words(schema['additionalProperties'])}"
    words = [_escape(str(schema.get("format") or schema.get("type") or "nothing"))]
    for key, sign in (
        ("minimum", "≥"),
        ("maximum", "≤"),
        ("pattern", ""),
        ("minLength", "≥"),
        ("maxLength", "≤"),
    ):
        if key in schema:
            unit = " characters" if key.endswith("Length") else ""
            words.append(_escape(f"{sign} {schema[key]}{unit}".strip()))
    return " ".join(words)


def _prose(text: str) -> str:
    """Paragraphs and lists of the little Markdown that docstrings use."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.splitlines()
        if lines and all(line.startswith(("- ", "  ")) for line in lines):
            items = re.split(r"\n- ", "\n" + block)[1:]
            blocks.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        elif block:
            blocks.append(f"<p>{_inline(block)}</p>")
    return "".join(blocks)


def _inline(text: str) -> str:
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", _escape(text))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
