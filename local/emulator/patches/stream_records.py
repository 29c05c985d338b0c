"""A restart forgets the records of DynamoDB streams but not how far functions had read them, so that nobody hears of
what is written afterwards until as many records are there again. What was not read yet is saved beside the tables."""

from patches.wrap import wrap

KEY = "unread_stream_records"


def apply():
    from ministack.services import dynamodb

    wrap(dynamodb, "get_state", _save)
    wrap(dynamodb, "load_persisted_state", _load)


def _save(original):
    return {**original(), KEY: _unread()}


def _load(original, data):
    from ministack.services import dynamodb

    original(data)
    unread = (data or {}).get(KEY)
    for (account, region, table), kept in unread.all_items() if unread else ():
        dynamodb._stream_records.set_scoped(account, region, table, kept["records"])
        dynamodb._stream_trimmed.set_scoped(account, region, table, kept["position"])


def _unread():
    from ministack.core.responses import AccountRegionScopedDict
    from ministack.services import dynamodb

    unread = AccountRegionScopedDict()
    for (account, region, table), records in dynamodb._stream_records.all_items():
        first = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
        records = list(records)
        position = min(_positions(account, region, table), default=first + len(records))
        kept = {"position": position, "records": records[max(0, position - first) :]}
        unread.set_scoped(account, region, table, kept)
    return unread


def _positions(account, region, table):
    """How far each mapping has read the table's stream."""
    from ministack.services import lambda_svc

    for (owner, where, mapping), source in list(lambda_svc._esms._data.items()):
        if (owner, where) == (account, region) and f":table/{table}/stream/" in source.get("EventSourceArn", ""):
            position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping)
            if position is not None:
                yield position
