// Two commands of the Serverless Framework that run what its domain manager hooks to a deployment and to its removal, and only
// that: the deployment itself is CloudFormation's, which no part of a gateway answers.

module.exports = class MapDomain {
  constructor(serverless) {
    const run = (event) => () => {
      const isManager = ({ constructor }) => constructor.name === 'ServerlessCustomDomain';
      return serverless.pluginManager.plugins.find(isManager).hooks[event]();
    };
    this.commands = { map_domain: { lifecycleEvents: ['map'] }, unmap_domain: { lifecycleEvents: ['unmap'] } };
    this.hooks = { 'map_domain:map': run('after:deploy:deploy'), 'unmap_domain:unmap': run('before:remove:remove') };
  }
};
