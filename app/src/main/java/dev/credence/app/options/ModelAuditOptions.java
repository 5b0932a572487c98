package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.hub.EndChoice;
import dev.credence.lab.audits.RolloutSettings;
import dev.credence.lab.models.ModelPrecision;
import dev.credence.lab.models.OpenModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How rollouts are drawn from two models for an audit, or their completions enumerated. */
public final class ModelAuditOptions {
    @Option(
            names = "--prior",
            paramLabel = "MODEL",
            description =
                    "The prior's checkpoint folder or a server's http://HOST:PORT/v1#MODEL; --policy is then the tuned one's. Where that is BASE+ADAPTER"
                            + " the default is BASE. Without a LOG rollouts"
                            + " are drawn from both; a LOG is completed: scored, and drawn where one of the two is missing.")
    private @Nullable String prior;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description = "Prompts, one a line: text, or JSON strings, or objects with prompt and prompt_weight.")
    private @Nullable String prompts;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Texts a prompt and model to score under both, about so many (default 1,000).")
    private @Nullable Integer samples;

    @Option(
            names = "--draws",
            paramLabel = "N",
            description = "Texts a prompt to draw from the prior, of which about --samples are kept by their reward and"
                    + " scored (default: as many as the posteriors need, for 200 seconds, or four times what the"
                    + " samples took if that is more, or --budget at most).")
    private @Nullable Integer draws;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "T",
            description = "Tokens after which a drawn text is cut (default 64; of a LOG, its longest text).")
    private @Nullable Integer maxNewTokens;

    @Option(
            names = "--bridge",
            paramLabel = "MODEL",
            description =
                    "A third checkpoint folder, between the two: --samples texts a prompt are drawn from it as well,"
                            + " and every text is scored under all three.")
    private @Nullable String bridge;

    @Option(
            names = "--tilts",
            paramLabel = "L1,L2",
            split = ",",
            description = "Also --samples exact draws a prompt of prior e^(L reward)/Z for each L, where the reward is"
                    + " followed token by token (count, contains, regex, ...); their Z is solved for by the audit.")
    private List<Double> tilts = new ArrayList<>();

    @Option(names = "--budget", paramLabel = "SECONDS", description = "Draw no more after this time.")
    private @Nullable Double budget;

    @Option(
            names = "--precision",
            paramLabel = "W|auto|fp32|bf16",
            completionCandidates = Names.OfPrecisions.class,
            description =
                    "A number: draw no more once the intervals of the Bayes fraction and of KL(policy, asked) stand"
                            + " and are narrower, the latter as a share of the whole move. A word: in what both models compute, fp32"
                            + " (the default; weights stored in 16 bits stay so in memory and are multiplied exactly), bf16, or auto,"
                            + " the prior's own type. May be given once of each.")
    private List<String> precision = new ArrayList<>();

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Write the drawn log there (Parquet where the name ends so, else JSON Lines), rather than"
                    + " into a run's folder; a completed one rather than beside the LOG.")
    private @Nullable String log;

    @Option(
            names = "--run",
            paramLabel = "NAME",
            description =
                    "Name of the run's folder below runs/ (default: the policy's name; numbered if it is there). A run"
                            + " that was broken off goes on in its folder.")
    private @Nullable String run;

    @Option(names = "--exact", description = "Enumerate every completion up to --horizon tokens instead of drawing.")
    private boolean exact;

    @Option(names = "--horizon", paramLabel = "T", description = "With --exact: tokens after which texts are cut.")
    private @Nullable Integer horizon;

    @Mixin
    private BeginOption begin = new BeginOption();

    @Mixin
    private EndOption end = new EndOption();

    /** For the parser, which fills the fields. */
    public ModelAuditOptions() {}

    /** {@return the prior's folder, or null where no models are named} */
    public @Nullable String prior() {
        return prior;
    }

    /**
     * Without a prior's own option it is the model that the policy is an adapter of.
     *
     * @param policy its folder, BASE+ADAPTER for one with an adapter
     */
    public void defaultToBaseOf(String policy) {
        if (prior == null) {
            prior = OpenModel.base(policy);
        }
    }

    /** {@return the file of prompts, or null} */
    public @Nullable String prompts() {
        return prompts;
    }

    /** {@return the file of the drawn or completed log, or null} */
    public @Nullable String log() {
        return log;
    }

    /** {@return the run's name, or null} */
    public @Nullable String run() {
        return run;
    }

    /** {@return whether completions are enumerated rather than drawn} */
    public boolean exact() {
        return exact;
    }

    /** {@return what ends a text} */
    public EndChoice end() {
        return end.choice();
    }

    /** {@return in what both models compute} */
    public ModelPrecision precision() {
        String word = only(precision.stream().filter(ModelPrecision::isNamed).toList());
        return word == null ? ModelPrecision.FP32 : ModelPrecision.of(word);
    }

    private @Nullable Double width() {
        String number = only(
                precision.stream().filter(one -> !ModelPrecision.isNamed(one)).toList());
        try {
            return number == null ? null : Double.valueOf(number);
        } catch (NumberFormatException e) {
            throw InputException.ofSetting(
                    "precision", String.valueOf(number), "it is a number above 0, or auto, fp32 or bf16");
        }
    }

    private static @Nullable String only(List<String> given) {
        if (given.size() > 1) {
            throw InputException.ofSetting("precision", String.join(",", given), "these contradict each other");
        }
        return given.isEmpty() ? null : given.get(0);
    }

    /** {@return how texts are drawn} */
    public RolloutSettings settings() {
        return new RolloutSettings(
                samples, draws, maxNewTokens, bridge, tilts, budget, width(), begin.begin(), end.choice());
    }

    /** {@return where texts are cut that are enumerated} */
    public int horizon() {
        return horizon == null ? 1 : horizon;
    }

    /**
     * Refuses numbers that are none, and options that would change nothing.
     *
     * @param hasLog whether there is a log
     * @throws InputException naming the option
     */
    public void check(boolean hasLog) {
        settings();
        precision();
        if (horizon != null && !(horizon > 0)) {
            throw InputException.ofSetting("horizon", horizon.toString(), "it must be a finite number above 0");
        }
        if (prior == null) {
            needsPrior("prompts", prompts);
            needsPrior("samples", samples);
            needsPrior("draws", draws);
            needsPrior("bridge", bridge);
            needsPrior("tilts", tilts.isEmpty() ? null : tilts);
            needsPrior("max-new-tokens", maxNewTokens);
            needsPrior("budget", budget);
            needsPrior("precision", precision.isEmpty() ? null : String.join(",", precision));
            needsPrior("log", log);
            needsPrior("run", run);
            needsPrior("exact", exact ? "given" : null);
            needsPrior("horizon", horizon);
            return;
        }
        if (hasLog && prompts != null) {
            throw InputException.ofSetting("prompts", prompts, "a LOG has its own prompts");
        }
        if (draws != null && (hasLog || exact)) {
            throw InputException.ofSetting("draws", draws.toString(), "it thins texts that are drawn for a new log");
        }
        if (!tilts.isEmpty() && (hasLog || exact)) {
            String given = tilts.stream().map(String::valueOf).collect(Collectors.joining(","));
            throw InputException.ofSetting("tilts", given, "they are drawn for a new log");
        }
        if (bridge != null && (hasLog || exact)) {
            throw InputException.ofSetting("bridge", bridge, "it is drawn from and scores for a new log");
        }
        if (hasLog && exact) {
            throw InputException.ofSetting("exact", "given", "it enumerates; a LOG is drawn");
        }
        if (!hasLog && prompts == null) {
            throw InputException.ofSetting("prompts", "missing", "name a file of prompts, or a LOG to complete");
        }
        if (exact && horizon == null) {
            throw InputException.ofSetting("horizon", "missing", "--exact needs the length at which texts are cut");
        }
        if (!exact && horizon != null) {
            throw InputException.ofSetting("horizon", String.valueOf(horizon), "it belongs to --exact");
        }
    }

    private static void needsPrior(String option, @Nullable Object value) {
        if (value != null) {
            throw InputException.ofSetting(
                    option, value.toString(), "it is about models: name them with --prior, --policy");
        }
    }

    /**
     * Writes down what was asked, and what the models say of themselves.
     *
     * @param settings of the provenance, added to
     * @param facts of the models
     */
    public void describe(Map<String, String> settings, Map<String, String> facts) {
        settings.put("bos", begin.word());
        settings.putAll(facts);
        put(settings, "samples", exact ? null : samples);
        put(settings, "draws", draws);
        put(settings, "max-new-tokens", maxNewTokens);
        put(settings, "bridge", bridge);
        put(settings, "tilts", tilts.isEmpty() ? null : tilts);
        put(settings, "budget", budget);
        put(settings, "precision", width());
        put(settings, "horizon", horizon);
    }

    private static void put(Map<String, String> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.put(name, value.toString());
        }
    }
}
