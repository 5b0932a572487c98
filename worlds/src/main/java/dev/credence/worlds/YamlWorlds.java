package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.worlds.RawPrompt.Cell;
import dev.credence.worlds.RawPrompt.RawTable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From the fields of a YAML file to prompts, unchecked in their numbers. */
final class YamlWorlds {
    private static final List<String> TABLES = List.of("prior", "reward", "rewards", "policy", "normalise");
    private static final List<String> TOP = List.of("prior", "reward", "rewards", "policy", "normalise", "prompts");
    private static final List<String> OF_PROMPT =
            List.of("prior", "reward", "rewards", "policy", "normalise", "weight");

    private final String file;

    YamlWorlds(String file) {
        this.file = file;
    }

    Map<String, RawPrompt> prompts(Map<String, YamlNode> root) {
        requireKnown(root, "", TOP);
        boolean normalise = normalise(root, "", false);
        YamlNode prompts = root.get("prompts");
        if (prompts == null) {
            RawPrompt only = prompt(root, "", 0, normalise);
            return Map.of("", only);
        }
        for (String field : TABLES) {
            YamlNode beside = root.get(field);
            if (beside != null && !field.equals("normalise")) {
                throw new InputException(
                        file,
                        beside.line(),
                        field,
                        "beside 'prompts'",
                        "with several prompts it belongs under each of them");
            }
        }
        Map<String, RawPrompt> byPrompt = new LinkedHashMap<>();
        for (Map.Entry<String, YamlNode> entry : prompts.map(file, "prompts").entrySet()) {
            String path = "prompts." + entry.getKey();
            Map<String, YamlNode> fields = entry.getValue().map(file, path);
            requireKnown(fields, path + ".", OF_PROMPT);
            byPrompt.put(
                    entry.getKey(),
                    prompt(fields, path + ".", entry.getValue().line(), normalise(fields, path + ".", normalise)));
        }
        if (byPrompt.isEmpty()) {
            throw new InputException(file, prompts.line(), "prompts", "empty", "it needs at least one prompt");
        }
        return byPrompt;
    }

    /** Also a bare distribution {@code {a: 0.1, …}}, or one for each prompt {@code {q1: {a: 0.1, …}, …}}. */
    Map<String, RawPrompt> policies(Map<String, YamlNode> root, List<String> priorPrompts) {
        if (root.keySet().stream().anyMatch(TOP::contains)) {
            return prompts(root);
        }
        if (root.values().stream().allMatch(node -> node.text() != null)) {
            RawPrompt only = new RawPrompt("", 0, false);
            only.policy = table("policy", new YamlNode(1, null, root, null));
            return Map.of("", only);
        }
        Map<String, RawPrompt> byPrompt = new LinkedHashMap<>();
        root.forEach((prompt, node) -> {
            if (!priorPrompts.contains(prompt)) {
                Set<String> known = new LinkedHashSet<>(priorPrompts);
                known.addAll(TOP);
                throw unknown(node.line(), prompt, known);
            }
            RawPrompt raw = new RawPrompt(prompt + ".", node.line(), false);
            raw.policy = table(prompt, node);
            byPrompt.put(prompt, raw);
        });
        return byPrompt;
    }

    private RawPrompt prompt(Map<String, YamlNode> fields, String path, long line, boolean normalise) {
        RawPrompt raw = new RawPrompt(path, line, normalise);
        raw.prior = optionalTable(fields, path, "prior");
        raw.policy = optionalTable(fields, path, "policy");
        RawTable single = optionalTable(fields, path, "reward");
        if (single != null) {
            raw.rewards.put("reward", single);
        }
        YamlNode several = fields.get("rewards");
        if (several != null) {
            if (single != null) {
                throw new InputException(
                        file,
                        several.line(),
                        path + "rewards",
                        "beside 'reward'",
                        "give 'reward' or 'rewards', not both");
            }
            several.map(file, path + "rewards")
                    .forEach((name, node) -> raw.rewards.put(name, table(path + "rewards." + name, node)));
        }
        YamlNode weight = fields.get("weight");
        if (weight != null) {
            raw.weight = new Cell(weight.scalar(file, path + "weight"), weight.line());
        }
        return raw;
    }

    private @Nullable RawTable optionalTable(Map<String, YamlNode> fields, String path, String name) {
        YamlNode node = fields.get(name);
        return node == null ? null : table(path + name, node);
    }

    private RawTable table(String path, YamlNode node) {
        RawTable table = new RawTable(path, node.line());
        node.map(file, path)
                .forEach((outcome, value) ->
                        table.cells().put(outcome, new Cell(value.scalar(file, path + "." + outcome), value.line())));
        return table;
    }

    private boolean normalise(Map<String, YamlNode> fields, String path, boolean otherwise) {
        YamlNode node = fields.get("normalise");
        if (node == null) {
            return otherwise;
        }
        String text = node.scalar(file, path + "normalise");
        if (!text.equals("true") && !text.equals("false")) {
            throw new InputException(file, node.line(), path + "normalise", text, "it must be true or false");
        }
        return text.equals("true");
    }

    private void requireKnown(Map<String, YamlNode> fields, String path, Collection<String> known) {
        fields.forEach((name, node) -> {
            if (!known.contains(name)) {
                throw unknown(node.line(), path + name, known);
            }
        });
    }

    private InputException unknown(long line, String field, Collection<String> known) {
        String name = field.substring(field.lastIndexOf('.') + 1);
        return new InputException(file, line, field, "not a field of a world", NearestName.hint(name, known));
    }
}
