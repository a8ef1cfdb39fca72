"""Phrases for opinions in the API: the caller's own, and the common ones for administrators."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lending_crm.common.api import InputSerializer
from workflows.api.runs import AdministratorView
from workflows.choices import PhraseAct
from workflows.models import OpinionPhrase
from workflows.screens.phrases import common_phrases, phrases_for
from workflows.services import phrases
from workflows.services.phrases import PHRASE_LENGTH


class PhraseSerializer(serializers.ModelSerializer):
    is_common = serializers.SerializerMethodField(help_text="Offered to everybody.")

    class Meta:
        model = OpinionPhrase
        fields = ("id", "act", "text", "is_common")
        read_only_fields = fields

    def get_is_common(self, phrase: OpinionPhrase) -> bool:
        return phrase.owner_id is None


class WordsInput(InputSerializer):
    text = serializers.CharField(max_length=PHRASE_LENGTH)


class PhraseInput(WordsInput):
    act = serializers.ChoiceField(choices=PhraseAct.choices)


class MoveInput(InputSerializer):
    direction = serializers.ChoiceField(choices=["up", "down"])


class PhrasesView(APIView):
    @extend_schema(operation_id="phrases_list", responses=PhraseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What the caller is offered at opinions: his own phrases, then the common ones."""
        return Response(PhraseSerializer(phrases_for(request.user), many=True).data)

    @extend_schema(
        operation_id="phrases_create", request=PhraseInput, responses={201: PhraseSerializer}
    )
    def post(self, request: Request) -> Response:
        """Keep a phrase of the caller's own."""
        given = PhraseInput(data=request.data)
        given.is_valid(raise_exception=True)
        phrase = phrases.add_phrase(actor=request.user, **given.validated_data)
        return Response(PhraseSerializer(phrase).data, status=201)


class PhraseView(APIView):
    @extend_schema(operation_id="phrases_destroy", responses={204: None})
    def delete(self, request: Request, phrase_id: int) -> Response:
        """Forget a phrase of the caller's own."""
        phrases.remove_phrase(actor=request.user, phrase_id=phrase_id)
        return Response(status=204)


class CommonPhrasesView(AdministratorView):
    @extend_schema(operation_id="common_phrases_list", responses=PhraseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The common phrases, by act and in their order."""
        rows = [phrase for group in common_phrases() for phrase in group.phrases]
        return Response(PhraseSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="common_phrases_create", request=PhraseInput, responses={201: PhraseSerializer}
    )
    def post(self, request: Request) -> Response:
        """Offer a phrase to everybody, behind the others of its act."""
        given = PhraseInput(data=request.data)
        given.is_valid(raise_exception=True)
        phrase = phrases.add_common_phrase(
            actor=request.user, now=timezone.now(), **given.validated_data
        )
        return Response(PhraseSerializer(phrase).data, status=201)


class CommonPhraseView(AdministratorView):
    @extend_schema(
        operation_id="common_phrases_update", request=WordsInput, responses=PhraseSerializer
    )
    def put(self, request: Request, phrase_id: int) -> Response:
        """Word a common phrase anew."""
        given = WordsInput(data=request.data)
        given.is_valid(raise_exception=True)
        phrase = phrases.change_common_phrase(
            actor=request.user, now=timezone.now(), phrase_id=phrase_id, **given.validated_data
        )
        return Response(PhraseSerializer(phrase).data)

    @extend_schema(operation_id="common_phrases_destroy", responses={204: None})
    def delete(self, request: Request, phrase_id: int) -> Response:
        """Offer a common phrase no more."""
        phrases.remove_common_phrase(actor=request.user, now=timezone.now(), phrase_id=phrase_id)
        return Response(status=204)


class MoveCommonPhraseView(AdministratorView):
    @extend_schema(operation_id="common_phrases_move", request=MoveInput, responses={204: None})
    def post(self, request: Request, phrase_id: int) -> Response:
        """Let a common phrase change places with the one before or after it."""
        given = MoveInput(data=request.data)
        given.is_valid(raise_exception=True)
        phrases.move_common_phrase(
            actor=request.user,
            now=timezone.now(),
            phrase_id=phrase_id,
            up=given.validated_data["direction"] == "up",
        )
        return Response(status=204)
