package dev.credence.app.command;

import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.data.rollouts.ReadOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a rollout log is read. */
final class LogOptions {
    @Option(
            names = "--field",
            paramLabel = "FIELD=PATH",
            description = "Where the log keeps a field, such as logp_policy=logprobs.sum. May be given several times.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "TOOL",
            description = "Names of another tool's dump: trl, verl or openrlhf.")
    private @Nullable String format;

    @Option(names = "--skip-bad", description = "Leave records out that break a rule, and count them.")
    private boolean skipBad;

    @Option(
            names = "--together",
            description = "Audit several files as one policy's draws although their names say different policies.")
    private boolean together;

    ReadOptions read(long seed, Map<String, RewardExpression> rewards) {
        FieldMap map =
                format == null ? FieldMap.standard() : LogFormat.of(format).fields();
        for (String field : fields) {
            map = map.with(field);
        }
        return ReadOptions.standard(seed)
                .withFields(map)
                .withRewards(rewards)
                .withBadRecords(skipBad ? ReadOptions.BadRecords.SKIP : ReadOptions.BadRecords.FAIL);
    }

    boolean skipsBad() {
        return skipBad;
    }

    /** Whether files that look like different policies' are one log. */
    boolean isTogether() {
        return together;
    }

    void describe(Map<String, String> settings) {
        if (format != null) {
            settings.put("format", format);
        }
        if (!fields.isEmpty()) {
            settings.put("fields", String.join(", ", fields));
        }
        if (skipBad) {
            settings.put("skip-bad", "yes");
        }
        if (together) {
            settings.put("together", "yes");
        }
    }
}
