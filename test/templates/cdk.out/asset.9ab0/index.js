// A handler that answers, in an asset of CDK.

exports.handler = async () => ({ statusCode: 200 });
