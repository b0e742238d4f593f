// What the test page runs: the browser SDKs, and a React component that shows its flags.
import * as Js from '@launchdarkly/js-client-sdk';
import * as LegacyJs from 'launchdarkly-js-client-sdk';
import * as Js2 from 'launchdarkly-js-client-sdk-2';
import * as OldestJs from 'ldclient-js';
import { asyncWithLDProvider, useFlags, useLDClient, useLDClientError } from 'launchdarkly-react-client-sdk';
import { createRoot } from 'react-dom/client';
import { OpenFeature } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { makers, Sessions } from './session.mjs';

const sdks = { Js, LegacyJs, Js2, OldestJs };

function Flags({ told }) {
  told({ client: useLDClient(), error: useLDClientError() ?? null });
  return <pre id="flags">{JSON.stringify(useFlags())}</pre>;
}

/** React has no client to ask for flags: what it shows is what counts. */
class React {
  async answer(command) {
    if (command.cmd === 'init') {
      const Provider = await asyncWithLDProvider({
        clientSideID: command.envId,
        context: command.context,
        timeout: command.timeoutMs / 1000,
        reactOptions: { useCamelCaseFlagKeys: false },
        options: {
          baseUrl: command.baseUrl,
          streamUrl: command.baseUrl,
          eventsUrl: command.baseUrl,
          streaming: true,
          application: { id: 'conformance', version: '1.2' },
        },
      });
      const { client, error } = await new Promise((told) =>
        createRoot(document.getElementById('root')).render(<Provider><Flags told={told} /></Provider>),
      );
      this.client = client;
      return { initialized: error === null, error: error && String(error) };
    }
    if (command.cmd === 'evaluate') {
      const shown = JSON.parse(document.getElementById('flags').textContent);
      return { value: shown[command.flag] ?? command.default };
    }
    if (command.cmd === 'track') {
      this.client.track(command.event, command.data, command.metric);
      return {};
    }
    if (command.cmd === 'flush') {
      await this.client.flush();
      return {};
    }
    const until = Date.now() + command.timeoutMs;
    for (;;) {
      const shown = JSON.parse(document.getElementById('flags')?.textContent ?? '{}');
      const met = JSON.stringify(shown[command.flag]) === JSON.stringify(command.value);
      if (met || Date.now() > until) return { met, seen: shown[command.flag] ?? null };
      await new Promise((done) => setTimeout(done, 5));
    }
  }
}

/** OpenFeature by the remote evaluation protocol: polls, and keeps what it got. */
class Ofrep {
  async answer(command) {
    if (command.cmd === 'init') {
      await OpenFeature.setContext(command.context);
      const headers = [['Authorization', `Bearer ${command.envId}`]];
      this.client = OpenFeature.getClient();
      const provider = new OFREPWebProvider({ baseUrl: command.baseUrl, headers, pollInterval: command.pollMs ?? 200 });
      const error = await OpenFeature.setProviderAndWait(provider).then(() => null, String);
      return { initialized: error === null, error };
    }
    if (command.cmd === 'identify') {
      await OpenFeature.setContext(command.context);
      return {};
    }
    const details = () => this.client.getObjectDetails(command.flag, null);
    const until = Date.now() + (command.timeoutMs ?? 0);
    for (;;) {
      const seen = await this.seen(command);
      const met = JSON.stringify(seen.value) === JSON.stringify(command.value);
      if (command.cmd === 'evaluate') return seen;
      if (met || Date.now() > until) return { met, seen };
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  seen({ flag, type }) {
    const fallback = { boolean: false, string: '', number: 0, object: null }[type ?? 'object'];
    const get = { boolean: 'getBooleanDetails', string: 'getStringDetails', number: 'getNumberDetails', object: 'getObjectDetails' };
    const d = this.client[get[type ?? 'object']](flag, fallback);
    return { value: d.value, variant: d.variant ?? null, reason: d.reason ?? null, errorCode: d.errorCode ?? null };
  }
}

window.lane = {
  begin(sdk) {
    const others = { react: React, 'ofrep-web': Ofrep };
    this.sessions = others[sdk] ? new others[sdk]() : new Sessions(makers[sdk](sdks));
  },
  answer(command) {
    return this.sessions.answer(command);
  },
};
