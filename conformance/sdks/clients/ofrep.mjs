// OpenFeature's Node SDK over the remote evaluation protocol: one request for each evaluation.
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';

export class OfrepNode {
  async answer(command) {
    if (command.cmd === 'init') {
      const headers = [['X-API-Key', command.envId]];
      await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: command.baseUrl, headers }));
      this.client = OpenFeature.getClient();
      this.context = command.context;
      return { initialized: true, error: null };
    }
    if (command.cmd === 'identify') {
      this.context = command.context;
      return {};
    }
    const until = Date.now() + (command.timeoutMs ?? 0);
    for (;;) {
      const seen = await this.seen(command);
      if (command.cmd === 'evaluate') return seen;
      const met = JSON.stringify(seen.value) === JSON.stringify(command.value);
      if (met || Date.now() > until) return { met, seen };
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async seen({ flag, type }) {
    const fallback = { boolean: false, string: '', number: 0, object: null }[type ?? 'object'];
    const get = { boolean: 'getBooleanDetails', string: 'getStringDetails', number: 'getNumberDetails', object: 'getObjectDetails' };
    const d = await this.client[get[type ?? 'object']](flag, fallback, this.context);
    return { value: d.value, variant: d.variant ?? null, reason: d.reason ?? null, errorCode: d.errorCode ?? null };
  }
}
