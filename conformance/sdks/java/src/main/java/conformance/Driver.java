package conformance;

import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.LDValue;
import com.launchdarkly.sdk.ObjectBuilder;
import com.launchdarkly.sdk.json.SerializationException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Drives the official Java server SDK: JSON-line commands on stdin, one JSON-line answer each on
 * stdout. The commands are described in ../../README.md.
 */
public final class Driver {
  private final Map<String, Session> sessions = new HashMap<>();

  public static void main(String[] args) throws IOException {
    var driver = new Driver();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(driver.answer(LDValue.parse(line)));
    }
    System.exit(0);
  }

  private String answer(LDValue command) {
    var answer = LDValue.buildObject();
    try {
      LDValue result = run(command).build();
      for (String key : result.keys()) {
        answer.put(key, result.get(key));
      }
      answer.put("ok", true);
    } catch (Exception e) {
      answer.put("ok", false).put("error", e.toString());
    }
    return answer.build().toJsonString();
  }

  private ObjectBuilder run(LDValue command) throws Exception {
    LDValue client = command.get("client");
    String name = client.isNull() ? "main" : client.stringValue();
    String cmd = command.get("cmd").stringValue();
    if (cmd.equals("init")) {
      var session = new Session(command);
      sessions.put(name, session);
      return session.status();
    }
    Session session = sessions.get(name);
    if (session == null) {
      throw new IllegalArgumentException("no such client");
    }
    switch (cmd) {
      case "evaluate":
        return session.evaluate(command);
      case "evaluate-many":
        return evaluateMany(session, command);
      case "wait-for":
        return waitFor(session, command);
      case "all-flags":
        return session.allFlags(command);
      case "status":
        return session.status();
      case "track":
        session.track(command);
        return LDValue.buildObject();
      case "flush":
        session.flush();
        return LDValue.buildObject();
      case "logs":
        return session.logs();
      case "close":
        sessions.remove(name).close();
        return LDValue.buildObject();
      default:
        throw new IllegalArgumentException("unknown command " + cmd);
    }
  }

  private static ObjectBuilder evaluateMany(Session session, LDValue command)
      throws SerializationException {
    var results = LDValue.buildArray();
    for (LDValue item : command.get("items").values()) {
      results.add(session.evaluate(item).build());
    }
    return LDValue.buildObject().put("results", results.build());
  }

  /** Looks every millisecond at first (latencies are measured), then less often. */
  private static ObjectBuilder waitFor(Session session, LDValue command) throws Exception {
    long begin = System.nanoTime();
    while (true) {
      LDValue seen = session.evaluate(command).build();
      var now = java.time.Instant.now();
      double elapsedMs = (System.nanoTime() - begin) / 1e6;
      boolean met = meets(seen, command.get("expect"));
      if (met || elapsedMs > command.get("timeoutMs").doubleValue()) {
        double atMs = now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
        return LDValue.buildObject().put("met", met).put("atMs", atMs).put("seen", seen);
      }
      Thread.sleep(elapsedMs < 3000 ? 1 : 25);
    }
  }

  private static boolean meets(LDValue seen, LDValue expect) {
    for (String member : expect.keys()) {
      LDValue want = expect.get(member);
      if (member.equals("reason")) {
        for (String key : want.keys()) {
          if (!want.get(key).equals(seen.get("reason").get(key))) {
            return false;
          }
        }
      } else if (!want.equals(seen.get(member))) {
        return false;
      }
    }
    return true;
  }

  static LDContext context(LDValue command) throws SerializationException {
    return com.launchdarkly.sdk.json.JsonSerialization.deserialize(
        command.get("context").toJsonString(), LDContext.class);
  }
}
