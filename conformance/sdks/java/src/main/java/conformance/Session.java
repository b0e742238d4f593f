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
import java.io.IOException;
import java.time.Duration;

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
            .logging(Components.logging(Logs.level(logs, LDLogLevel.WARN)))
            .startWait(Duration.ofMillis(command.get("timeoutMs").longValue()));
    if (command.get("mode").stringValue().equals("polling")) {
      var polling = Components.pollingDataSource();
      LDValue interval = command.get("pollIntervalMs");
      if (!interval.isNull()) {
        polling.pollInterval(Duration.ofMillis(interval.longValue()));
      }
      config.dataSource(polling);
    }
    client = new LDClient(command.get("sdkKey").stringValue(), config.build());
  }

  ObjectBuilder status() {
    var status = client.getDataSourceStatusProvider().getStatus();
    var error = status.getLastError();
    LDValue lastError = LDValue.ofNull();
    if (error != null) {
      lastError =
          LDValue.buildObject()
              .put("kind", error.getKind().toString())
              .put("status", error.getStatusCode())
              .put("message", error.getMessage())
              .build();
    }
    return LDValue.buildObject()
        .put("initialized", client.isInitialized())
        .put("state", status.getState().toString())
        .put("lastError", lastError);
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
