"""The databases that Wigwag writes members of big segments to, each with what the Python SDK reads it by."""

import subprocess
import sys
import urllib.request

import boto3
from ldclient.integrations import DynamoDB, Redis

from harness.server import free_port

PREFIX = "mine"


class RedisServer:
    """A real Redis server."""

    integration = "redis"

    def __init__(self, tmp_path):
        self.port = free_port()
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--requirepass", "secret"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path)
        self.config = {"host": "127.0.0.1", "port": str(self.port), "password": "secret", "prefix": PREFIX}

    def answers(self):
        """Wigwag and the SDK both try again until it does."""
        return True

    def prepare(self):
        pass

    def sdk_store(self):
        return Redis.new_big_segment_store(url=f"redis://:secret@127.0.0.1:{self.port}/0", prefix=PREFIX)


class DynamoDbServer:
    """DynamoDB as moto has it: unlike smaller ones it knows transactions."""

    integration = "dynamodb"
    TABLE, REGION = "big-segments", "eu-west-1"
    KEYS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret", "region_name": REGION}

    def __init__(self, tmp_path):
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with open(tmp_path / "moto.log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)
        self.config = {"tableName": self.TABLE, "region": self.REGION, "endpoint": self.endpoint, "prefix": PREFIX}
        self.config["accessKeyId"] = self.KEYS["aws_access_key_id"]
        self.config["secretAccessKey"] = self.KEYS["aws_secret_access_key"]

    def answers(self):
        try:
            urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5).read()
            return True
        except OSError:
            return False

    def prepare(self):
        names = ["namespace", "key"]
        boto3.client("dynamodb", endpoint_url=self.endpoint, **self.KEYS).create_table(
            TableName=self.TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": n, "KeyType": t} for n, t in zip(names, ["HASH", "RANGE"])],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
        )

    def sdk_store(self):
        options = {"endpoint_url": self.endpoint, **self.KEYS}
        return DynamoDB.new_big_segment_store(self.TABLE, prefix=PREFIX, dynamodb_opts=options)
