"""``{% component "name" … %}…{% endcomponent %}``: a template of templates/components/ with a body.

The body is the variable ``content`` there; ``{% slot "name" %}…{% endslot %}`` inside the body
fills ``slots.name`` instead.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.safestring import SafeString

_STACK = "ui_slots"


#: what a component may use besides what it was given
_SHARED = ("request", "csrf_token", "frame", "user", "messages")


def isolated(context: Context, values: dict[str, Any]) -> Context:
    """A context of only these values, so that no variable of the page leaks into a component."""
    shared = {name: context[name] for name in _SHARED if name in context}
    return context.new({**shared, **values})


class ComponentNode(template.Node):
    def __init__(
        self, name: FilterExpression, values: dict[str, FilterExpression], nodelist: NodeList
    ) -> None:
        self.name = name
        self.values = values
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.values.items()}
        slots: dict[str, SafeString] = {}
        outer = context.render_context.get(_STACK)
        context.render_context[_STACK] = slots
        content = self.nodelist.render(context)
        context.render_context[_STACK] = outer
        found = context.template.engine.get_template(  # type: ignore[union-attr]
            f"components/{self.name.resolve(context)}.html"
        )
        return found.render(
            isolated(context, {**values, "content": SafeString(content.strip()), "slots": slots})
        )


class SlotNode(template.Node):
    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        slots = context.render_context.get(_STACK)
        if slots is None:
            raise template.TemplateSyntaxError(f'slot "{self.name}" stands outside a component')
        slots[self.name] = SafeString(self.nodelist.render(context).strip())
        return SafeString("")


def component(parser: Parser, token: Token) -> ComponentNode:
    bits = token.split_contents()[1:]
    if not bits:
        raise template.TemplateSyntaxError("component needs the name of a template")
    name = parser.compile_filter(bits.pop(0))
    values: dict[str, Any] = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"component does not understand {bits[0]!r}")
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, values, nodelist)


def slot(parser: Parser, token: Token) -> SlotNode:
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError("slot takes one name")
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(bits[1].strip("\"'"), nodelist)
