"""What bpmn-js and our own scripts say on the drawing, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def drawing_texts() -> dict[str, str]:
    """By the English text that bpmn-js asks for; keys in lower case are our own."""
    return {
        "Activate hand tool": _("Move the picture"),
        "Activate lasso tool": _("Select several"),
        "Activate create/remove space tool": _("Make or take away room"),
        "Activate global connect tool": _("Connect elements"),
        "Create start event": _("New start"),
        "Create end event": _("New end"),
        "Create gateway": _("New gateway"),
        "Append end event": _("Append an end"),
        "Append gateway": _("Append a gateway"),
        "Add text annotation": _("Add a note"),
        "Connect to other element": _("Connect to another element"),
        "Connect using association": _("Connect the note"),
        "Change element": _("Change the kind"),
        "Delete": _("Delete"),
        "Add lane above": _("Add a lane above"),
        "Add lane below": _("Add a lane below"),
        "Divide into two lanes": _("Divide into two lanes"),
        "Divide into three lanes": _("Divide into three lanes"),
        "Open {element}": _("Open {element}"),
        "Search in diagram": _("Search in the drawing"),
        "Toggle non-interrupting": _("Ends the stage or not"),
        "User task": _("Approval stage"),
        "Send task": _("Send a copy"),
        "Service task": _("System step"),
        "Exclusive gateway": _("Exclusive gateway: one way"),
        "Parallel gateway": _("Parallel gateway: all ways"),
        "Inclusive gateway": _("Inclusive gateway: every way that applies"),
        "End event": _("End"),
        "Terminate end event": _("End that closes everything"),
        "Timer boundary event": _("Timer that ends the stage"),
        "Timer boundary event (non-interrupting)": _("Timer beside the stage"),
        "Default flow": _("Otherwise: the default way"),
        "Sequence flow": _("Plain way"),
        "stage": _("New stage"),
        "copy": _("New copy"),
        "service": _("New system step"),
        "lane": _("New lane"),
        "appendStage": _("Append a stage"),
        "appendCopy": _("Append a copy"),
        "attachTimer": _("Add a timer"),
        "show": _("Show"),
        "error": _("Error"),
        "warning": _("Warning"),
        "clean": _("The publish check finds nothing wrong."),
        "errors": _("Errors that keep the draft from being published: %(n)s"),
        "saved": _("The draft is saved."),
        "unsaved": _("Not saved yet"),
        "stored": _("Saved"),
        "failed": _("The drawing could not be shown."),
        "notTaken": _("The drawing did not take what was applied. It is still in the form."),
        "unreachable": _(
            "The server cannot be reached. Your drawing is still here; try again in a moment."
        ),
        "nothingCopied": _("Nothing has been copied yet."),
        "correctFirst": _("Correct the marked fields first."),
        "ordered": _("The order was changed."),
        "copied": pgettext("designer", "Copied"),
    }
