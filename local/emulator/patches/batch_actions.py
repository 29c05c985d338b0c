"""A batch operation is checked against an action of its own (`sns:PublishBatch`), which AWS does not have: AWS checks
the action for a single message."""

from patches.wrap import wrap

PERMISSIONS = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def apply():
    from ministack.core import iam_actions

    wrap(iam_actions, "extract_iam_action", _permission)


def _permission(original, *args):
    action = original(*args)
    return PERMISSIONS.get(action, action)
