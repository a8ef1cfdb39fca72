"""The API's description: one text, whoever asks first and in whichever language he reads."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator


class DescriptionGenerator(SchemaGenerator):
    """Describes the API in English, the language of its fields.

    Serializers that a view names as instances keep the labels of the first description, so
    without this the text would depend on who read it first.
    """

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        with translation.override("en"):
            return super().get_schema(request=request, public=public)
