// A handler of TypeScript, which Node runs as it is.

export const handler = async (): Promise<object> => ({ statusCode: 200 });
