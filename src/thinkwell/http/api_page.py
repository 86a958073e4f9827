"""The API's description as one plain page, printed from the OpenAPI document. No script, nothing loaded."""

from __future__ import annotations

from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-inline-size:54rem;margin-inline:auto;padding:1.5rem}
:root{--water:#0f5a66}@media (prefers-color-scheme:dark){:root{--water:#7ecfd2}}a{color:var(--water)}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
article{border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.5rem}
article{padding:0 1rem;margin-block:1rem}
h3 code{font-size:1em}table{border-collapse:collapse;inline-size:100%;display:block;overflow-x:auto}
td,th{text-align:start;padding:.25rem .75rem .25rem 0;vertical-align:top}
"""


def api_page(document: dict[str, Any], name: str, head: str = "", colours: str = "") -> str:
    """HTML of an OpenAPI 3.1 document. ``head`` and ``colours``, HTML and CSS, are the site's own."""
    schemas = document.get("components", {}).get("schemas", {})
    operations = [
        _operation(method, path, operation)
        for path, methods in document.get("paths", {}).items()
        for method, operation in methods.items()
        if isinstance(operation, dict)
    ]
    shapes = [_shape(title, schema) for title, schema in sorted(schemas.items())]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(name)}: the API</title>'
        f'<meta name="viewport" content="width=device-width">{head}'
        f"<style>{STYLE}{colours}</style></head><body><main>"
        f"<h1>{escape(name)}: the API</h1><p>{escape(document['info'].get('description') or '')}</p>"
        '<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>'
        f"<h2>Requests</h2>{''.join(operations)}<h2>Shapes</h2>{''.join(shapes)}</main></body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"<h3><code>{escape(method.upper())} {escape(path)}</code></h3>"]
    parts += [f"<p>{escape(operation[key])}</p>" for key in ("summary", "description") if operation.get(key)]
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    if body:
        parts.append(f"<p>Body: {_type(body)}</p>")
    for parameter in operation.get("parameters", []):
        where = escape(f"{parameter['in']} {parameter['name']}")
        parts.append(f"<p>Parameter <code>{where}</code>: {_type(parameter.get('schema', {}))}</p>")
    rows = []
    for status, reply in operation.get("responses", {}).items():
        replies: dict[str, Any] = reply.get("content", {})
        schema: dict[str, Any] = next((part.get("schema", {}) for part in replies.values()), {})
        cells = (escape(status), escape(reply.get("description", "")), _type(schema))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<article>{''.join(parts)}<table><tbody>{''.join(rows)}</tbody></table></article>"


def _shape(title: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = [
        f"<tr><td><code>{escape(name)}</code></td><td>{_type(field)}</td>"
        f"<td>{'required' if name in required else ''}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    about = f"<p>{escape(schema['description'])}</p>" if schema.get("description") else ""
    table = f"<table><tbody>{''.join(rows)}</tbody></table>" if rows else f"<p>{_type(schema)}</p>"
    return f'<article id="{escape(title)}"><h3><code>{escape(title)}</code></h3>{about}{table}</article>'


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}"><code>{name}</code></a>'
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(_type(part) for part in schema[key])
    if "enum" in schema:
        return " ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return f"<code>{escape(kind if isinstance(kind, str) else ' or '.join(kind))}</code>"
