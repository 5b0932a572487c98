package dev.credence.app.options;

import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.LogFormat;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.lab.audits.LogReading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a rollout log is read. */
public final class LogOptions {
    @Option(
            names = "--field",
            paramLabel = "FIELD=PATH",
            description = "Where the log keeps a field, such as logp_policy=logprobs.sum. May be given several times.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--value",
            paramLabel = "WORD=MEANING",
            description = "What the log's words for its sources mean, such as ref=prior,pi=policy; of another field:"
                    + " finished:eos=stop, split:test=heldout. May be given several times.")
    private List<String> values = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "TOOL",
            completionCandidates = Names.OfFormats.class,
            description = "Names of another tool's dump: trl, verl or openrlhf.")
    private @Nullable String format;

    @Option(names = "--skip-bad", description = "Leave records out that break a rule, and count them.")
    private boolean skipBad;

    @Option(
            names = "--together",
            description = "Audit several files as one policy's draws although their names say different policies.")
    private boolean together;

    /** For the parser, which fills the fields. */
    public LogOptions() {}

    /** {@return how it is read} */
    public LogReading reading() {
        FieldMap map =
                format == null ? FieldMap.standard() : LogFormat.of(format).fields();
        for (String field : fields) {
            map = map.with(field);
        }
        for (String value : values) {
            map = map.withValues(value);
        }
        return new LogReading(
                map,
                skipBad ? ReadOptions.BadRecords.SKIP : ReadOptions.BadRecords.FAIL,
                together ? LogReading.Pooling.TOGETHER : LogReading.Pooling.BY_NAME);
    }

    /** {@return whether it is another tool's dump} */
    public boolean isOfTool() {
        return format != null;
    }

    /**
     * What the provenance says of it.
     *
     * @param settings of the provenance, added to
     */
    public void describe(Map<String, String> settings) {
        if (format != null) {
            settings.put("format", format);
        }
        if (!fields.isEmpty()) {
            settings.put("fields", String.join(", ", fields));
        }
        if (!values.isEmpty()) {
            settings.put("values", String.join(", ", values));
        }
        if (skipBad) {
            settings.put("skip-bad", "yes");
        }
        if (together) {
            settings.put("together", "yes");
        }
    }
}
