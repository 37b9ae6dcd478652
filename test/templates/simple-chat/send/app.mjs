// A handler that answers, for a template that names it.

export const handler = async () => ({ statusCode: 200 });
