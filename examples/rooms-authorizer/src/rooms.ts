// Rooms: who is in one hears what is said there. Which ones are open to a connection was decided when it was made.

import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateQuery, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyResult, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';

interface Decided {
  readonly user: string;
  readonly rooms: string;
}

type RoomEvent = APIGatewayProxyWebsocketEventV2 & {
  readonly requestContext: { readonly authorizer: Decided };
};

interface Member {
  readonly room: string;
  readonly connectionId: string;
  readonly user: string;
}

const TableName = process.env['MEMBERS_TABLE'];
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const reply = (body: object): APIGatewayProxyResult => ({ statusCode: 200, body: JSON.stringify(body) });

const openTo = ({ rooms }: Decided): string[] => rooms.split(',');

async function membersOf(room: string): Promise<Member[]> {
  const members: Member[] = [];
  const query = {
    TableName,
    KeyConditionExpression: 'room = :room',
    ExpressionAttributeValues: { ':room': room },
    ConsistentRead: true,
  };
  for await (const page of paginateQuery({ client }, query)) members.push(...((page.Items ?? []) as Member[]));
  return members;
}

const leave = ({ room, connectionId }: Pick<Member, 'room' | 'connectionId'>) =>
  client.send(new DeleteCommand({ TableName, Key: { room, connectionId } }));

export async function connect(): Promise<APIGatewayProxyResult> {
  return { statusCode: 200, body: '' };
}

export async function disconnect({ requestContext }: RoomEvent): Promise<APIGatewayProxyResult> {
  const { authorizer, connectionId } = requestContext;
  await Promise.all(openTo(authorizer).map((room) => leave({ room, connectionId })));
  return { statusCode: 200, body: '' };
}

export async function enter({ body, requestContext }: RoomEvent): Promise<APIGatewayProxyResult> {
  const { authorizer, connectionId } = requestContext;
  const { room } = JSON.parse(body ?? '{}') as { room: string };
  const rooms = openTo(authorizer);
  if (!rooms.includes(room)) return reply({ refused: `${room} is not open to ${authorizer.user}`, open: rooms });
  await client.send(new PutCommand({ TableName, Item: { room, connectionId, user: authorizer.user } }));
  return reply({ entered: room, members: (await membersOf(room)).map(({ user }) => user).sort() });
}

export async function say({ body, requestContext }: RoomEvent): Promise<APIGatewayProxyResult> {
  const { authorizer, connectionId, domainName, stage } = requestContext;
  const { room, text } = JSON.parse(body ?? '{}') as { room: string; text: string };
  const members = await membersOf(room);
  if (!members.some((member) => member.connectionId === connectionId)) return reply({ refused: `enter ${room} first` });
  const api = new ApiGatewayManagementApiClient({ endpoint: `https://${domainName}/${stage}` });
  const Data = JSON.stringify({ room, from: authorizer.user, text });
  const others = members.filter((member) => member.connectionId !== connectionId);
  await Promise.all(
    others.map(async (member) => {
      try {
        await api.send(new PostToConnectionCommand({ ConnectionId: member.connectionId, Data }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
        await leave(member);
      }
    }),
  );
  return reply({ heardBy: others.length });
}

export async function unknown({ requestContext }: RoomEvent): Promise<APIGatewayProxyResult> {
  return reply({ hello: requestContext.authorizer.user, open: openTo(requestContext.authorizer) });
}
