package conformance;

import com.launchdarkly.logging.LDLogLevel;
import com.launchdarkly.logging.LogCapture;
import com.launchdarkly.logging.Logs;
import com.launchdarkly.sdk.EvaluationDetail;
import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.LDValue;
import com.launchdarkly.sdk.ObjectBuilder;
import com.launchdarkly.sdk.json.JsonSerialization;
import com.launchdarkly.sdk.json.SerializationException;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.FlagsStateOption;
import com.launchdarkly.sdk.server.LDClient;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.integrations.PollingDataSourceBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;

/** One SDK client and the warnings it logged. */
final class Session {
  private final LogCapture logs = Logs.capture();
  private final LDClient client;

  Session(LDValue command) {
    String base = command.get("baseUrl").stringValue();
    LDValue events = command.get("eventsUrl");
    var config =
        new LDConfig.Builder()
            .serviceEndpoints(
                Components.serviceEndpoints()
                    .streaming(base)
                    .polling(base)
                    .events(events.isNull() ? base : events.stringValue()))
            .applicationInfo(
                Components.applicationInfo().applicationId("conformance").applicationVersion("1.2"))
            .logging(Components.logging(Logs.level(logs, LDLogLevel.WARN)))
            .startWait(Duration.ofMillis(command.get("timeoutMs").longValue()));
    switch (command.get("mode").stringValue()) {
      // The newer protocol, as the SDK uses it by default and by polling alone.
      case "fdv2-streaming":
        config.dataSystem(Components.dataSystem().defaultMode());
        break;
      case "fdv2-polling":
        config.dataSystem(Components.dataSystem().polling());
        break;
      case "polling":
        config.dataSource(polling(command.get("pollIntervalMs")));
        break;
      default:
    }
    client = new LDClient(command.get("sdkKey").stringValue(), config.build());
  }

  private static PollingDataSourceBuilder polling(LDValue interval) {
    var polling = Components.pollingDataSource();
    return interval.isNull() ? polling : polling.pollInterval(Duration.ofMillis(interval.longValue()));
  }

  ObjectBuilder status() {
    var status = client.getDataSourceStatusProvider().getStatus();
    var error = status.getLastError();
    LDValue lastError = LDValue.ofNull();
    if (error != null) {
      lastError =
          LDValue.buildObject()
              .put("kind", error.getKind().toString())
              .put("status", error.getStatusCode() == 0 ? loggedStatus() : error.getStatusCode())
              .put("message", error.getMessage())
              .build();
    }
    return LDValue.buildObject()
        .put("initialized", client.isInitialized())
        .put("state", status.getState().toString())
        .put("lastError", lastError);
  }

  /** With the newer data system the status gets lost on the way; the log lines have it. */
  private int loggedStatus() {
    var refused = Pattern.compile("^(?:Polling request failed|Error in FDv2).* HTTP error:? (\\d{3})$");
    for (LogCapture.Message message : logs.getMessages()) {
      var found = refused.matcher(message.getText());
      if (found.find()) {
        return Integer.parseInt(found.group(1));
      }
    }
    return 0;
  }

  ObjectBuilder evaluate(LDValue item) throws SerializationException {
    EvaluationDetail<LDValue> detail =
        client.jsonValueVariationDetail(
            item.get("flag").stringValue(), Driver.context(item), item.get("default"));
    int index = detail.getVariationIndex();
    boolean none = index == EvaluationDetail.NO_VARIATION;
    return LDValue.buildObject()
        .put("value", LDValue.normalize(detail.getValue()))
        .put("variation", none ? LDValue.ofNull() : LDValue.of(index))
        .put("reason", LDValue.parse(JsonSerialization.serialize(detail.getReason())));
  }

  ObjectBuilder allFlags(LDValue command) throws SerializationException {
    LDContext context = Driver.context(command);
    var state = client.allFlagsState(context, FlagsStateOption.WITH_REASONS);
    return LDValue.buildObject()
        .put("valid", state.isValid())
        .put("state", LDValue.parse(JsonSerialization.serialize(state)));
  }

  void track(LDValue command) throws SerializationException {
    LDContext context = Driver.context(command);
    String event = command.get("event").stringValue();
    LDValue metric = command.get("metric");
    if (metric.isNull()) {
      client.trackData(event, context, command.get("data"));
    } else {
      client.trackMetric(event, context, command.get("data"), metric.doubleValue());
    }
  }

  void flush() {
    client.flush();
  }

  ObjectBuilder logs() {
    var lines = LDValue.buildArray();
    for (LogCapture.Message message : logs.getMessages()) {
      lines.add(
          LDValue.buildObject()
              .put("level", message.getLevel().toString().toLowerCase())
              .put("message", message.getText())
              .build());
    }
    return LDValue.buildObject().put("logs", lines.build());
  }

  void close() throws IOException {
    client.close();
  }
}
