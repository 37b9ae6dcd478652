"""A quiz: whoever is connected gets each question, and the first right answer gets the point."""

import json
import os

import boto3
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

PK = "quiz"
PLAYER = "player#"
QUESTION = "question"

with open(os.path.join(os.path.dirname(__file__), "questions.json"), encoding="utf-8") as file:
    QUESTIONS = json.load(file)

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    request = event["requestContext"]
    room = Room(request)
    kind = request["eventType"]
    if kind == "CONNECT":
        room.add()
    elif kind == "DISCONNECT":
        room.remove(room.me)
        room.tell_all({"type": "players", "scores": room.scores()})
    else:
        message = read(event.get("body"))
        action = ACTIONS.get(message.get("action"), help_with)
        action(room, message)
    return {"statusCode": 200}


def read(body):
    try:
        message = json.loads(body or "")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def join(room, message):
    room.rename(str(message.get("name") or "somebody")[:40])
    room.tell_all({"type": "players", "scores": room.scores()})
    current = room.question()
    if current is not None:
        room.tell(room.me, asked(int(current["number"])))


def ask(room, message):
    """The next question, once the one before has been won."""
    current = room.question()
    number = 0 if current is None else int(current["number"]) + 1
    if current is not None and "winner" not in current:
        return room.tell(room.me, {"type": "wait", "because": "this one is still open"})
    if number >= len(QUESTIONS):
        return room.tell_all({"type": "over", "scores": room.scores()})
    if room.open_question(number):
        room.tell_all(asked(number))
    return None


def answer(room, message):
    current = room.question()
    if current is None or "winner" in current:
        return room.tell(room.me, {"type": "wait", "because": "there is no open question"})
    number = int(current["number"])
    if message.get("choice") != QUESTIONS[number]["answer"]:
        return room.tell(room.me, {"type": "wrong", "number": number})
    if not room.win(number):
        return room.tell(room.me, {"type": "late", "number": number})
    winner = room.player()["name"]
    return room.tell_all({"type": "point", "number": number, "for": winner, "scores": room.scores()})


def help_with(room, message):
    room.tell(room.me, {"type": "help", "actions": sorted(ACTIONS)})


ACTIONS = {"join": join, "ask": ask, "answer": answer}


def asked(number):
    question = QUESTIONS[number]
    return {"type": "question", "number": number, "text": question["text"], "choices": question["choices"]}


class Room:
    """Players and the question, as the table has them, and the connection that this event came from."""

    def __init__(self, request):
        self.me = request["connectionId"]
        url = f"https://{request['domainName']}/{request['stage']}"
        self.connections = boto3.client("apigatewaymanagementapi", endpoint_url=url)

    def add(self):
        table.put_item(Item={"pk": PK, "sk": PLAYER + self.me, "name": "somebody", "score": 0})

    def remove(self, connection_id):
        table.delete_item(Key={"pk": PK, "sk": PLAYER + connection_id})

    def rename(self, name):
        tried(
            table.update_item,
            Key={"pk": PK, "sk": PLAYER + self.me},
            UpdateExpression="SET #name = :name",
            # Who has left in the meantime stays away.
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#name": "name"},
            ExpressionAttributeValues={":name": name},
        )

    def player(self):
        return table.get_item(Key={"pk": PK, "sk": PLAYER + self.me})["Item"]

    def players(self):
        query = {
            "KeyConditionExpression": Key("pk").eq(PK) & Key("sk").begins_with(PLAYER),
            "ConsistentRead": True,
        }
        while True:
            page = table.query(**query)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def scores(self):
        rows = [{"name": player["name"], "score": int(player["score"])} for player in self.players()]
        return sorted(rows, key=lambda row: (-row["score"], row["name"]))

    def question(self):
        return table.get_item(Key={"pk": PK, "sk": QUESTION}, ConsistentRead=True).get("Item")

    def open_question(self, number):
        """False when somebody else asked for it in the same moment."""
        item = {"pk": PK, "sk": QUESTION, "number": number}
        if number == 0:
            return tried(table.put_item, Item=item, ConditionExpression="attribute_not_exists(pk)")
        return tried(
            table.put_item,
            Item=item,
            ConditionExpression="#number = :before",
            ExpressionAttributeNames={"#number": "number"},
            ExpressionAttributeValues={":before": number - 1},
        )

    def win(self, number):
        """True for the first one alone, however many are right at once."""
        is_first = tried(
            table.update_item,
            Key={"pk": PK, "sk": QUESTION},
            UpdateExpression="SET winner = :me",
            ConditionExpression="#number = :number AND attribute_not_exists(winner)",
            ExpressionAttributeNames={"#number": "number"},
            ExpressionAttributeValues={":me": self.me, ":number": number},
        )
        if is_first:
            table.update_item(
                Key={"pk": PK, "sk": PLAYER + self.me},
                UpdateExpression="ADD score :one",
                ExpressionAttributeValues={":one": 1},
            )
        return is_first

    def tell(self, connection_id, message):
        try:
            self.connections.post_to_connection(ConnectionId=connection_id, Data=json.dumps(message).encode())
        except self.connections.exceptions.GoneException:
            self.remove(connection_id)

    def tell_all(self, message):
        for player in list(self.players()):
            self.tell(player["sk"].removeprefix(PLAYER), message)


def tried(write, **request):
    try:
        write(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
