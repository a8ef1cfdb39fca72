"""票签 as arithmetic: what any number of votes means, whoever casts them in whichever order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import assume, example, given
from hypothesis import strategies as st

from workflows.bpmn.model import VoteSettings
from workflows.choices import APPROVING, Decision
from workflows.voting import Ballot, Tally, Verdict, tally, verdict

CAST = [
    Decision.APPROVE.value, Decision.APPROVE_WITH_CONDITIONS.value, Decision.REJECT.value,
    Decision.ABSTAIN.value,
]  # fmt: skip

shares = st.integers(1, 12).flatmap(
    lambda whole: st.integers(1, whole).map(lambda part: Fraction(part, whole))
)
rules = st.builds(VoteSettings, quorum=shares, pass_ratio=shares)
weights = st.integers(1, 5)
ballots = st.builds(Ballot, st.sampled_from(["", *CAST]), weights, st.booleans())
committees = st.lists(ballots, max_size=9)
some_committee = st.lists(ballots, min_size=1, max_size=9)


def out(committee: Sequence[Ballot]) -> list[int]:
    """Places of those who have not voted."""
    return [place for place, ballot in enumerate(committee) if not ballot.decision]


def completed(committee: Sequence[Ballot], votes: Sequence[str]) -> list[Ballot]:
    """The committee after the remaining votes, in the order of its seats."""
    cast = iter(votes)
    return [b if b.decision else replace(b, decision=next(cast)) for b in committee]


def counted_at_the_end(committee: Sequence[Ballot], settings: VoteSettings) -> Verdict:
    """The rule itself, once everybody has voted: no veto, and enough weight in favour."""
    if any(b.has_veto and b.decision == Decision.REJECT for b in committee):
        return Verdict.REJECTED
    everybody = sum(b.weight for b in committee)
    in_favour = sum(b.weight for b in committee if b.decision in APPROVING)
    return Verdict.PASSED if in_favour >= settings.pass_ratio * everybody else Verdict.REJECTED


class TestVerdict:
    @given(some_committee, rules, st.data())
    def test_an_early_verdict_is_the_verdict_after_all_other_votes(
        self, committee: list[Ballot], settings: VoteSettings, data: st.DataObject
    ) -> None:
        early = verdict(committee, settings)
        assume(early != Verdict.OPEN)
        waiting = out(committee)
        if len(waiting) <= 4:
            endings = [list(votes) for votes in product(CAST, repeat=len(waiting))]
        else:
            votes = st.lists(st.sampled_from(CAST), min_size=len(waiting), max_size=len(waiting))
            endings = [data.draw(votes)]
        for ending in endings:
            final = completed(committee, ending)
            if early == Verdict.PASSED:
                # Only those without a veto are still out, so nobody can turn it any more.
                assert not any(committee[place].has_veto for place in waiting)
            assert verdict(final, settings) == early

    @given(some_committee, rules)
    def test_stays_open_only_while_both_ends_are_possible_or_a_vote_must_be_there(
        self, committee: list[Ballot], settings: VoteSettings
    ) -> None:
        assume(verdict(committee, settings) == Verdict.OPEN)
        waiting = out(committee)
        assert waiting
        count = tally(committee, settings)
        veto_is_out = any(committee[place].has_veto for place in waiting)
        all_for = completed(committee, [Decision.APPROVE] * len(waiting))
        all_against = completed(committee, [Decision.REJECT] * len(waiting))
        assert verdict(all_for, settings) == Verdict.PASSED
        turns = verdict(all_against, settings) == Verdict.REJECTED
        assert turns or not count.has_quorum or veto_is_out

    @given(some_committee, rules, st.data())
    def test_of_a_full_vote_is_the_rule_itself_in_any_order(
        self, committee: list[Ballot], settings: VoteSettings, data: st.DataObject
    ) -> None:
        full = [replace(b, decision=b.decision or Decision.REJECT.value) for b in committee]
        assert verdict(full, settings) == counted_at_the_end(full, settings)
        assert verdict(data.draw(st.permutations(full)), settings) == verdict(full, settings)

    @given(some_committee, rules)
    def test_more_approval_never_turns_a_pass_into_a_rejection(
        self, committee: list[Ballot], settings: VoteSettings
    ) -> None:
        for place, ballot in enumerate(committee):
            kinder = [*committee]
            kinder[place] = replace(ballot, decision=Decision.APPROVE.value)
            if verdict(committee, settings) == Verdict.PASSED:
                assert verdict(kinder, settings) == Verdict.PASSED

    @given(rules, st.booleans())
    def test_n16_an_empty_list_never_passes(self, settings: VoteSettings, closing: bool) -> None:
        assert verdict([], settings, is_closing=closing) == Verdict.OPEN

    @given(some_committee, rules, st.booleans())
    def test_n16_silence_never_passes(
        self, committee: list[Ballot], settings: VoteSettings, closing: bool
    ) -> None:
        silent = [replace(ballot, decision="") for ballot in committee]
        assert verdict(silent, settings, is_closing=closing) == Verdict.OPEN


class TestVeto:
    @given(committees, rules, weights, st.booleans())
    def test_a_veto_rejects_whatever_the_others_say(
        self, committee: list[Ballot], settings: VoteSettings, weight: int, closing: bool
    ) -> None:
        veto = Ballot(Decision.REJECT, weight, has_veto=True)
        assert verdict([*committee, veto], settings, is_closing=closing) == Verdict.REJECTED

    @given(committees, rules, weights, st.booleans())
    def test_nothing_passes_before_every_veto_holder_has_voted(
        self, committee: list[Ballot], settings: VoteSettings, weight: int, closing: bool
    ) -> None:
        absent = Ballot("", weight, has_veto=True)
        found = verdict([*committee, absent], settings, is_closing=closing)
        assert found != Verdict.PASSED

    def test_one_plain_rejection_is_no_veto(self) -> None:
        committee = [Ballot(Decision.REJECT), Ballot(""), Ballot("")]
        assert verdict(committee, VoteSettings()) == Verdict.OPEN


class TestClosing:
    @given(some_committee, rules)
    @example([Ballot(Decision.APPROVE), Ballot(""), Ballot("")], VoteSettings())
    def test_n19_without_a_quorum_nothing_is_passed(
        self, committee: list[Ballot], settings: VoteSettings
    ) -> None:
        assume(not tally(committee, settings).has_quorum)
        assert verdict(committee, settings, is_closing=True) != Verdict.PASSED
        assert verdict(committee, settings) != Verdict.PASSED

    @given(some_committee, rules)
    def test_counts_those_present(self, committee: list[Ballot], settings: VoteSettings) -> None:
        count = tally(committee, settings)
        assume(count.has_quorum and not any(committee[p].has_veto for p in out(committee)))
        present = [ballot for ballot in committee if ballot.decision]
        assert verdict(committee, settings, is_closing=True) == counted_at_the_end(
            present, settings
        )

    @given(some_committee, rules)
    def test_agrees_with_an_early_verdict(
        self, committee: list[Ballot], settings: VoteSettings
    ) -> None:
        """Whoever closes a vote that is already certain cannot turn it."""
        early = verdict(committee, settings)
        closed = verdict(committee, settings, is_closing=True)
        assume(Verdict.OPEN not in (early, closed))
        assert closed == early

    def test_two_thirds_are_two_thirds_and_not_0_6667(self) -> None:
        committee = [Ballot(Decision.APPROVE), Ballot(Decision.APPROVE), Ballot(Decision.REJECT)]
        assert verdict(committee, VoteSettings()) == Verdict.PASSED


class TestTally:
    @given(committees, rules)
    def test_counts_weights(self, committee: list[Ballot], settings: VoteSettings) -> None:
        count = tally(committee, settings)
        assert count.approving + count.rejecting + count.abstaining == count.voted <= count.asked
        assert count.abstaining == sum(
            b.weight for b in committee if b.decision == Decision.ABSTAIN
        )

    def test_an_abstention_is_present_and_not_in_favour(self) -> None:
        """Two of four for, one against, one abstains: half of those present, not two thirds."""
        committee = [Ballot(d) for d in (*[Decision.APPROVE] * 2, Decision.REJECT)]
        abstaining = Ballot(Decision.ABSTAIN)
        assert verdict(committee, VoteSettings()) == Verdict.PASSED
        assert verdict([*committee, abstaining], VoteSettings()) == Verdict.REJECTED
        assert tally([abstaining, Ballot("")], VoteSettings(quorum=Fraction(1, 2))).has_quorum

    def test_a_veto_holder_who_abstains_vetoes_nothing(self) -> None:
        chair = Ballot(Decision.ABSTAIN, has_veto=True)
        committee = [Ballot(Decision.APPROVE), Ballot(Decision.APPROVE), chair]
        assert verdict(committee, VoteSettings()) == Verdict.PASSED

    @given(some_committee, rules)
    def test_the_quorum_weight_is_the_smallest_that_makes_the_quorum(
        self, committee: list[Ballot], settings: VoteSettings
    ) -> None:
        asked = tally(committee, settings).asked
        needed = tally(committee, settings).quorum_weight
        enough = Tally(asked, needed, 0, 0, settings.quorum)
        short = Tally(asked, needed - 1, 0, 0, settings.quorum)
        assert enough.has_quorum
        assert not short.has_quorum
