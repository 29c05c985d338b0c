"""SES saves identities and templates but not the sent mails: a restart loses the codes in them."""

import copy

from patches.wrap import wrap

SENT = "_sent_emails"
# The newest of each account and region; the mailbox shows 200.
MAX_MAILS = 1000


def apply():
    from ministack.services import ses

    def state(original):
        sent = copy.copy(ses._sent_emails)
        sent._data = {key: mails[-MAX_MAILS:] for key, mails in list(ses._sent_emails._data.items())}
        return {**original(), SENT: sent}

    wrap(ses, "get_state", state)

    def load(original, data):
        original(data)
        ses._restore_regional_store(ses._sent_emails, data.get(SENT, {}))

    wrap(ses, "load_persisted_state", load)
