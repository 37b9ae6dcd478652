// The table of connections, and how a message reaches all of them.

import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

const TableName = process.env.TABLE_NAME;
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const add = (connectionId) => dynamo.send(new PutCommand({ TableName, Item: { connectionId } }));

/** Takes it out of the table, and returns whose it was: nobody's, when it never told a name. */
export async function remove(connectionId) {
  const gone = new DeleteCommand({ TableName, Key: { connectionId }, ReturnValues: 'ALL_OLD' });
  return (await dynamo.send(gone)).Attributes?.name;
}

export const setName = (connectionId, name) =>
  dynamo.send(
    new UpdateCommand({
      TableName,
      Key: { connectionId },
      UpdateExpression: 'SET #name = :name',
      // Who has left in the meantime stays away.
      ConditionExpression: 'attribute_exists(connectionId)',
      ExpressionAttributeNames: { '#name': 'name' },
      ExpressionAttributeValues: { ':name': name },
    }),
  );

export const nameOf = async (connectionId) =>
  (await dynamo.send(new GetCommand({ TableName, Key: { connectionId } }))).Item?.name;

export async function everybody() {
  const people = [];
  for await (const { Items } of paginateScan({ client: dynamo }, { TableName, ConsistentRead: true })) {
    people.push(...Items);
  }
  return people;
}

/** Posts the message to each of them. A connection that is gone without a goodbye is forgotten. */
export async function broadcast({ domainName, stage }, people, message) {
  const api = new ApiGatewayManagementApiClient({ endpoint: `https://${domainName}/${stage}` });
  const Data = JSON.stringify(message);
  await Promise.all(
    people.map(async ({ connectionId }) => {
      try {
        await api.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
        await remove(connectionId);
      }
    }),
  );
}

/** As they are shown: each name once, in order. */
export const namesOf = (people) => [...new Set(people.flatMap(({ name }) => name ?? []))].sort();
