"""What must hold for the project as a whole: migrations, layers, words, the API's shape."""

from __future__ import annotations

import ast
import io
import json
import re
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import override_settings
from drf_spectacular.renderers import OpenApiYamlRenderer

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS
from importlinter.cli import lint_imports as lint_imports_command

from lending_crm.common.api_description import DescriptionGenerator
from scripts.house_rules import APPS

ROOT = Path(__file__).resolve().parent.parent.parent
SNAPSHOT = Path(__file__).with_name("openapi.yaml")


class TestMigrations:
    @pytest.mark.django_db
    def test_none_is_missing(self) -> None:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


class TestLayers:
    def test_arrows_point_down(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert lint_imports_command(no_cache=True) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


class TestTranslations:
    def test_every_sentence_is_translated(self) -> None:
        call_command("messages", check=True, stdout=io.StringIO())


class TestOpenApi:
    def test_is_the_one_that_was_agreed(self) -> None:
        schema = DescriptionGenerator().get_schema(request=None, public=True)
        described = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()

        assert described == SNAPSHOT.read_text(encoding="utf-8"), "run `make openapi`; see the diff"

    def test_every_body_refuses_what_it_does_not_know(self) -> None:
        """An endpoint that takes a plain serializer would drop a misspelt field silently."""
        schema = DescriptionGenerator().get_schema(request=None, public=True)
        components = schema["components"]["schemas"]
        bodies = [
            content["schema"]
            for operations in schema["paths"].values()
            for operation in operations.values()
            for content in operation.get("requestBody", {}).get("content", {}).values()
        ]
        taken = named_in(bodies, components)
        open_ended = [
            name
            for name in taken
            if "properties" in components[name]
            and components[name].get("additionalProperties") is not False
        ]
        assert open_ended == []
        assert len(taken) > 50


def named_in(part: Any, components: dict[str, Any]) -> set[str]:
    """The components that a part of the description names, and those that they name."""
    found: set[str] = set()
    waiting = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(part)))
    while waiting:
        name = waiting.pop()
        found.add(name)
        inner = re.findall(r"#/components/schemas/(\w+)", json.dumps(components[name]))
        waiting |= set(inner) - found
    return found


class TestStaticFiles:
    def test_every_file_that_a_stylesheet_names_exists(self, tmp_path: Path) -> None:
        storages: dict[str, Any] = {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {
                "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            },
        }
        with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
            call_command("collectstatic", interactive=False, verbosity=0)

        assert (tmp_path / "staticfiles.json").exists()


class TestRequirements:
    def test_name_every_package_that_the_product_imports(self) -> None:
        named = {
            re.split(r"[\[~=<>;]", line.strip())[0].lower().replace("_", "-")
            for line in (ROOT / "requirements" / "base.in").read_text().splitlines()
            if line.strip() and not line.startswith("#")
        }
        providers = packages_distributions()
        missing = {
            module
            for module in imported_modules()
            if module in providers
            and not {name.lower().replace("_", "-") for name in providers[module]} & named
        }

        assert not missing


def imported_modules() -> set[str]:
    """The first names of everything that the apps import, in functions too."""
    found: set[str] = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {name.name.split(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return found
