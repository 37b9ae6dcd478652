// The function of both sides of the bench.
exports.handler = async (event) => ({ statusCode: 200, body: event.body });
