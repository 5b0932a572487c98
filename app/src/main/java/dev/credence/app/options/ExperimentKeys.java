package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Keys of an experiment as options: any by {@code --set}, the usual ones by their own names. */
public final class ExperimentKeys {
    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set a key (see --settings). May be given often.")
    private List<String> set = new ArrayList<>();

    private final Map<String, OptionSpec> named = new LinkedHashMap<>();

    /** Those with an option of their own. */
    private enum Usual {
        MODEL("DIR", "Key model: a checkpoint folder."),
        PROMPTS("FILE", "Key prompts: a file, one a line."),
        HORIZON("T", "Key horizon: tokens after which texts are cut."),
        REWARD("R", "Key reward: of texts, or a world's."),
        PROBE("TEXT", "Key probe: a prompt that is never rewarded."),
        READINGS("a,b,c,d", "Key readings of fifty-copies, on the model too."),
        BETA("B", "Key beta: KL coefficient."),
        STEPS("N", "Key steps of training."),
        SAMPLES("N", "Key samples: texts a prompt and step."),
        LR("X", "Key lr: learning rate."),
        MOST("NATS", "Key most of certified: what either KL may be."),
        SAVE("DIR", "Key save of certified: where the policy is saved.");

        private final String label;
        private final String help;

        Usual(String label, String help) {
            this.label = label;
            this.help = help;
        }

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** For the parser, which fills the fields. */
    public ExperimentKeys() {}

    /**
     * Adds the usual keys' options to the command.
     *
     * @param command the one that mixes these in
     */
    @Spec(Spec.Target.MIXEE)
    void addTo(CommandSpec command) {
        for (Usual usual : Usual.values()) {
            OptionSpec option = OptionSpec.builder("--" + usual.key())
                    .paramLabel(usual.label)
                    .type(String.class)
                    .description(usual.help)
                    .build();
            command.addOption(option);
            named.put(usual.key(), option);
        }
    }

    /** {@return whether a language model of the user's own is named} */
    public boolean namesModel() {
        return named("model") != null || set.stream().anyMatch(each -> each.startsWith("model="));
    }

    /**
     * What was given, all of it keys of the experiment.
     *
     * @param experiment whose keys
     * @return key to value
     * @throws InputException if it has no such key
     */
    public Map<String, String> given(Experiment experiment) {
        Map<String, String> given = all();
        List<String> known =
                experiment.settings().stream().map(ExperimentKey::key).toList();
        given.forEach((key, value) -> {
            if (!known.contains(key)) {
                throw InputException.ofSetting(
                        key, value, experiment.name() + " has no such key; " + NearestName.hint(key, known));
            }
        });
        copyReadings(given, known);
        return given;
    }

    /**
     * Those of what was given that the experiment has.
     *
     * @param experiment whose keys
     * @return key to value
     */
    public Map<String, String> known(Experiment experiment) {
        Map<String, String> given = all();
        List<String> known =
                experiment.settings().stream().map(ExperimentKey::key).toList();
        given.keySet().retainAll(known);
        copyReadings(given, known);
        return given;
    }

    private void copyReadings(Map<String, String> given, List<String> known) {
        String readings = named("readings");
        if (readings != null && known.contains("transformer.readings")) {
            given.putIfAbsent("transformer.readings", readings);
        }
    }

    private Map<String, String> all() {
        Map<String, String> given = new LinkedHashMap<>();
        for (String key : named.keySet()) {
            String value = named(key);
            if (value != null) {
                given.put(key, value);
            }
        }
        given.putAll(pairs(set));
        return given;
    }

    /**
     * Keys and values as {@code --set} takes them.
     *
     * @param set each KEY=VALUE
     * @return value by key
     */
    public static Map<String, String> pairs(List<String> set) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String each : set) {
            int equals = each.indexOf('=');
            if (equals <= 0) {
                throw InputException.ofSetting("set", each, "it is KEY=VALUE; --settings prints the keys");
            }
            pairs.put(each.substring(0, equals).trim(), each.substring(equals + 1));
        }
        return pairs;
    }

    private @Nullable String named(String key) {
        OptionSpec option = named.get(key);
        return option == null ? null : option.getValue();
    }
}
