"""A restart loses the records of DynamoDB streams but not the functions' positions in them, so that functions miss
records until there are as many as before. With this patch unread records are saved with the tables."""

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
    for (account, region, table), entry in unread.all_items() if unread else ():
        dynamodb._stream_records.set_scoped(account, region, table, entry["records"])
        dynamodb._stream_trimmed.set_scoped(account, region, table, entry["position"])


def _unread():
    from ministack.core.responses import AccountRegionScopedDict
    from ministack.services import dynamodb

    unread = AccountRegionScopedDict()
    for (account, region, table), records in dynamodb._stream_records.all_items():
        first = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
        records = list(records)
        position = min(_positions(account, region, table), default=first + len(records))
        entry = {"position": position, "records": records[max(0, position - first) :]}
        unread.set_scoped(account, region, table, entry)
    return unread


def _positions(account, region, table):
    """The position of each mapping in the table's stream."""
    from ministack.services import lambda_svc

    for (owner, where, mapping), source in list(lambda_svc._esms._data.items()):
        if (owner, where) == (account, region) and f":table/{table}/stream/" in source.get("EventSourceArn", ""):
            position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping)
            if position is not None:
                yield position
