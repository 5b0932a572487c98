package dev.credence.worlds;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.NumberText;
import dev.credence.worlds.RawPrompt.Cell;
import dev.credence.worlds.RawPrompt.RawTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks what a file says and makes a world or a policy of it; the rules of YAML and CSV alike. */
final class WorldBuilder {
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?");

    private final String file;

    WorldBuilder(String file) {
        this.file = file;
    }

    TableWorld world(Map<String, RawPrompt> prompts) {
        RawPrompt first = prompts.values().iterator().next();
        Set<String> rewardNames = first.rewards.keySet();
        Map<String, Distribution> priors = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        Map<String, Map<String, Map<String, Double>>> rewards = new LinkedHashMap<>();
        for (Map.Entry<String, RawPrompt> entry : prompts.entrySet()) {
            RawPrompt raw = entry.getValue();
            if (raw.prior == null) {
                throw missing(raw.path + "prior", raw.line, "every prompt needs its prior");
            }
            Distribution prior = distribution(raw.prior, raw.normalise);
            priors.put(entry.getKey(), prior);
            weights.put(entry.getKey(), weight(raw));
            requireSameNames(raw, rewardNames);
            for (Map.Entry<String, RawTable> named : raw.rewards.entrySet()) {
                rewards.computeIfAbsent(named.getKey(), name -> new LinkedHashMap<>())
                        .put(entry.getKey(), rewardValues(named.getValue(), prior));
            }
        }
        TableModel prior = TableModel.of(priors, weights);
        Map<String, TableReward> named = new LinkedHashMap<>();
        rewards.forEach((name, byPrompt) -> named.put(name, new TableReward(name, byPrompt)));
        boolean anyPolicy = prompts.values().stream().anyMatch(raw -> raw.policy != null);
        return new TableWorld(prior, named, anyPolicy ? policy(prompts, prior) : null);
    }

    /** A policy over the prior's prompts and outcomes. */
    TableModel policy(Map<String, RawPrompt> prompts, TableModel prior) {
        for (Map.Entry<String, RawPrompt> entry : prompts.entrySet()) {
            if (!prior.prompts().contains(entry.getKey())) {
                throw new InputException(
                        file,
                        entry.getValue().line,
                        "prompts",
                        "'" + entry.getKey() + "'",
                        "the prior has no such prompt; " + NearestName.hint(entry.getKey(), prior.prompts()));
            }
        }
        return prior.map((prompt, distribution) -> {
            RawPrompt raw = prompts.get(prompt);
            if (raw == null) {
                throw missing("prompts." + prompt, 0, "the prior has this prompt, so the policy needs it");
            }
            if (raw.policy == null) {
                throw missing(raw.path + "policy", raw.line, "every prompt needs the policy, or none");
            }
            requireOutcomes(raw.policy, distribution, "give 0 where the policy excludes it");
            Distribution given = distribution(raw.policy, raw.normalise);
            Map<String, Double> inPriorsOrder = new LinkedHashMap<>();
            distribution.outcomes().forEach(outcome -> inPriorsOrder.put(outcome, given.probability(outcome)));
            return Distribution.normalised(inPriorsOrder);
        });
    }

    double number(String field, Cell cell) {
        if (!NUMBER.matcher(cell.text()).matches()) {
            boolean empty = cell.text().isBlank();
            throw new InputException(
                    file,
                    cell.line(),
                    field,
                    empty ? "missing" : "'" + cell.text() + "'",
                    "it must be a finite number");
        }
        try {
            return NumberText.parse(cell.text());
        } catch (NumberFormatException e) {
            throw new InputException(
                    file, cell.line(), field, cell.text(), "it must be a finite number that a double can hold");
        }
    }

    private Distribution distribution(RawTable table, boolean normalise) {
        if (table.cells().isEmpty()) {
            throw new InputException(file, table.line(), table.path(), "empty", "it needs at least one outcome");
        }
        Map<String, Double> values = new LinkedHashMap<>();
        double sum = 0;
        for (Map.Entry<String, Cell> entry : table.cells().entrySet()) {
            String field = table.path() + "." + entry.getKey();
            double value = number(field, entry.getValue());
            if (!(value >= 0 && (normalise || value <= 1))) {
                String rule = normalise ? "a weight must be >= 0" : "a probability must be in [0, 1]";
                throw new InputException(
                        file, entry.getValue().line(), field, entry.getValue().text(), rule);
            }
            values.put(entry.getKey(), value);
            sum += value;
        }
        if (normalise
                ? !(sum > 0 && sum < Double.POSITIVE_INFINITY)
                : !(Math.abs(sum - 1) <= Distribution.SUM_TOLERANCE)) {
            String rule = normalise
                    ? "weights must have a positive, finite sum"
                    : "probabilities must sum to 1 (within 1e-9); for weights say normalise: true";
            throw new InputException(file, table.line(), table.path(), "a sum of " + sum, rule);
        }
        return Distribution.normalised(values);
    }

    private Map<String, Double> rewardValues(RawTable table, Distribution prior) {
        requireOutcomes(table, prior, "every outcome of the prior needs its reward");
        Map<String, Double> values = new LinkedHashMap<>();
        table.cells().forEach((outcome, cell) -> values.put(outcome, number(table.path() + "." + outcome, cell)));
        return values;
    }

    private void requireOutcomes(RawTable table, Distribution prior, String whyAll) {
        for (Map.Entry<String, Cell> entry : table.cells().entrySet()) {
            if (prior.indexOf(entry.getKey()) < 0) {
                throw new InputException(
                        file,
                        entry.getValue().line(),
                        table.path() + "." + entry.getKey(),
                        entry.getValue().text(),
                        "the prior has no such outcome; " + NearestName.hint(entry.getKey(), some(prior.outcomes())));
            }
        }
        for (String outcome : prior.outcomes()) {
            if (!table.cells().containsKey(outcome)) {
                throw missing(table.path() + "." + outcome, table.line(), whyAll);
            }
        }
    }

    /** A message lists no more names than one reads. */
    private static List<String> some(List<String> names) {
        return names.subList(0, Math.min(names.size(), 20));
    }

    private void requireSameNames(RawPrompt raw, Set<String> names) {
        for (String name : names) {
            if (!raw.rewards.containsKey(name)) {
                throw missing(raw.path + "rewards." + name, raw.line, "every prompt needs the same rewards");
            }
        }
        for (Map.Entry<String, RawTable> entry : raw.rewards.entrySet()) {
            if (!names.contains(entry.getKey())) {
                throw new InputException(
                        file,
                        entry.getValue().line(),
                        entry.getValue().path(),
                        "a reward the first prompt lacks",
                        "every prompt needs the same rewards");
            }
        }
    }

    private double weight(RawPrompt raw) {
        @Nullable Cell cell = raw.weight;
        if (cell == null) {
            return 1;
        }
        double weight = number(raw.path + "weight", cell);
        if (!(weight > 0)) {
            throw new InputException(file, cell.line(), raw.path + "weight", cell.text(), "it must be positive");
        }
        return weight;
    }

    private InputException missing(String field, long line, String rule) {
        return new InputException(file, line, field, "missing", rule);
    }
}
