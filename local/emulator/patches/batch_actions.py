"""A call for several messages asks IAM for a permission of its own (`sns:PublishBatch`), which AWS does not have: there
the permission for one message is enough, and needed."""

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
