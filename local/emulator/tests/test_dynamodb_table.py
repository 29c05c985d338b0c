from conftest import still_needed

TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "patched",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "TimeToLiveSpecification": {"AttributeName": "expires_at_epoch", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            },
        }
    }
}


def probe(emulator):
    emulator.deploy("dynamodb-table", TEMPLATE)
    dynamodb = emulator.client("dynamodb")

    expiry = dynamodb.describe_time_to_live(TableName="patched")["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at_epoch"}
    backups = dynamodb.describe_continuous_backups(TableName="patched")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_items_expire_and_the_table_can_be_restored(emulator):
    probe(emulator)


def test_still_needed(plain):
    with still_needed():
        probe(plain)
