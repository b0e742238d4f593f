// One client of one official SDK, with the same few methods for all. Runs in a page and in Node.

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** How each SDK is made, started and asked. `make` gives `{client, started}`. */
export const makers = {
  'js-legacy': ({ LegacyJs }) => (o, logger) => {
    const client = LegacyJs.initialize(o.envId, o.context, legacyOptions(o, logger));
    return { client, started: client.waitForInitialization(o.timeoutMs / 1000) };
  },
  'js-2': ({ Js2 }) => ofUsers(Js2),
  'js-oldest': ({ OldestJs }) => ofUsers(OldestJs),
  'node-client': ({ NodeClient }) => (o, logger) => {
    const client = NodeClient.initialize(o.envId, o.context, legacyOptions(o, logger));
    return { client, started: client.waitForInitialization(o.timeoutMs / 1000) };
  },
  js: ({ Js }) => modern(Js, {}),
  'js-fdv2-streaming': ({ Js }) => modern(Js, dataSystem('streaming')),
  'js-fdv2-polling': ({ Js }) => modern(Js, dataSystem('polling')),
};

/** The browser SDK as it was before there were contexts, and applications. */
function ofUsers(Sdk) {
  return (o, logger) => {
    const { application, ...options } = legacyOptions(o, logger);
    const client = Sdk.initialize(o.envId, asUser(o.context), options);
    return { client, started: client.waitForInitialization(), known: asUser };
  };
}

/** A user context as a user: what has no place of its own is custom. */
function asUser({ kind, key, name, ...custom }) {
  return { key, ...(name ? { name } : {}), custom };
}

/** The newer data system in one mode. Polls are as often as the SDK allows, every 30 s. */
function dataSystem(initialConnectionMode) {
  const poll = { type: 'polling', pollInterval: 30 };
  const stream = { type: 'streaming' };
  return {
    // Whoever listens for changes gets a stream unless it says that it wants none.
    streaming: initialConnectionMode === 'streaming',
    dataSystem: {
      automaticModeSwitching: { type: 'manual', initialConnectionMode },
      connectionModes: {
        // Nothing to fall back on: what does not work must not be hidden.
        streaming: { initializers: [poll], synchronizers: [stream] },
        polling: { initializers: [], synchronizers: [poll] },
      },
    },
  };
}

/** The current browser SDK. */
function modern(Js, more) {
  return (o, logger) => {
    const client = Js.createClient(o.envId, o.context, {
      baseUri: o.baseUrl,
      streamUri: o.baseUrl,
      eventsUri: o.eventsUrl ?? o.baseUrl,
      streaming: true,
      withReasons: true,
      useReport: o.useReport ?? false,
      fetchGoals: true,
      applicationInfo: { id: 'conformance', version: '1.2' },
      logger,
      ...more,
    });
    const identifyOptions = { ...(o.hash ? { hash: o.hash } : {}) };
    const bootstrap = o.bootstrap ? { bootstrap: o.bootstrap } : {};
    const start = client.start({ timeout: o.timeoutMs / 1000, identifyOptions, ...bootstrap });
    return { client, started: start.then((r) => r.status === 'complete' || Promise.reject(r.error ?? new Error(r.status))) };
  };
}

function legacyOptions(o, logger) {
  return {
    baseUrl: o.baseUrl,
    streamUrl: o.baseUrl,
    eventsUrl: o.eventsUrl ?? o.baseUrl,
    streaming: true,
    evaluationReasons: true,
    // Else a change that arrives counts as an evaluation.
    sendEventsOnlyForVariation: true,
    application: { id: 'conformance', version: '1.2' },
    useReport: o.useReport ?? false,
    ...(o.hash ? { hash: o.hash } : {}),
    ...(o.bootstrap ? { bootstrap: o.bootstrap } : {}),
    logger,
  };
}

export class Session {
  constructor(make, options) {
    this.logs = [];
    const keep = (level) => (...args) => this.logs.push({ level, message: args.map(String).join(' ') });
    const logger = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
    this.error = null;
    this.initialized = false;
    const { client, started, known = (context) => context } = make(options, logger);
    this.client = client;
    this.known = known;
    this.changes = [];
    client.on('error', (_, e) => (this.error ??= String(e?.message ?? e ?? _?.message ?? _)));
    client.on('change', (...args) => this.changes.push(JSON.stringify(args)));
    this.started = started.then(
      () => (this.initialized = true),
      (e) => (this.error = String(e?.message ?? e)),
    );
  }

  status() {
    return { initialized: this.initialized, error: this.error };
  }

  evaluate(flag, fallback = null) {
    const d = this.client.variationDetail(flag, fallback);
    return { value: d.value ?? null, variation: d.variationIndex ?? null, reason: d.reason ?? null };
  }

  async waitFor({ flag, value, timeoutMs }) {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const seen = this.evaluate(flag);
      if (same(seen.value, value)) return { met: true, seen };
      if (Date.now() > until) return { met: false, seen };
      await pause(5);
    }
  }

  async identify(context, hash) {
    // The legacy SDKs take the hash by itself, the new one among options.
    await this.client.identify(this.known(context), this.client.start ? { hash } : hash);
  }

  async run(command) {
    switch (command.cmd) {
      case 'status':
        return this.status();
      case 'evaluate':
        return this.evaluate(command.flag, command.default);
      case 'wait-for':
        return this.waitFor(command);
      case 'all-flags':
        return { flags: this.client.allFlags() };
      case 'identify':
        await this.identify(command.context, command.hash);
        return {};
      case 'track':
        this.client.track(command.event, command.data, command.metric);
        return {};
      case 'flush':
        await this.client.flush();
        return {};
      case 'logs':
        return { logs: this.logs };
      case 'close':
        await this.client.close();
        return {};
      default:
        throw new Error(`unknown command ${command.cmd}`);
    }
  }
}

/** Keeps sessions by name and answers commands. */
export class Sessions {
  constructor(make) {
    this.make = make;
    this.open = new Map();
  }

  async answer(command) {
    const name = command.client ?? 'main';
    if (command.cmd === 'init') {
      const session = new Session(this.make, command);
      this.open.set(name, session);
      await session.started;
      return session.status();
    }
    const session = this.open.get(name);
    if (!session) throw new Error('no such client');
    if (command.cmd === 'close') this.open.delete(name);
    return session.run(command);
  }
}
