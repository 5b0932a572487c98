package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Keys of an experiment as options: any by {@code --set}, the usual ones by their own names. */
final class ExperimentKeys {
    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Set a key (see --settings). May be given often.")
    private List<String> set = new ArrayList<>();

    @Option(names = "--model", paramLabel = "DIR", description = "Key model: a checkpoint folder.")
    private @Nullable String model;

    @Option(names = "--prompts", paramLabel = "FILE", description = "Key prompts: a file, one a line.")
    private @Nullable String prompts;

    @Option(names = "--horizon", paramLabel = "T", description = "Key horizon: tokens after which texts are cut.")
    private @Nullable String horizon;

    @Option(names = "--reward", paramLabel = "R", description = "Key reward: of texts, or a world's.")
    private @Nullable String reward;

    @Option(names = "--probe", paramLabel = "TEXT", description = "Key probe: a prompt that is never rewarded.")
    private @Nullable String probe;

    @Option(
            names = "--readings",
            paramLabel = "a,b,c,d",
            description = "Key readings of fifty-copies, on the model too.")
    private @Nullable String readings;

    @Option(names = "--beta", paramLabel = "B", description = "Key beta: KL coefficient.")
    private @Nullable String beta;

    @Option(names = "--steps", paramLabel = "N", description = "Key steps of training.")
    private @Nullable String steps;

    @Option(names = "--samples", paramLabel = "N", description = "Key samples: texts a prompt and step.")
    private @Nullable String samples;

    @Option(names = "--lr", paramLabel = "X", description = "Key lr: learning rate.")
    private @Nullable String rate;

    @Option(names = "--most", paramLabel = "NATS", description = "Key most of certified: what either KL may be.")
    private @Nullable String most;

    @Option(names = "--save", paramLabel = "DIR", description = "Key save of certified: where the policy is saved.")
    private @Nullable String save;

    /** Whether a language model of the user's own is named. */
    boolean namesModel() {
        return model != null || set.stream().anyMatch(each -> each.startsWith("model="));
    }

    /** What was given, all of it keys of the experiment. */
    Map<String, String> given(Experiment experiment) {
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

    /** Those of what was given that the experiment has. */
    Map<String, String> known(Experiment experiment) {
        Map<String, String> given = all();
        List<String> known =
                experiment.settings().stream().map(ExperimentKey::key).toList();
        given.keySet().retainAll(known);
        copyReadings(given, known);
        return given;
    }

    private void copyReadings(Map<String, String> given, List<String> known) {
        if (readings != null && known.contains("transformer.readings")) {
            given.putIfAbsent("transformer.readings", readings);
        }
    }

    private Map<String, String> all() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "model", model);
        put(given, "prompts", prompts);
        put(given, "horizon", horizon);
        put(given, "reward", reward);
        put(given, "probe", probe);
        put(given, "readings", readings);
        put(given, "beta", beta);
        put(given, "steps", steps);
        put(given, "samples", samples);
        put(given, "lr", rate);
        put(given, "most", most);
        put(given, "save", save);
        for (String each : set) {
            int equals = each.indexOf('=');
            if (equals <= 0) {
                throw InputException.ofSetting("set", each, "it is KEY=VALUE; --settings prints the keys");
            }
            given.put(each.substring(0, equals).trim(), each.substring(equals + 1));
        }
        return given;
    }

    private static void put(Map<String, String> given, String key, @Nullable String value) {
        if (value != null) {
            given.put(key, value);
        }
    }
}
