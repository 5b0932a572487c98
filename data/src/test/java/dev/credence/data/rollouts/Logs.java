package dev.credence.data.rollouts;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Small logs for tests. */
final class Logs {
    /** A good record of the prior. */
    static final String PRIOR =
            "{\"prompt\":\"p\",\"completion\":\"a\",\"reward\":0.5,\"logp_prior\":-1.5,\"logp_policy\":-2,"
                    + "\"source\":\"prior\"}";

    /** A good record of the policy. */
    static final String POLICY = PRIOR.replace("\"prior\"}", "\"policy\"}");

    private Logs() {}

    static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    static ReadOptions options() {
        return ReadOptions.standard(1).withThreads(2);
    }

    static LogRead read(String... lines) {
        return read(options(), lines);
    }

    /** Reads lines as standard input. */
    static LogRead read(ReadOptions options, String... lines) {
        return new RolloutLogReader(options, bytes(String.join("\n", lines))).read(List.of("-"));
    }
}
