"""AWS::DynamoDB::Table ignores TimeToLiveSpecification and PointInTimeRecoverySpecification."""

from patches.wrap import after_provisioning


def apply():
    after_provisioning("AWS::DynamoDB::Table", _finish)


def _finish(table, properties):
    from ministack.services import dynamodb

    if specification := properties.get("TimeToLiveSpecification"):
        dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": specification})
    if specification := properties.get("PointInTimeRecoverySpecification"):
        dynamodb._update_continuous_backups({"TableName": table, "PointInTimeRecoverySpecification": specification})
