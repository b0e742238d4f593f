export interface Sdk {
  id: string;
  label: string;
  install: string;
  language: string;
  code: (at: string, key: string, flag: string) => string;
}

/** Server-side SDKs that are tested with this server; what they need besides the key is its address. */
export const SDKS: Sdk[] = [
  {
    id: 'node',
    label: 'Node',
    install: 'npm install @launchdarkly/node-server-sdk',
    language: 'js',
    code: (at, key, flag) => `import { init } from '@launchdarkly/node-server-sdk';

const at = '${at}';
const client = init('${key}', {
  baseUri: at,
  streamUri: at,
  eventsUri: at,
});
await client.waitForInitialization({ timeout: 5 });

const context = { kind: 'user', key: 'ann' };
console.log(await client.variation('${flag}', context, false));`,
  },
  {
    id: 'python',
    label: 'Python',
    install: 'pip install launchdarkly-server-sdk',
    language: 'python',
    code: (at, key, flag) => `import ldclient
from ldclient import Context
from ldclient.config import Config

at = "${at}"
ldclient.set_config(Config(
    "${key}",
    base_uri=at,
    stream_uri=at,
    events_uri=at,
))

context = Context.create("ann")
print(ldclient.get().variation("${flag}", context, False))`,
  },
  {
    id: 'go',
    label: 'Go',
    install: 'go get github.com/launchdarkly/go-server-sdk/v7',
    language: 'go',
    code: (at, key, flag) => `config := ld.Config{
	ServiceEndpoints: ldcomponents.RelayProxyEndpoints("${at}"),
}
key := "${key}"
client, err := ld.MakeCustomClient(key, config, 5*time.Second)
if err != nil {
	log.Fatal(err)
}
on, _ := client.BoolVariation("${flag}", ldcontext.New("ann"), false)
fmt.Println(on)`,
  },
  {
    id: 'java',
    label: 'Java',
    install: 'com.launchdarkly:launchdarkly-java-server-sdk:7.+',
    language: 'java',
    code: (at, key, flag) => `LDConfig config = new LDConfig.Builder()
    .serviceEndpoints(Components.serviceEndpoints().relayProxy("${at}"))
    .build();
LDClient client = new LDClient("${key}", config);
System.out.println(client.boolVariation("${flag}", LDContext.create("ann"), false));`,
  },
  {
    id: 'rust',
    label: 'Rust',
    install: 'cargo add launchdarkly-server-sdk',
    language: 'rust',
    code: (at, key, flag) => `let config = ConfigBuilder::new("${key}")
    .service_endpoints(ServiceEndpointsBuilder::new().relay_proxy("${at}"))
    .build()?;
let client = Client::build(config)?;
client.start_with_default_executor();
client.wait_for_initialization(Duration::from_secs(5)).await;
let context = ContextBuilder::new("ann").build()?;
println!("{}", client.bool_variation(&context, "${flag}", false));`,
  },
];
